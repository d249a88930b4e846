import { actions } from '../actions/index.ts';
import type { Drift } from '../engine/drift.ts';
import type { Event, EventOf, Repinned } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/model.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { labInventoryPath } from '../lab/lab-paths.ts';
import { briefsOf } from '../plan/briefs.ts';
import { inputDrift, inventoryDrift } from '../plan/drift.ts';
import { hostsOfPlan, type Plan } from '../plan/plan.ts';
import { repinProblems } from '../plan/repin.ts';
import { loadRunbook } from '../runbook/load.ts';
import { isUndo } from '../undo/is-undo.ts';
import { answersFor } from './answers-for.ts';
import type { Left } from './begin-run.ts';
import { here, openWindow } from './change-window.ts';
import { conduct } from './conduct.ts';
import { EXIT, Stop } from './exit-code.ts';
import { inputTexts, planOrStop, runbookOrStop } from './inputs.ts';
import { openJunit } from './junit-file.ts';
import { undoOf } from './open-run.ts';
import { operatorOf } from './operator.ts';
import { type Pins, pinnedInventory, pinnedRunbook, pinsOf } from './pins.ts';
import { policyOf } from './policy.ts';
import { type Prepared, prepare } from './prepare.ts';
import { reopenRun } from './reopen-run.ts';
import { openReporter } from './reporter.ts';
import type { ResumeOptions } from './resume.ts';
import { openTerminal } from './terminal.ts';
import { undoneOr } from './undo-back-to.ts';

/** Reads the journal, cuts a torn line, and goes on with what was pinned. */
export async function resumeRun(word: string, options: ResumeOptions): Promise<number> {
  const junit = openJunit(options.junit);
  const reopened = reopenRun(word);
  const { run, directory, opened, state, replay } = reopened;
  let prepared: Prepared | undefined;
  let left: Left;
  junit?.told(replay.records, state);
  try {
    const undo = undoOf(state);
    if (undo !== undefined)
      throw new Stop(
        EXIT.stale,
        `run ${run} was undone by run ${undo}, so it cannot be resumed`,
        `lockstep show ${undo} tells what was taken back; lockstep undo ${undo} takes that back`,
      );
    if (state.done) {
      // With --ndjson, stdout is for records only.
      const out = options.ndjson ? process.stderr : process.stdout;
      out.write(`run ${run} is done; nothing is left to resume\n`);
      junit?.ended(state, directory);
      return EXIT.done;
    }
    const window = windowOf(options, opened, state);
    const pins = pinsOf(replay.records) ?? opened;
    const papers = await readPapers(pins, state, { id: opened.run, started: opened.started }, options);
    const terminal = openTerminal(process.stdin, process.stdout, options.input);
    const operator = operatorOf(terminal, process.env);
    const resumed: EventOf<'run.resumed'> = {
      type: 'run.resumed',
      operator,
      policy: { ...policyOf(options), ...window },
      tornBytes: replay.tornBytes,
      ...(options.reason !== undefined && { reason: options.reason }),
    };
    const repinned: readonly Event[] = papers.repinned
      ? [{ type: 'run.repinned', by: operator.name, ...papers.repinned }]
      : [];
    const moment = { operator, digest: state.sealed?.digest, now: Date.now() };
    const answers = answersFor(options.answers, papers.plan, resumed.policy, moment);
    prepared = await prepare(papers.plan, terminal);
    const journal = reopened.reopenJournal();
    const shown = await openReporter(options, { plan: papers.plan, operator, terminal, prepared }, junit);
    const code = await conduct({
      plan: papers.plan,
      drifts: papers.drifts,
      prepared,
      run: { id: opened.run, started: opened.started },
      directory,
      journal,
      opening: [resumed, ...repinned],
      state,
      operator,
      terminal,
      answers,
      options,
      ...shown,
    });
    left = { run, code, undoTo: shown.screen?.undoTo() };
  } finally {
    await prepared?.reach.close();
    reopened.release();
  }
  return undoneOr(left, options);
}

/** The site's window is for changes: an undo goes back. */
function windowOf(options: ResumeOptions, { runbook }: EventOf<'run.opened'>, state: RunState) {
  const at = here(process.env);
  return openWindow(options, state.policy.window, isUndo(runbook.name) ? { ...at, site: undefined } : at);
}

interface Papers {
  readonly plan: Plan;
  readonly repinned?: Repinned;
  readonly drifts: readonly Drift[];
}

/** The plan to go on with, and what of today's runbook and inventory differs from it. */
async function readPapers(
  pins: Pins,
  state: RunState,
  at: { readonly id: string; readonly started: string },
  options: ResumeOptions,
): Promise<Papers> {
  const source = options.inventory ?? pins.source.inventory;
  const loaded = await loadInventory(source, labInventoryPath).catch(() => undefined);
  const live = loaded?.inventory;
  const kept = planOrStop(pinnedRunbook(pins), pinnedInventory(pins, live), pins.inputs, at);
  const inventory = options.onInventory === 'new' ? (live ?? noInventory(source)) : kept.inventory;
  const renewed = options.onRunbook === 'new' ? await renewedRunbook(pins) : undefined;
  const runbook = renewed?.runbook ?? kept.runbook;
  const inputs = Object.fromEntries(
    Object.entries(pins.inputs).filter(([name]) => Object.hasOwn(runbook.inputs, name)),
  );
  const plan = planOrStop(runbook, inventory, inputs, at);
  const isNew = renewed !== undefined || options.onInventory === 'new';
  const problems = isNew ? repinProblems(kept, plan, state) : [];
  if (problems.length > 0)
    throw new Stop(
      EXIT.stale,
      problems.join('\n'),
      'put fixes into failed or future steps only, or resume with the pinned runbook and inventory',
    );
  const repinned: Repinned = {
    ...(renewed && {
      runbook: { name: runbook.name, version: runbook.version, digest: renewed.digest },
      title: runbook.title,
      text: renewed.text,
    }),
    ...(options.onInventory === 'new' && { inventory: snapshot(inventory) }),
    steps: briefsOf(plan, actions),
    inputs: inputTexts(plan),
  };
  return {
    plan,
    ...(isNew && { repinned }),
    drifts: await papersDrift(pins, kept, live, source, at, options),
  };
}

/** Each is left out where the operator has said which of the two it is to be. */
async function papersDrift(
  pins: Pins,
  kept: Plan,
  live: Inventory | undefined,
  source: string,
  at: { readonly id: string; readonly started: string },
  options: ResumeOptions,
): Promise<readonly Drift[]> {
  const drifts: Drift[] = [];
  if (options.onRunbook === undefined) {
    const { digest } = await loadRunbook(pins.source.runbook, actions);
    // One that is gone, or no longer a runbook, changes nothing for this run.
    if (digest !== '' && digest !== pins.runbook.digest)
      drifts.push({
        name: 'runbook',
        what: `${pins.source.runbook} was edited; the run goes on with the text it began with (--on-runbook new takes the new one)`,
      });
  }
  if (options.onInventory === undefined) {
    if (!live) drifts.push({ name: 'inventory', what: `${source} cannot be read any more` });
    else {
      drifts.push(...inventoryDrift(kept.inventory, live, hostsOfPlan(kept)));
      if (pins.given) drifts.push(...inputDrift(kept.runbook, pins.inputs, pins.given, live, at));
    }
  }
  return drifts;
}

async function renewedRunbook(pins: Pins) {
  const renewed = await runbookOrStop(pins.source.runbook);
  return renewed.digest === pins.runbook.digest ? undefined : renewed;
}

function noInventory(source: string): never {
  throw new Stop(EXIT.usage, `${source} cannot be read`, 'name the new inventory with -i');
}
