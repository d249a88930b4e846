import { actions } from '../actions/index.ts';
import type { Event, EventOf } from '../engine/event.ts';
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/model.ts';
import { fromSnapshot, type Snapshot } from '../inventory/snapshot.ts';
import { Journal } from '../journal/append.ts';
import { lockRun, RunIsBusy } from '../journal/lock.ts';
import { cutTornLine, foldRecords } from '../journal/replay.ts';
import { labInventoryPath } from '../lab/lab-paths.ts';
import { parsePinned } from '../runbook/load.ts';
import { conduct } from './conduct.ts';
import { EXIT, Stop } from './exit-code.ts';
import { planOrStop } from './inputs.ts';
import { locateRun, readOrStop } from './open-run.ts';
import { operatorOf } from './operator.ts';
import type { RunOptions } from './option.ts';
import { type Prepared, prepare } from './prepare.ts';
import { problemLines } from './problem-lines.ts';
import { pickReporter } from './reporter.ts';
import { openTerminal } from './terminal.ts';

/** Reads the journal, cuts a torn line, and goes on with what was pinned. */
export async function resumeRun(word: string, options: RunOptions): Promise<number> {
  const { run, directory } = locateRun(word);
  // Locked before it is read: what another lockstep is just writing would make this reading stale.
  const release = lockOrStop(directory);
  let prepared: Prepared | undefined;
  try {
    const replay = readOrStop(directory);
    const state = foldRecords(replay.records);
    const opened = replay.records[0]?.event;
    if (!state || opened?.type !== 'run.opened')
      throw new Stop(EXIT.usage, `${run} has no first record: nothing was begun`);
    if (state.done) {
      // With --ndjson, stdout is for records only.
      const out = options.ndjson ? process.stderr : process.stdout;
      out.write(`run ${run} is done; nothing is left to resume\n`);
      return EXIT.done;
    }
    const runbook = pinnedRunbook(opened);
    const inventory = await pinnedInventory(opened, options.inventory);
    const at = { id: opened.run, started: opened.started };
    const plan = planOrStop(runbook, inventory, opened.inputs, at);
    const terminal = openTerminal(process.stdin, process.stdout);
    const operator = operatorOf(terminal, process.env);
    const resumed: Event = {
      type: 'run.resumed',
      operator,
      policy: { yes: options.yes === true },
      tornBytes: replay.tornBytes,
      ...(options.reason !== undefined && { reason: options.reason }),
    };
    prepared = await prepare(plan, terminal);
    cutTornLine(directory, replay);
    const journal = Journal.reopen(directory, replay.position);
    const shown = pickReporter(options);
    return await conduct({
      plan,
      prepared,
      run: at,
      directory,
      journal,
      opening: [resumed],
      state,
      operator,
      terminal,
      ...shown,
    });
  } finally {
    await prepared?.reach.close();
    release();
  }
}

function lockOrStop(directory: string): () => void {
  try {
    return lockRun(directory);
  } catch (error) {
    if (error instanceof RunIsBusy) throw new Stop(EXIT.locked, error.message);
    throw error;
  }
}

/** The runbook as it was when the run began, whatever the file says now. */
function pinnedRunbook(opened: EventOf<'run.opened'>) {
  const { runbook, problems } = parsePinned(opened.text, actions);
  if (runbook) return runbook;
  throw new Stop(
    EXIT.stale,
    `the pinned runbook no longer parses with this lockstep:\n${problemLines(problems).trimEnd()}`,
    `resume with lockstep ${opened.versions['lockstep']}`,
  );
}

/** The pinned inventory; today's file only lends the secrets that the snapshot leaves out. */
async function pinnedInventory(
  opened: EventOf<'run.opened'>,
  source: string | undefined,
): Promise<Inventory> {
  const live = await loadInventory(source ?? opened.source.inventory, labInventoryPath).catch(
    () => undefined,
  );
  return fromSnapshot(opened.inventory as Snapshot, live?.inventory);
}
