import { stringify } from 'yaml';
import { actions } from '../actions/index.ts';
import { type RunState, stepNumber } from '../engine/state.ts';
import type { Replay } from '../journal/replay.ts';
import type { Plan } from '../plan/plan.ts';
import { stepOf } from '../plan/step-of.ts';
import { didYouMean } from '../runbook/suggestion.ts';
import { pinTexts } from '../runbook/texts.ts';
import { compose, titleOf } from '../undo/compose.ts';
import { happened, unsettled } from '../undo/happened.ts';
import { type Layout, layOut, type UndoStep } from '../undo/lay-out.ts';
import { EXIT, Stop } from './exit-code.ts';
import { planOrStop } from './inputs.ts';
import { type Pins, pinnedInventory, pinnedRunbook, pinsOf } from './pins.ts';
import type { UndoOptions } from './undo.ts';

export interface UndoPlan {
  /** What the run went on with to its end. */
  readonly pins: Pins;
  readonly steps: readonly UndoStep[];
  /** Its runbook, as a run pins it. */
  readonly pinned: string;
  /** The plan for people. */
  readonly told: string;
}

/** From a journal to the runbook of its undo. Contacts nobody. */
export function planUndo(state: RunState, replay: Replay, options: UndoOptions): UndoPlan {
  const open = unsettled(state);
  if (open)
    throw new Stop(
      EXIT.doubt,
      `it is not known whether ${open.ref.id} took effect, so nothing can be undone yet`,
      `lockstep resume ${state.run} asks its host; else look there yourself, and say it with lockstep resolve`,
    );
  const pins = pinsOf(replay.records);
  const [first] = replay.records;
  if (!pins || first?.event.type !== 'run.opened') throw new Error(`run ${state.run} has no first record`);
  const runbook = pinnedRunbook(pins);
  const run = { id: first.event.run, started: first.event.started };
  // As it was: a host that has left the inventory since must not change what an expression meant.
  const plan = planOrStop(runbook, pinnedInventory(pins, undefined), pins.inputs, run);
  const from = firstOf(plan, options.backTo);
  const acts = happened(state, replay.records).filter((act) => stepOf(plan, act.task.id).number >= from);
  const layout = layOut(acts, plan, run, state);
  const text = layout.steps.length > 0 ? compose(layout.steps, plan, state, actions) : '';
  const path = `undo/${state.run}.yaml`;
  const pinned = pinTexts({ main: { file: path, text }, path, parts: {} });
  return { pins, steps: layout.steps, pinned, told: tell(state, layout) };
}

/** Number of the first step that is undone. */
function firstOf(plan: Plan, word: string | undefined): number {
  if (word === undefined) return 1;
  const found =
    plan.index.get(word) ??
    plan.steps.find((planned) => /^\d+$/.test(word) && planned.number === Number(word));
  if (found) return found.number;
  const hint = didYouMean(word, [...plan.index.keys()], 'lockstep show lists its steps');
  throw new Stop(EXIT.usage, `the run has no step ${word}`, hint);
}

function tell(state: RunState, { steps, nothing }: Layout): string {
  const name = `${state.runbook.name} ${state.runbook.version}, run ${state.run}`;
  const lines = [`undo of ${name}: ${steps.length} step${steps.length === 1 ? '' : 's'}, newest first`];
  steps.forEach((step, index) => {
    lines.push('', `${stepNumber(index + 1)} ${titleOf(step)}  on ${step.host}`);
    if (step.why)
      lines.push(`     asks${step.asked === 'typed' ? ', and --yes does not pass it' : ''}: ${step.why}`);
    if (!step.call) return;
    const yaml = stringify(
      { [step.call.action]: step.call.params },
      { lineWidth: 0, aliasDuplicateObjects: false },
    );
    lines.push(
      ...yaml
        .trimEnd()
        .split('\n')
        .map((line) => `     ${line}`),
    );
  });
  if (nothing.length > 0) lines.push('', `nothing to undo: ${nothing.join(', ')}`);
  return `${lines.join('\n')}\n`;
}
