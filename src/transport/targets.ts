/** From an inventory's host to a target: the inventory wins over `ssh -G`, and that over OpenSSH's defaults. */
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { TransportError } from '../engine/ports.ts';
import { parseHostPattern } from '../inventory/host-pattern.ts';
import type { Access, Inventory, InventoryHost } from '../inventory/model.ts';
import { jumpOfCommand } from '../inventory/ssh-args.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { SecretError } from '../secrets/sources.ts';
import type { SshConfig, SshSettings } from './ssh-config.ts';
import type { Become, Target } from './transport.ts';

/** Fetches what a reference such as `env:NAME` stands for; `name` is what it is shown as. */
export type SecretOf = (reference: string, name: string) => Promise<Secret>;

interface World {
  readonly inventory: Pick<Inventory, 'hosts'>;
  readonly sshConfig: SshConfig;
  readonly secretOf: SecretOf;
}

/**
 * How to reach and enter a host, its jump hosts flattened, outermost first. Rejects with TransportError (`refused`) for
 * a setting that cannot be used, a circle of jumps, a private key that is missing or that others can read.
 */
export function toTarget(
  host: InventoryHost,
  inventory: Pick<Inventory, 'hosts'>,
  sshConfig: SshConfig,
  secretOf: SecretOf,
): Promise<Target> {
  return targetOf(host, { inventory, sshConfig, secretOf }, []);
}

async function targetOf(host: InventoryHost, world: World, trail: readonly string[]): Promise<Target> {
  const { access } = host;
  const unusable = Object.values(access.unusable ?? {})[0];
  if (unusable !== undefined) {
    throw refuse(
      host.name,
      `how to reach it is not known: ${unusable}`,
      'Write the value out, or set a lockstep_ variable in its place.',
    );
  }
  const shared = {
    name: host.name,
    ...(access.receipts === undefined ? {} : { receipts: access.receipts }),
    ...(await becomeOf(host.name, access, world.secretOf)),
  };
  if (access.transport === 'local') {
    const user = userInfo().username;
    return {
      ...shared,
      address: 'localhost',
      port: 22,
      user,
      transport: 'local',
      identityFiles: [],
      knownHostsFiles: [],
    };
  }
  const settings = await settingsOf(host.name, access.address ?? host.address, access, world.sshConfig);
  const jump = await jumpsOf(host.name, access.jump, settings, world, trail);
  return {
    ...shared,
    ...(await loginOf(host.name, access, settings)),
    ...(await secretsOf(host.name, access, world.secretOf)),
    ...(jump.length === 0 ? {} : { jump }),
  };
}

async function settingsOf(
  name: string,
  address: string,
  access: Access,
  sshConfig: SshConfig,
): Promise<SshSettings> {
  const { user, port } = access;
  try {
    return await sshConfig({
      host: address,
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(name, why, 'Mend the ssh configuration, or take the host out of it.', error);
  }
}

/** Who logs in where, with which keys. */
async function loginOf(name: string, access: Access, settings: SshSettings) {
  const { hostname, user, port, agent, hostKeyAlias, keepaliveMs, keepaliveTries, connectTimeoutMs } =
    settings;
  const own = access.knownHosts === undefined ? settings.userKnownHosts : [access.knownHosts];
  const identityFiles = await identitiesOf(name, access, settings);
  // IdentitiesOnly keeps an agent with many keys from using up sshd's MaxAuthTries before the right one.
  const useAgent = agent !== undefined && !(settings.identitiesOnly && identityFiles.length > 0);
  return {
    address: hostname,
    port: access.port ?? port,
    user: access.user ?? user,
    transport: 'ssh2' as const,
    identityFiles,
    ...(useAgent ? { agent } : {}),
    knownHostsFiles: [...own, ...settings.globalKnownHosts],
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(keepaliveMs === undefined ? {} : { keepaliveMs }),
    ...(keepaliveTries === undefined ? {} : { keepaliveTries }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  };
}

/** A key that the inventory names must be there and private. Of ssh's own, the open ones are left out, as ssh does. */
async function identitiesOf(name: string, access: Access, settings: SshSettings): Promise<readonly string[]> {
  if (access.identityFile !== undefined) {
    const wrong = await keyFault(access.identityFile);
    if (wrong) throw refuse(name, `the private key ${access.identityFile} ${wrong.fact}`, wrong.next);
    return [access.identityFile];
  }
  const faults = await Promise.all(settings.identityFiles.map((file) => keyFault(file)));
  const good = settings.identityFiles.filter((_, index) => faults[index] === undefined);
  const fault = faults.find((each) => each !== undefined);
  if (good.length === 0 && fault && settings.agent === undefined && access.password === undefined) {
    throw refuse(name, `the only private key, ${settings.identityFiles[0]}, ${fault.fact}`, fault.next);
  }
  return good;
}

async function keyFault(file: string): Promise<{ readonly fact: string; readonly next: string } | undefined> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const fact = found.code === 'ENOENT' ? 'is not there' : `cannot be read (${found.code ?? found.message})`;
    return { fact, next: 'Mend the path (identity, or ansible_ssh_private_key_file), or put the key there.' };
  }
  if (!found.isFile()) return { fact: 'is not a file', next: 'Name the private key itself.' };
  // As OpenSSH: only the owner's own key is judged (authfile.c, sshkey_perm_ok).
  if (found.uid !== process.getuid?.() || (found.mode & 0o077) === 0) return undefined;
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  return { fact: `can be read by others (mode ${mode})`, next: `Run: chmod 600 ${file}` };
}

async function becomeOf(
  name: string,
  access: Access,
  secretOf: SecretOf,
): Promise<{ readonly become?: Become }> {
  if (!access.become) return {};
  const { method, user, password } = access.become;
  return {
    become: {
      method,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined
        ? {}
        : { password: await clear(name, password, 'become-password', secretOf) }),
    },
  };
}

async function secretsOf(name: string, access: Access, secretOf: SecretOf) {
  const { password, passphrase } = access;
  return {
    ...(password === undefined ? {} : { password: await clear(name, password, 'login-password', secretOf) }),
    ...(passphrase === undefined
      ? {}
      : { passphrase: await clear(name, passphrase, 'key-passphrase', secretOf) }),
  };
}

async function clear(host: string, text: Text, name: string, secretOf: SecretOf): Promise<Secret> {
  if (text instanceof Secret) return text;
  try {
    return await secretOf(text, name);
  } catch (error) {
    if (error instanceof SecretError) throw refuse(host, error.message, `Give ${text} a value.`, error);
    throw error;
  }
}

/** The way to a host; a list that names the host itself (a default for all) ends before it. */
async function jumpsOf(
  name: string,
  given: readonly string[] | undefined,
  settings: SshSettings,
  world: World,
  trail: readonly string[],
): Promise<readonly Target[]> {
  const hops = given ?? settings.jump ?? proxyCommandJumps(name, settings);
  const before = hops.includes(name) ? hops.slice(0, hops.indexOf(name)) : hops;
  if (before.length === 0) return [];
  if (trail.includes(name)) {
    const circle = [...trail.slice(trail.indexOf(name)), name].join(' > ');
    throw refuse(
      name,
      `its jump hosts go in a circle: ${circle}`,
      'Take the jump off the outermost of them (jump: []).',
    );
  }
  const targets: Target[] = [];
  for (const [index, hop] of before.entries()) {
    const target = await hopTarget(name, hop, world, [...trail, name]);
    // The list is the whole way; only its outermost hop may have a way of its own.
    const { jump = [], ...alone } = target;
    if (index === 0) targets.push(...jump);
    targets.push(alone);
  }
  return targets;
}

/** A hop is a host of the inventory, or `user@host:port`, which `ssh -G` may know more of. */
function hopTarget(of: string, hop: string, world: World, trail: readonly string[]): Promise<Target> {
  const known = Object.hasOwn(world.inventory.hosts, hop) ? world.inventory.hosts[hop] : undefined;
  if (known) return targetOf(known, world, trail);
  const [, user, rest = ''] = /^(?:ssh:\/\/)?(?:(.*)@)?(.+?)\/?$/.exec(hop) ?? [];
  const parsed = parseHostPattern(rest);
  const address = 'names' in parsed && parsed.names.length === 1 ? parsed.names[0] : undefined;
  if (address === undefined || !('names' in parsed)) {
    throw refuse(
      of,
      `its jump host "${hop}" cannot be read`,
      'Name a host of the inventory, or user@host:port.',
    );
  }
  const { port } = parsed;
  const access: Access = { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
  return targetOf({ name: hop, address, platform: '', groups: [], vars: {}, access }, world, trail);
}

function proxyCommandJumps(name: string, settings: SshSettings): readonly string[] {
  if (settings.proxyCommand === undefined) return [];
  const jump = jumpOfCommand(settings.proxyCommand);
  if (jump) return jump;
  throw refuse(
    name,
    `ssh_config reaches it by ProxyCommand, which lockstep does not run`,
    'Write it as ProxyJump, or set jump in the inventory.',
  );
}

function refuse(host: string, message: string, next: string, cause?: unknown): TransportError {
  return new TransportError(
    'refused',
    host,
    `${host}: ${message}`,
    next,
    cause === undefined ? {} : { cause },
  );
}
