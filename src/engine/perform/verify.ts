import type { Step } from '../../runbook/model.ts';
import { commandValue } from '../command-value.ts';
import type { TaskRef } from '../event.ts';
import type { MoveResult } from '../input.ts';
import type { CommandResult } from '../ports.ts';
import type { RunState } from '../state.ts';
import type { Value } from '../value.ts';
import { asUser, bindTask } from './bind-task.ts';
import { capture } from './capture.ts';
import { follow } from './follow-receipt.ts';
import { hint } from './look.ts';
import { probeStep } from './probe.ts';
import type { Stage } from './stage.ts';

/** Looks again: what was to be written is there, and the step's own `verify` holds. */
export async function verify(
  stage: Stage,
  step: Step,
  task: TaskRef,
  attempt: number,
  state: RunState,
): Promise<MoveResult> {
  const action = stage.actions[step.call.action];
  if (action?.kind !== 'change') throw new Error(`${task.id}: nothing to verify`);
  const known = stage.bound.get(task.id);
  const bound = known?.attempt === attempt ? known : undefined;
  let result: Value = bound?.result ?? {};
  if (action.proof === 'readback') {
    const params = bound?.params ?? (await bindTask(stage, step, task, state));
    const facts = await action.read(params, stage.reading(task));
    const lacking = action.unproven
      ? action.unproven(params, bound?.changes ?? [], facts)
      : action.diff(params, facts)[0]?.what;
    if (lacking !== undefined)
      return broken(
        task,
        attempt,
        `written, but reading back still differs: ${lacking}`,
        await hint(stage, step, task, state),
      );
    result = action.result?.(params, facts) ?? result;
  } else {
    result = await commandResult(stage, step, task, attempt, bound?.command, state);
  }
  if (step.verify) {
    const seen = await probeStep(stage, step.verify, task, state);
    if (!seen.holds)
      return broken(
        task,
        attempt,
        `done, but verify does not hold: ${seen.lacking}`,
        await hint(stage, step, task, state),
      );
  }
  return {
    type: 'verified',
    task: task.id,
    attempt,
    captured: await capture(stage, step, task, state, result),
  };
}

/** From memory, or after a resume from the receipt on the target; throws when captures want what is gone. */
async function commandResult(
  stage: Stage,
  step: Step,
  task: TaskRef,
  attempt: number,
  known: CommandResult | undefined,
  state: RunState,
): Promise<Value> {
  if (known) return commandValue(known);
  if (Object.keys(step.capture).length === 0) return {};
  const as = asUser(await bindTask(stage, step, task, state));
  const receipt = await follow(stage, task, attempt, 1, as);
  if (receipt.kind === 'ended') return commandValue(receipt.result);
  const why = receipt.kind === 'vanished' ? receipt.why : 'its receipt is not there';
  throw new Error(`it is done, but what it printed is not to be had, and its captures need it: ${why}`);
}

function broken(task: TaskRef, attempt: number, what: string, next: { next?: string }): MoveResult {
  return {
    type: 'broke',
    task: task.id,
    attempt,
    during: 'verify',
    how: 'plain',
    failure: { what, ...next },
  };
}
