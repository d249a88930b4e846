import { join } from 'node:path';
import { actions } from '../actions/index.ts';
import type { Event, EventOf, Operator } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { loadInventory } from '../inventory/load.ts';
import { snapshot } from '../inventory/snapshot.ts';
import type { Journal } from '../journal/append.ts';
import { foldRecords, type Replay, readJournal } from '../journal/replay.ts';
import { newRunId, runsRoot } from '../journal/run-directory.ts';
import { labInventoryPath } from '../lab/lab-paths.ts';
import { briefsOf } from '../plan/briefs.ts';
import { digestOf, parsePinned } from '../runbook/load.ts';
import { beginRun, type Left } from './begin-run.ts';
import { monotonic } from './clock.ts';
import { EXIT, Stop } from './exit-code.ts';
import { planOrStop } from './inputs.ts';
import { openJunit } from './junit-file.ts';
import { begunOrStop, openRun, undoOf } from './open-run.ts';
import { operatorOf } from './operator.ts';
import { whole } from './papers.ts';
import { pinnedInventory } from './pins.ts';
import { policyOf } from './policy.ts';
import { type Prepared, prepare } from './prepare.ts';
import { problemLines } from './problem-lines.ts';
import { reopenRun } from './reopen-run.ts';
import { openTerminal } from './terminal.ts';
import type { UndoOptions } from './undo.ts';
import { planUndo } from './undo-plan.ts';
import { VERSION } from './version.ts';

/** Read what the run did, lay out its inverse, and show it or run it. */
export async function undoRun(word: string, options: UndoOptions): Promise<number> {
  if (options.show) {
    const { run, replay } = openRun(word);
    process.stdout.write(planUndo(stateOrStop(run, replay), replay, options).told);
    return EXIT.done;
  }
  const junit = openJunit(options.junit);
  // Locked before it is read: a run that another lockstep works on is not undone under its feet.
  const reopened = reopenRun(word);
  const { run, replay } = reopened;
  let locked = true;
  const unlock = (): void => {
    if (locked) reopened.release();
    locked = false;
  };
  let left: Left;
  let prepared: Prepared | undefined;
  try {
    const undo = planUndo(stateOrStop(run, replay), replay, options);
    if (undo.steps.length === 0) {
      const out = options.ndjson ? process.stderr : process.stdout;
      out.write(undo.told);
      return EXIT.done;
    }
    const { runbook, problems } = parsePinned(undo.pinned, actions);
    if (!runbook) throw new Error(`the runbook of the undo does not lint:\n${problemLines(problems)}`);
    const now = new Date();
    const at = { id: newRunId(now), started: now.toISOString() };
    const source = options.inventory ?? undo.pins.source.inventory;
    const live = await loadInventory(source, labInventoryPath).catch(() => undefined);
    const inventory = pinnedInventory(undo.pins, live?.inventory);
    const plan = planOrStop(runbook, inventory, {}, at);
    const terminal = openTerminal(process.stdin, process.stdout, options.input);
    const operator = operatorOf(terminal, process.env);
    const opened: EventOf<'run.opened'> = {
      type: 'run.opened',
      run: at.id,
      started: at.started,
      runbook: { name: runbook.name, version: runbook.version, digest: digestOf(undo.pinned) },
      title: runbook.title,
      text: undo.pinned,
      inputs: {},
      inventory: snapshot(inventory),
      source: { runbook: `undo ${run}`, inventory: whole(source) },
      steps: briefsOf(plan, actions),
      policy: policyOf(options),
      operator,
      versions: { lockstep: VERSION, node: process.versions.node },
      ...(options.reason !== undefined && { reason: options.reason }),
    };
    prepared = await prepare(plan, terminal);
    const answers = undefined;
    left = await beginRun(
      { plan, prepared, run: at, opened, operator, terminal, answers, options, junit },
      async () => {
        // Before anything: whatever becomes of the undo, nobody goes on with a run that is being taken back.
        await markUndone(reopened.reopenJournal(), at.id, operator);
        unlock();
      },
    );
  } finally {
    await prepared?.reach.close();
    unlock();
  }
  // An undo is a run: its screen offers to take it back.
  return left.undoTo === undefined ? left.code : undoRun(left.run, { ...options, backTo: left.undoTo });
}

function stateOrStop(run: string, { records }: Replay): RunState {
  const state = begunOrStop(run, foldRecords(records));
  const undo = undoOf(state);
  if (undo === undefined || isUnbegun(undo)) return state;
  throw new Stop(
    EXIT.stale,
    `run ${run} was undone already, by run ${undo}`,
    `if that was held: lockstep resume ${undo}; to take it back: lockstep undo ${undo}`,
  );
}

/** An undo that broke off before its first record has taken nothing back. One that is not there any more may have. */
function isUnbegun(run: string): boolean {
  try {
    return readJournal(join(runsRoot(process.env), run)).records.length === 0;
  } catch {
    return false;
  }
}

async function markUndone(journal: Journal, run: string, operator: Operator): Promise<void> {
  const undone: Event = { type: 'run.undone', run, operator };
  try {
    await journal.append([undone], { at: new Date().toISOString(), mono: monotonic() });
  } finally {
    journal.close();
  }
}
