import type { Step } from '../../runbook/model.ts';
import type { Receipt } from '../../transport/transport.ts';
import type { TaskRef } from '../event.ts';
import type { Verdict } from '../input.ts';
import type { RunState, TaskState } from '../state.ts';
import { bindTask } from './bind-task.ts';
import { toFailure } from './failure.ts';
import { hint } from './look.ts';
import { probeStep } from './probe.ts';
import type { Stage } from './stage.ts';

/**
 * Did it happen? The receipt, then the probe (check, then verify); what stays open goes by the repeat class, and to a
 * person (`decide`). Asking for a receipt fences a token that never started: it can never start any more.
 */
export async function settle(
  stage: Stage,
  step: Step,
  task: TaskRef,
  doubt: Extract<TaskState, { status: 'doubtful' }>,
  state: RunState,
): Promise<Verdict> {
  const action = stage.actions[step.call.action];
  if (action?.kind !== 'change') throw new Error(`${task.id}: nothing to settle`);
  const params = await bindTask(stage, step, task, state);
  const as = asUser(params);
  if (action.proof === 'readback') {
    // Whatever of the lost attempt still runs must end before its effects are read.
    for (let part = 1; ; part++) {
      const receipt = await follow(stage, task, doubt.attempt, part, as);
      if (receipt.kind === 'never-started') break;
    }
    return { kind: 'not-applied', ground: 'look', why: 'what is already as it should be is left alone' };
  }
  const receipt = await follow(stage, task, doubt.attempt, 1, as);
  if (receipt.kind === 'ended') {
    const output = stage.keep(task, doubt.attempt, receipt.result);
    const { exit } = receipt.result;
    const success = successCodes(params);
    const ok = exit.kind === 'exited' && success.includes(exit.code);
    stage.bound.set(task.id, { attempt: doubt.attempt, params, changes: [], command: receipt.result });
    if (ok) return { kind: 'ended', exit, ok, ...(output && { output }) };
    const { next } = await hint(stage, step, task, state);
    const how = exit.kind === 'exited' ? `ended with code ${exit.code}` : `was ended by ${exit.kind === 'killed' ? exit.signal : 'its time limit'}`;
    const error = Object.assign(new Error(`the command ${how}`), { command: receipt.result });
    return { kind: 'ended', exit, ok, failure: toFailure(error, next), ...(output && { output }) };
  }
  if (receipt.kind === 'never-started' && (await sameBoot(stage, task, doubt)))
    return { kind: 'not-applied', ground: 'receipt', why: 'the target has no token of it, so it never started' };
  const why =
    receipt.kind === 'vanished'
      ? receipt.why
      : 'the target has been restarted since, so a missing token proves nothing';
  return (await byProbe(stage, step, task, state)) ?? { kind: 'open', why };
}

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
    if (spec.conclusive) return { kind: 'not-applied', ground, why: seen.lacking };
  }
  return undefined;
}

/** A receipt that is final: a command still running is followed to its end. */
async function follow(
  stage: Stage,
  task: TaskRef,
  attempt: number,
  part: number,
  as: string | undefined,
): Promise<Exclude<Receipt, { kind: 'running' }>> {
  const connection = stage.connection(task.host);
  const token = stage.token(task, attempt, part);
  for (;;) {
    const receipt = await connection.receipt(token, as);
    if (receipt.kind !== 'running') return receipt;
    const end = await connection.reattach(token, as);
    if (end.kind !== 'running') return end;
  }
}

async function sameBoot(
  stage: Stage,
  task: TaskRef,
  doubt: Extract<TaskState, { status: 'doubtful' }>,
): Promise<boolean> {
  const { bootId } = await stage.connection(task.host).identity();
  return bootId !== '' && bootId === doubt.bootId;
}

function asUser(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('as' in params)) return undefined;
  return typeof params.as === 'string' ? params.as : undefined;
}

function successCodes(params: unknown): readonly unknown[] {
  if (typeof params !== 'object' || params === null || !('success' in params)) return [0];
  return Array.isArray(params.success) ? params.success : [0];
}
