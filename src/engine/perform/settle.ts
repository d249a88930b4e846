import type { Step } from '../../runbook/model.ts';
import type { ChangeAction } from '../action.ts';
import type { TaskRef } from '../event.ts';
import type { Verdict } from '../input.ts';
import type { RunState, TaskState } from '../state.ts';
import { asUser, bindTask } from './bind-task.ts';
import { endedVerdict } from './ended-verdict.ts';
import { follow, followAll, sameBoot } from './follow-receipt.ts';
import { probeStep } from './probe.ts';
import type { Stage } from './stage.ts';

type Doubt = Extract<TaskState, { status: 'doubtful' }>;

const REBOOTED = 'the target has been restarted since, so a missing token proves nothing';

/**
 * Did it happen? The receipt, then the probe (check, then verify); what stays open goes by the repeat class, and to a
 * person (`decide`). Asking for a receipt fences a token that never started: it can never start any more.
 */
export async function settle(
  stage: Stage,
  step: Step,
  task: TaskRef,
  doubt: Doubt,
  state: RunState,
): Promise<Verdict> {
  const action = stage.actions[step.call.action];
  if (action?.kind !== 'change') throw new Error(`${task.id}: nothing to settle`);
  const params = await bindTask(stage, step, task, state);
  if (action.proof === 'readback') return byReading(stage, step, action, task, doubt, state, params);
  const receipt = await follow(stage, task, doubt.attempt, 1, asUser(params));
  if (receipt.kind === 'ended') {
    stage.bound.set(task.id, { attempt: doubt.attempt, params, changes: [], command: receipt.result });
    return endedVerdict(stage, step, task, doubt.attempt, state, receipt.result, successCodes(params));
  }
  if (receipt.kind === 'never-started' && (await sameBoot(stage, task, doubt.bootId)))
    return {
      kind: 'not-applied',
      ground: 'receipt',
      why: 'the target has no token of it, so it never started',
    };
  const why = receipt.kind === 'vanished' ? receipt.why : REBOOTED;
  return (await byProbe(stage, step, task, state)) ?? { kind: 'open', why };
}

/**
 * Reading shows what is lacking, and no more than that is written again. Two things it cannot show: an act that leaves
 * no difference (`unproven`: a restart), where the receipts speak; and, where a repeat is not safe, whether what is
 * lacking now was left undone or was done in vain.
 */
async function byReading(
  stage: Stage,
  step: Step,
  action: ChangeAction,
  task: TaskRef,
  doubt: Doubt,
  state: RunState,
  params: unknown,
): Promise<Verdict> {
  // Whatever of the lost attempt still runs must end before its effects are read.
  const receipts = await followAll(stage, task, doubt.attempt, asUser(params));
  const vanished = receipts.find((receipt) => receipt.kind === 'vanished');
  if (action.unproven) {
    if (vanished) return (await byProbe(stage, step, task, state)) ?? { kind: 'open', why: vanished.why };
    for (const receipt of receipts)
      if (
        receipt.kind === 'ended' &&
        (receipt.result.exit.kind !== 'exited' || receipt.result.exit.code !== 0)
      )
        return endedVerdict(stage, step, task, doubt.attempt, state, receipt.result, [0]);
    if (receipts.length > 0)
      return {
        kind: 'applied',
        ground: 'receipt',
        why: 'it ended with code 0; what it did is looked at again',
      };
    if (!(await sameBoot(stage, task, doubt.bootId))) return { kind: 'open', why: REBOOTED };
  } else if (receipts.length > 0 && step.repeat !== 'safe') {
    const [lacking] = action.diff(params, await action.read(params, stage.reading(task)));
    if (!lacking) return { kind: 'applied', ground: 'look', why: 'it is as it should be' };
    return { kind: 'open', why: `${vanished?.why ?? 'it ended'}, and ${lacking.what} still differs` };
  }
  return { kind: 'not-applied', ground: 'look', why: 'what is already as it should be is left alone' };
}

/** A probe that cannot tell settles nothing; one that is not conclusive can say yes, but not no. */
async function byProbe(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
): Promise<Verdict | undefined> {
  for (const [ground, spec] of [
    ['check', step.check],
    ['verify', step.verify],
  ] as const) {
    if (!spec) continue;
    const seen = await probeStep(stage, spec, task, state, true);
    if (seen.holds) return { kind: 'applied', ground, why: `its ${ground} holds` };
    if (spec.conclusive && !seen.unsure) return { kind: 'not-applied', ground, why: seen.lacking };
  }
  return undefined;
}

function successCodes(params: unknown): readonly unknown[] {
  if (typeof params !== 'object' || params === null || !('success' in params)) return [0];
  return Array.isArray(params.success) ? params.success : [0];
}
