import type { Action } from '../engine/action.ts';
import { Unknown, type Value } from '../engine/value.ts';
import { completeParams } from '../runbook/check-params.ts';
import { evaluate, resolve } from '../runbook/expression.ts';
import type { ActionCall } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';

/** Parameters with their expressions evaluated, or why they cannot be yet. */
export type Bind =
  | { readonly known: true; readonly params: Value }
  | { readonly known: false; readonly because: string };

/** Throws where a value is known and wrong: the message names the parameter. */
export function resolveCall(action: Action, call: ActionCall, scope: Scope): Bind {
  const params = resolve(call.params, scope);
  if (params instanceof Unknown) return { known: false, because: params.because };
  return { known: true, params: completeParams(action, params) as Value };
}

/** How `truth` begins where it cannot tell. */
export const UNKNOWN = 'unknown: ';

/** true, or why not in the operator's words. Unknown is never true. */
export function truth(expression: string, scope: Scope): true | string {
  const value = evaluate(expression, scope);
  if (value === true) return true;
  return value instanceof Unknown ? `${UNKNOWN}${value.because}` : `not yet: ${expression}`;
}
