import { Drifted } from '../engine/drift.ts';
import { secretKey } from '../engine/evolve.ts';
import type { Input } from '../engine/input.ts';
import type { Plan } from '../plan/plan.ts';
import { fingerprint } from '../secrets/fingerprint.ts';
import type { Secret } from '../secrets/secret.ts';
import { differsByHost } from './run-secrets.ts';

type Fetch = (name: string, host: string) => Promise<Secret>;

/**
 * Refuses a secret that is not the one this run used before (Drifted), unless that was accepted by name: half of a pool with an
 * old password and half with a new one is a pool that does not replicate. `known` are the fingerprints of the journal.
 */
export function watchSecrets(
  fetch: Fetch,
  plan: Plan,
  keyOf: (mayMake: boolean) => Buffer | undefined,
  known: Readonly<Record<string, string>>,
  accepted: readonly string[],
  tell: (input: Input) => void,
): Fetch {
  const seen = new Map(Object.entries(known));
  let key: Buffer | undefined;
  return async (name, on) => {
    const secret = await fetch(name, on);
    key ??= keyOf(seen.size === 0);
    if (key === undefined) return secret;
    const host = differsByHost(plan, name) ? on : undefined;
    const place = secretKey(name, host);
    const now = fingerprint(key, secret);
    const before = seen.get(place);
    if (before === now) return secret;
    const drift = `secret:${place}`;
    if (before !== undefined && !accepted.includes(drift))
      throw new Drifted({ name: drift, what: 'its value is not the one that this run used before' });
    seen.set(place, now);
    tell({ type: 'used', name, fingerprint: now, ...(host !== undefined && { host }) });
    return secret;
  };
}
