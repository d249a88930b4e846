import { durationMs } from './duration.ts';
import type { Step } from './model.ts';

/**
 * After how long a step says that its command is ended: the `timeout` of its action before that of the step. undefined where
 * neither is given, or only known once the task is bound. ms.
 */
export function ownLimitMs({ call, timeoutMs }: Pick<Step, 'call' | 'timeoutMs'>): number | undefined {
  const own = ownTimeout(call.params);
  return own === undefined ? timeoutMs : durationMs(own);
}

/** As written in the parameters: what stands there goes before the step's. */
export function ownTimeout(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return undefined;
  return 'timeout' in params ? (params.timeout ?? undefined) : undefined;
}
