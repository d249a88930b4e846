import { resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import type { Change } from '../action.ts';
import type { ChangeView, TaskRef } from '../event.ts';
import type { Look } from '../input.ts';
import type { RunState, Task, TaskState } from '../state.ts';
import { capture } from './capture.ts';
import { journaled } from './inverse.ts';
import { plain, type Sight, see } from './see.ts';
import { actionOf, type Known, type ReadStage, type Stage } from './stage.ts';

/** What a run makes of what it sees; it writes nothing. What it binds waits in `stage.bound` for the write. */
export async function look(
  stage: Stage,
  step: Step,
  task: TaskRef,
  now: Task & { readonly state: Extract<TaskState, { status: 'waiting' }> },
  state: RunState,
): Promise<Look> {
  const sight = await see(stage, step, task, state, {
    failed: now.failed === true,
    answered: now.state.approved !== undefined,
  });
  switch (sight.kind) {
    case 'unneeded':
      return { kind: 'skipped', because: sight.because };
    case 'unknown':
      return fails(stage, step, task, state, sight.because);
    case 'lacking':
      return fails(stage, step, task, state, sight.what);
    case 'asks':
      return sight;
    case 'holds':
      return { kind: 'holds', captured: await capture(stage, step, task, state, sight.result) };
    case 'differs':
      return differs(stage, step, task, now.state.attempt, state, sight);
  }
}

async function differs(
  stage: Stage,
  step: Step,
  task: TaskRef,
  attempt: number,
  state: RunState,
  { params, changes, facts, confirm }: Extract<Sight, { kind: 'differs' }>,
): Promise<Look> {
  const action = actionOf(stage, step.call.action);
  if (action.kind !== 'change') throw new Error(`${task.id}: only a change differs`);
  stage.bound.set(task.id, { attempt, params, changes });
  const made = step.undo ? undefined : action.undo?.inverse(params, changes, facts);
  const undo = made && (await journaled(stage, made, task, state));
  return {
    kind: 'differs',
    changes: changes.map(toView),
    ...(confirm && { confirm }),
    ...(undo && { undo }),
  };
}

async function fails(stage: ReadStage, step: Step, task: TaskRef, known: Known, what: string): Promise<Look> {
  return { kind: 'fails', failure: { what, ...(await hint(stage, step, task, known)) } };
}

/** What to look at first when it fails. A hint that goes wrong must not stand in front of the failure. */
export async function hint(
  stage: ReadStage,
  step: Step,
  task: TaskRef,
  known: Known,
): Promise<{ next?: string }> {
  const text = step.hint;
  if (text === undefined) return {};
  try {
    return { next: plain(await stage.evaluate((scope) => resolve(text, scope), task, known)) };
  } catch {
    return {};
  }
}

/** What is shown, asked about and journaled: the lines of the very changes that will be written. */
export function toView({ what, lines }: Change): ChangeView {
  return { what, lines };
}
