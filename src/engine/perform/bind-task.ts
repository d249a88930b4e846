import { resolveCall } from '../../plan/bind.ts';
import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import type { Value } from '../value.ts';
import { actionOf, type Known, type ReadStage } from './stage.ts';

/** A task's parameters, evaluated; throws where a value is not known. */
export async function bindTask(stage: ReadStage, step: Step, task: TaskRef, state: Known): Promise<Value> {
  const bind = await stage.evaluate(
    (scope) => resolveCall(actionOf(stage, step.call.action), step.call, scope),
    task,
    state,
  );
  if (bind.known) return bind.params;
  throw new Error(`${step.call.action} needs a value that is not known: ${bind.because}`);
}

/** The user of a task's command, out of its parameters; the login user when there is none. */
export function asUser(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('as' in params)) return undefined;
  return typeof params.as === 'string' ? params.as : undefined;
}
