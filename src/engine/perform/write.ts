import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import type { MoveResult } from '../input.ts';
import { Bug, type RunState } from '../state.ts';
import { capture, commandValue } from './capture.ts';
import { commandOf, toFailure } from './failure.ts';
import { hint } from './look.ts';
import type { Stage } from './stage.ts';

/** Applies the very changes that the look found and, where asked, a person approved. */
export async function write(
  stage: Stage,
  step: Step,
  task: TaskRef,
  attempt: number,
  state: RunState,
): Promise<MoveResult> {
  const bound = stage.bound.get(task.id);
  const action = stage.actions[step.call.action];
  if (!bound || bound.attempt !== attempt || action?.kind !== 'change')
    throw new Bug(`${task.id}: write of attempt ${attempt} without its look`);
  const began = stage.now();
  try {
    const written = await action.write(bound.params, bound.changes, stage.writing(task, attempt));
    const durationMs = stage.now() - began;
    if (written.command) bound.command = written.command;
    if (written.result !== undefined) bound.result = written.result;
    const output = written.command && stage.keep(task, attempt, written.command);
    const result = written.command ? commandValue(written.command) : {};
    const captured =
      action.proof === 'command' && !step.verify ? await capture(stage, step, task, state, result) : {};
    return {
      type: 'wrote',
      task: task.id,
      attempt,
      durationMs,
      captured,
      ...(written.command && { exit: written.command.exit }),
      ...(output && { output }),
    };
  } catch (error) {
    const command = commandOf(error);
    if (!command) throw error;
    const output = stage.keep(task, attempt, command);
    const { next } = await hint(stage, step, task, state);
    return {
      type: 'wrote',
      task: task.id,
      attempt,
      durationMs: stage.now() - began,
      exit: command.exit,
      failure: toFailure(error, next),
      ...(output && { output }),
    };
  }
}
