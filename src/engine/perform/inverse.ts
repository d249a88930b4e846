import { express, Unspeakable } from '../../runbook/express.ts';
import type { ActionCall } from '../../runbook/model.ts';
import type { Scope } from '../../runbook/scope.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Inverse } from '../action.ts';
import type { TaskRef } from '../event.ts';
import { Unknown } from '../value.ts';
import type { Known, ReadStage } from './stage.ts';

/** An inverse as the journal may keep it: never a secret, and nothing that would come back as something else. */
export async function journaled(
  stage: ReadStage,
  inverse: Inverse,
  task: TaskRef,
  state: Known,
): Promise<Inverse> {
  const cannot = [...inverse.cannot];
  const keep = async (calls: readonly ActionCall[]): Promise<readonly ActionCall[]> => {
    const kept: ActionCall[] = [];
    for (const call of calls) {
      const spoken = await speak(stage, call, task, state);
      if (typeof spoken === 'string') cannot.push(spoken);
      else kept.push(spoken);
    }
    return kept;
  };
  const calls = await keep(inverse.calls);
  const afterwards = inverse.afterwards && (await keep(inverse.afterwards));
  return { calls, cannot, ...(afterwards && { afterwards }) };
}

/** The call with expressions for secrets, or why it cannot be kept. */
async function speak(
  stage: ReadStage,
  call: ActionCall,
  task: TaskRef,
  state: Known,
): Promise<ActionCall | string> {
  try {
    const params = await stage.evaluate((scope) => express(call.params, namer(stage, scope)), task, state);
    // An old value that holds a secret in clear would be journaled, and brought back, with a name in its place.
    if (holds(params, (text) => stage.redact(text) !== text))
      return `${call.action}: what was there holds a secret, which is not kept; look for it in a back-up`;
    return { action: call.action, params };
  } catch (error) {
    if (!(error instanceof Unspeakable)) throw error;
    return `${call.action}: ${error.message}, which is not kept; look for it in a back-up`;
  }
}

/** Tells which secret of the runbook has a value. One that is made anew for each run stands for nothing. */
function namer(stage: ReadStage, scope: Scope): (secret: Secret) => string | undefined {
  const { secrets } = stage.plan.runbook;
  return (secret) => {
    const spec = Object.hasOwn(secrets, secret.name) ? secrets[secret.name] : undefined;
    if (!spec || spec.from.some((source) => source.startsWith('generate:'))) return undefined;
    const own = scope.secrets(secret.name);
    // Not fetched yet: it is, and then all this is evaluated again.
    return own instanceof Unknown || own.equals(secret) ? secret.name : undefined;
  };
}

function holds(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((item) => holds(item, test));
}
