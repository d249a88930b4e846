import { actions } from '../actions/index.ts';
import type { Event, EventOf } from '../engine/event.ts';
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/model.ts';
import { fromSnapshot, type Snapshot } from '../inventory/snapshot.ts';
import { labInventoryPath } from '../lab/lab-paths.ts';
import { parsePinned } from '../runbook/load.ts';
import { conduct } from './conduct.ts';
import { EXIT, Stop } from './exit-code.ts';
import { planOrStop } from './inputs.ts';
import { operatorOf } from './operator.ts';
import type { RunOptions } from './option.ts';
import { type Prepared, prepare } from './prepare.ts';
import { problemLines } from './problem-lines.ts';
import { reopenRun } from './reopen-run.ts';
import { pickReporter } from './reporter.ts';
import { openTerminal } from './terminal.ts';

/** Reads the journal, cuts a torn line, and goes on with what was pinned. */
export async function resumeRun(word: string, options: RunOptions): Promise<number> {
  const reopened = reopenRun(word);
  const { run, directory, opened, state, replay } = reopened;
  let prepared: Prepared | undefined;
  try {
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
    const journal = reopened.reopenJournal();
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
      options,
      ...shown,
    });
  } finally {
    await prepared?.reach.close();
    reopened.release();
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
