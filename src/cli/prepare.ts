import { secretsIn } from '../inventory/secrets-in.ts';
import type { Plan } from '../plan/plan.ts';
import { createRedactor, type Redactor } from '../secrets/redact.ts';
import { type Reach, reachHosts } from './reach.ts';
import { secretsOf } from './run-secrets.ts';
import type { Terminal } from './terminal.ts';

/** What a run needs before it may have a journal: the ways to its hosts, and the secrets that are never shown. */
export interface Prepared {
  readonly redactor: Redactor;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly reach: Reach;
}

/** Contacts nobody. Stops where a way to a host cannot be made, so that no empty run is left behind. */
export async function prepare(plan: Plan, terminal: Terminal): Promise<Prepared> {
  const redactor = createRedactor();
  for (const secret of secretsIn(plan.inventory)) redactor.add(secret);
  const hosts = [...new Set(plan.steps.flatMap((planned) => planned.hosts))];
  const reach = await reachHosts(plan.inventory, hosts, terminal, redactor);
  const secrets = secretsOf(plan, terminal, redactor, reach.connection);
  return { redactor, secrets, reach };
}
