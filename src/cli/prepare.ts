import { secretsIn } from '../inventory/secrets-in.ts';
import { hostsOfPlan, type Plan } from '../plan/plan.ts';
import { createRedactor, type Redactor } from '../secrets/redact.ts';
import { redactFaults } from './fault.ts';
import { ownEnv, withdraw } from './own-env.ts';
import { type Reach, reachHosts } from './reach.ts';
import { learnSecrets, secretsOf } from './run-secrets.ts';
import type { Terminal } from './terminal.ts';

/** What a run needs before it may have a journal: the ways to its hosts, and the secrets that are never shown. */
export interface Prepared {
  readonly redactor: Redactor;
  readonly secrets: ReturnType<typeof secretsOf>;
  readonly reach: Reach;
}

/** Contacts nobody. Learns the secrets that need neither a person nor a host. Stops where a way to a host cannot be made, so that no empty run is left behind. */
export async function prepare(plan: Plan, terminal: Terminal): Promise<Prepared> {
  const redactor = createRedactor();
  redactFaults(redactor);
  for (const secret of secretsIn(plan.inventory)) redactor.add(secret);
  const env = ownEnv();
  const reach = await reachHosts(plan.inventory, hostsOfPlan(plan), terminal, redactor);
  const secrets = secretsOf(plan, env, terminal, redactor, reach.connection);
  await learnSecrets(plan, secrets);
  // What lockstep starts from here on (ssh, a local lane's sh) inherits no secret; `command:` sources get `env` whole.
  withdraw(secretVariables(plan));
  return { redactor, secrets, reach };
}

/** The environment variables that the runbook or the inventory calls the source of a secret. */
function secretVariables({ runbook, inventory }: Plan): readonly string[] {
  const text = JSON.stringify([runbook.secrets, inventory]);
  return [...text.matchAll(/"env:([A-Za-z_]\w*)"/g)].map(([, name]) => name ?? '');
}
