import { resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import { isSecret } from '../../secrets/secret.ts';
import type { TaskRef } from '../event.ts';
import { Unknown, type Value } from '../value.ts';
import type { Known, ReadStage } from './stage.ts';

/**
 * Names the values that later steps use. Throws for what is not known, and for a secret: the journal keeps captures. They are
 * made of a result in which secrets are replaced, since a piece of one could not be told any more.
 */
export async function capture(
  stage: ReadStage,
  step: Step,
  task: TaskRef,
  state: Known,
  result: Value,
): Promise<Readonly<Record<string, Value>>> {
  const names = Object.keys(step.capture);
  if (names.length === 0) return {};
  const captured: Record<string, Value> = {};
  const clean = stage.clean({ captured: result }).captured;
  for (const name of names) {
    const value = await stage.evaluate(
      (scope) => resolve(step.capture[name] ?? null, scope),
      task,
      state,
      clean,
    );
    if (value instanceof Unknown) throw new Error(`capture ${name}: ${value.because}`);
    if (holdsSecret(value)) throw new Error(`capture ${name}: it is a secret, which the journal would keep`);
    captured[name] = value;
  }
  return captured;
}

function holdsSecret(value: Value): boolean {
  if (isSecret(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret);
}
