import { readLocalconfig } from '../localconfig/read.ts';
import type { Plan } from '../plan/plan.ts';
import type { Redactor } from '../secrets/redact.ts';
import type { Secret } from '../secrets/secret.ts';
import { createSecretCache, isGivenByHost } from '../secrets/sources.ts';
import type { Connection } from '../transport/transport.ts';
import type { Terminal } from './terminal.ts';

/**
 * Fetches a runbook's secrets when they are first needed. `inventory:NAME` stands for the source that the inventory
 * gives in its variable `secrets`, so that each site says where it keeps its own.
 */
export function secretsOf(
  plan: Plan,
  env: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
  redactor: Redactor,
  connection: (host: string) => Connection,
): (name: string, host: string) => Promise<Secret> {
  const cache = createSecretCache(
    (host) => ({
      env,
      ...(terminal.present && { ask: (prompt: string) => terminal.line(`${prompt}: `, true) }),
      ...(host && {
        probe: (argv: readonly string[]) => connection(host).probe({ argv }),
        // Anew for each secret: an earlier step may have changed the file.
        localconfig: () => readLocalconfig((command) => connection(host).probe(command), host),
      }),
      warn: (line: string) => void process.stderr.write(`${line}\n`),
    }),
    (secret) => redactor.add(secret),
  );
  return (name, host) => {
    return cache(name, sourcesOf(plan, name), plan.secretHosts[name] ?? host);
  };
}

/** Sources that take neither a person, nor a host, nor a program that may have an effect. */
const QUIET = /^(env|file):/;

/**
 * Fetches what can be had quietly before any host says a word: a host may show a secret that no step has needed yet, or, after
 * a resume, one that an earlier step has put there. What cannot be had is told when a step needs it.
 */
export async function learnSecrets(plan: Plan, secrets: ReturnType<typeof secretsOf>): Promise<void> {
  await Promise.all(
    Object.keys(plan.runbook.secrets).map(async (name) => {
      const [first = ''] = sourcesOf(plan, name);
      if (QUIET.test(first)) await secrets(name, '').catch(() => undefined);
    }),
  );
}

/** Has each host its own, rather than all the same one? */
export function differsByHost(plan: Plan, name: string): boolean {
  return plan.secretHosts[name] === undefined && isGivenByHost(sourcesOf(plan, name));
}

function sourcesOf(plan: Plan, name: string): readonly string[] {
  const spec = plan.runbook.secrets[name];
  if (!spec) throw new Error(`the runbook has no secret ${name}`);
  return spec.from.map((source) => fromInventory(plan, source));
}

function fromInventory(plan: Plan, source: string): string {
  if (!source.startsWith('inventory:')) return source;
  const sources = plan.inventory.vars['secrets'];
  const name = source.slice('inventory:'.length);
  const found =
    typeof sources === 'object' && sources !== null && name in sources
      ? (sources as Readonly<Record<string, unknown>>)[name]
      : undefined;
  // An empty variable name reads as "not set", with the reason in the message.
  return typeof found === 'string' ? found : `env:(the inventory's vars.secrets has no ${name})`;
}
