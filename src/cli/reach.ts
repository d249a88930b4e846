/** From an inventory to open connections: secrets of access, `ssh -G`, host keys, directories. */
import { TransportError } from '../engine/ports.ts';
import type { OpenDirectory } from '../hosts/site.ts';
import type { Inventory } from '../inventory/model.ts';
import { openDirectory } from '../ldap/directory.ts';
import { rootPasswords } from '../localconfig/root-passwords.ts';
import type { Redactor } from '../secrets/redact.ts';
import { createSecretCache } from '../secrets/sources.ts';
import { appendKnownHost } from '../transport/add-known-host.ts';
import { createTransport } from '../transport/pool.ts';
import { createSshConfig } from '../transport/ssh-config.ts';
import { toTarget } from '../transport/targets.ts';
import type { AskHostKey, Connection, Target, TransportOptions } from '../transport/transport.ts';
import { EXIT, Stop } from './exit-code.ts';
import { ownEnv } from './own-env.ts';
import type { Terminal } from './terminal.ts';

export interface Reach {
  /** How a host is reached: for programs that go there by themselves. */
  target(host: string): Target;
  connection(host: string): Connection;
  readonly openDirectory: OpenDirectory;
  close(): Promise<void>;
}

/** Makes the way to each host; nothing is contacted before a connection is first used. */
export async function reachHosts(
  inventory: Inventory,
  hosts: readonly string[],
  terminal: Terminal,
  redactor: Redactor,
  options: Omit<TransportOptions, 'askHostKey'> = {},
): Promise<Reach> {
  const targetOf = targetMaker(inventory, terminal, redactor);
  const targets = new Map<string, Target>();
  const failures: TransportError[] = [];
  await Promise.all(
    hosts.map(async (name) => {
      const host = inventory.hosts[name];
      if (!host) throw new Error(`the inventory has no host ${name}`);
      try {
        targets.set(name, await targetOf(host));
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        failures.push(error);
      }
    }),
  );
  const [first] = failures;
  if (first)
    throw new Stop(
      EXIT.usage,
      failures.map(({ message }) => message).join('\n'),
      `${first.next}; no host was contacted`,
    );
  const transport = createTransport({ ...options, askHostKey: hostKeyQuestion(terminal, targets) });
  const target = (host: string): Target => {
    const found = targets.get(host);
    if (!found) throw new Error(`no way to ${host} was made`);
    return found;
  };
  const connection = (host: string) => transport.connect(target(host));
  const rootPassword = rootPasswords(connection, redactor.add);
  return {
    target,
    connection,
    openDirectory: (host, address, over) =>
      openDirectory(
        address,
        {
          unix: (path, as) => over.forwardUnix(path, as),
          tcp: (name, port) => over.forwardTcp(name, port),
          rootPassword: (product, refused) => rootPassword(host, product, refused),
        },
        host,
      ),
    close: () => transport.closeAll(),
  };
}

/** How a host of the inventory becomes a target, with passwords fetched when one is named. */
export function targetMaker(inventory: Inventory, terminal: Terminal, redactor?: Redactor) {
  const secrets = createSecretCache(
    () => ({
      env: ownEnv(),
      ...(terminal.present && { ask: (prompt: string) => terminal.line(`${prompt}: `, true) }),
      warn: (line) => void process.stderr.write(`${line}\n`),
    }),
    (secret) => redactor?.add(secret),
  );
  const file = process.env['LOCKSTEP_SSH_CONFIG'];
  const sshConfig = createSshConfig(file ? { file } : {});
  return (host: Inventory['hosts'][string]): Promise<Target> =>
    toTarget(host, inventory, sshConfig, (reference, name) => secrets(name, [reference]));
}

/** An accepted key is filed in the first of the host's files, so that the question comes once. */
export function hostKeyQuestion(terminal: Terminal, targets: ReadonlyMap<string, Target>): AskHostKey {
  return async ({ host, port, type, fingerprint, line }) => {
    const all = [...targets.values()].flatMap((target) => [...(target.jump ?? []), target]);
    const target = all.find((one) => one.address === host && one.port === port);
    const [file] = target?.knownHostsFiles ?? [];
    const where = file === undefined ? '' : ` in ${file}`;
    const answer = await terminal.line(
      `${host}:${port} shows a host key that is in no known_hosts file: ${type} ${fingerprint}\nIs it the right one? Type yes to keep it${where}: `,
    );
    if (answer !== 'yes') return false;
    if (file !== undefined) await appendKnownHost(file, line);
    return true;
  };
}
