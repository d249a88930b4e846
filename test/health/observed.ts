import type { ServerFacts, SiteFacts } from '../../src/health/facts.ts';

/** A server of which nothing is known but what is given. */
export function serverFacts(host: string, facts: Partial<ServerFacts> = {}): ServerFacts {
  const unknown = { unknown: 'it was not looked at' };
  return {
    host,
    address: host,
    clock: unknown,
    installation: unknown,
    config: unknown,
    csns: unknown,
    content: unknown,
    monitor: unknown,
    log: unknown,
    trials: new Map(),
    ...facts,
  };
}

export function siteFacts(facts: Partial<SiteFacts> = {}): SiteFacts {
  return {
    suffix: 'dc=example,dc=org',
    at: 0,
    servers: [],
    target: new Map(),
    behindSince: new Map(),
    ...facts,
  };
}
