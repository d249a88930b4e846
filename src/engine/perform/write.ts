import type { Step } from '../../runbook/model.ts';
import { commandValue } from '../command-value.ts';
import type { TaskRef } from '../event.ts';
import type { MoveResult } from '../input.ts';
import { TransportError } from '../ports.ts';
import { Bug, type RunState } from '../state.ts';
import type { Value } from '../value.ts';
import { capture } from './capture.ts';
import { commandOf, toFailure } from './failure.ts';
import { hint } from './look.ts';
import type { Stage } from './stage.ts';
import { isUnbegun, watched } from './watched.ts';

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
  const { ports, begun } = watched(stage.writing(task, attempt));
  try {
    const written = await action.write(bound.params, bound.changes, ports);
    const durationMs = stage.now() - began;
    if (written.command) bound.command = written.command;
    if (written.result !== undefined) bound.result = written.result;
    const output = written.command && stage.keep(task, attempt, written.command);
    const result = written.command ? commandValue(written.command) : {};
    const captures = action.proof === 'command' && !step.verify;
    return {
      type: 'wrote',
      task: task.id,
      attempt,
      durationMs,
      ...(captures && (await captured(stage, step, task, state, result))),
      ...(written.command && { exit: written.command.exit }),
      ...(output && { output }),
    };
  } catch (error) {
    const command = commandOf(error);
    if (!command) throw begun() ? asLost(error) : error;
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

/** The act is done: a capture that goes wrong fails the task, but not the record of what was done. */
async function captured(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
  result: Value,
): Promise<Pick<Extract<MoveResult, { type: 'wrote' }>, 'captured' | 'failure'>> {
  try {
    return { captured: await capture(stage, step, task, state, result) };
  } catch (error) {
    const { next } = await hint(stage, step, task, state);
    return { failure: toFailure(error, next) };
  }
}

/** "Not started" speaks of the last effect only: what this attempt did before it may stand. */
function asLost(error: unknown): unknown {
  if (!(error instanceof TransportError) || !isUnbegun(error)) return error;
  return new TransportError('lost', error.host, `part of it was done, then: ${error.message}`, error.next, {
    cause: error,
  });
}
