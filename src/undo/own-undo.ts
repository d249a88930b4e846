import type { TaskRef } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { Unknown, type Value } from '../engine/value.ts';
import { fixedScope } from '../plan/fixed-scope.ts';
import type { Plan } from '../plan/plan.ts';
import { express, Unspeakable } from '../runbook/express.ts';
import { ExpressionError, resolve } from '../runbook/expression.ts';
import type { ActionCall } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import { Secret } from '../secrets/secret.ts';

/**
 * A call of the runbook as it stood for one task: expressions evaluated with what the run knew (inputs, inventory,
 * captures, item), secrets left as expressions. A text says why that cannot be.
 */
export function callAsOf(
  call: ActionCall,
  plan: Plan,
  run: Scope['run'],
  task: TaskRef,
  state: RunState,
): ActionCall | string {
  const host = plan.inventory.hosts[task.host];
  const stand = new Map<string, Secret>();
  const scope: Scope = {
    ...fixedScope(plan.inventory, plan.inputs, run),
    ...(host && { host }),
    ...(task.item !== undefined && { item: task.item }),
    // Nothing is fetched: each is stood for by a value that nothing else has.
    secrets(name) {
      const secret = stand.get(name) ?? new Secret(name, `\0secret ${name}\0`);
      stand.set(name, secret);
      return secret;
    },
    captured: (on, name) => state.captured[on]?.[name],
  };
  try {
    const params = resolve(call.params, scope);
    if (params instanceof Unknown) return `its undo needs what is not known: ${params.because}`;
    return { action: call.action, params: express(params, nameOf(plan, stand)) as Value };
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof Unspeakable)
      return `its undo cannot be made: ${error.message}`;
    throw error;
  }
}

/** One that is made anew for each run would be another one. */
function nameOf(plan: Plan, stand: ReadonlyMap<string, Secret>): (secret: Secret) => string | undefined {
  return (secret) => {
    const fresh = plan.runbook.secrets[secret.name]?.from.some((source) => source.startsWith('generate:'));
    return !fresh && stand.get(secret.name)?.equals(secret) ? secret.name : undefined;
  };
}
