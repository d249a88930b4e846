import { driftText, identityDrift } from './drift.ts';
import type { Event } from './event.ts';
import { secretKey } from './evolve.ts';
import type { Input } from './input.ts';
import { breached } from './invariant.ts';
import type { RunState } from './state.ts';

/** What comes to be known beside the tasks: hosts, leases, secrets, what is not as it was left, what no longer holds. */
export type News = Extract<Input, { type: 'met' | 'leased' | 'used' | 'drift' | 'accept' | 'breach' }>;

export function learned(state: RunState, input: News): readonly Event[] {
  switch (input.type) {
    case 'met':
      return met(state, input);
    case 'used':
      return state.fingerprints[secretKey(input.name, input.host)] === input.fingerprint
        ? []
        : [{ ...input, type: 'secret.used' }];
    case 'drift':
      return [{ type: 'drift.found', drifts: input.drifts }];
    case 'accept':
      return [{ ...input, type: 'drift.accepted' }];
    case 'leased':
      return [{ ...input, type: 'lease.taken' }];
    case 'breach':
      return breached(state, input);
  }
}

/** Another machine behind a host's name than the one this run knows: nothing more is begun. */
function met(state: RunState, { host, identity }: Extract<Input, { type: 'met' }>): readonly Event[] {
  const event: Event = { type: 'host.met', host, identity };
  const before = state.identities[host];
  const drifts = before ? identityDrift(host, before, identity) : [];
  if (drifts.length === 0) return [event];
  return [
    event,
    { type: 'drift.found', drifts },
    { type: 'run.stopping', reason: 'drift', text: driftText(drifts) },
  ];
}
