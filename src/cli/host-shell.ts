import type { Inventory } from '../inventory/model.ts';
import { Secret } from '../secrets/secret.ts';
import { quoteForProxy } from '../transport/shell.ts';
import { createSshConfig } from '../transport/ssh-config.ts';
import { toTarget } from '../transport/targets.ts';
import type { Target } from '../transport/transport.ts';

/** Of ssh's own configuration only what stands in the argv counts: it is what lockstep itself goes by. */
const NO_FILE = ['-F', 'none'];

/**
 * argv of a shell for a person on a host, entered as lockstep enters it: by the same way, as the same user, with the same keys and
 * known host keys. `shell` is what is started where the host is this machine. Holds no secret: ssh asks for a
 * password or a passphrase itself. Throws TypeError for what no argument can hold.
 */
export function shellArgv(target: Target, shell = 'sh'): readonly string[] {
  if (target.transport !== 'ssh2') return [shell];
  return ['ssh', ...wayTo(target, target.jump ?? []), '--', target.address];
}

/** The same for a host of an inventory. Fetches no secret. Rejects with TransportError where no way to it can be made. */
export async function shellOn(
  inventory: Pick<Inventory, 'hosts'>,
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly string[]> {
  const host = inventory.hosts[name];
  if (!host) throw new Error(`the inventory has no host ${name}`);
  const file = env['LOCKSTEP_SSH_CONFIG'];
  const sshConfig = createSshConfig(file ? { file } : {});
  // What a person types is theirs: nothing stands for it here.
  const noSecret = async (_reference: string, secret: string) => new Secret(secret, '');
  return shellArgv(await toTarget(host, inventory, sshConfig, noSecret), env['SHELL'] || 'sh');
}

/** Options that lead to a host behind these, outermost first. */
function wayTo(target: Target, jumps: readonly Target[]): readonly string[] {
  return [...NO_FILE, ...loginOptions(target), ...proxyOptions(target, jumps)];
}

function loginOptions(target: Target): readonly string[] {
  const { user, port, identityFiles, agent, knownHostsFiles, hostKeyAlias, connectTimeoutMs, keepaliveMs } =
    target;
  const files = knownHostsFiles.length === 0 ? ['/dev/null'] : knownHostsFiles;
  return [
    ...['-l', user, '-p', String(port)],
    ...identityFiles.flatMap((file) => option('IdentityFile', path(file))),
    ...option('IdentitiesOnly', agent === undefined ? 'yes' : 'no'),
    ...option('IdentityAgent', agent === undefined ? 'none' : path(agent)),
    ...option('UserKnownHostsFile', files.map(path).join(' ')),
    ...option('GlobalKnownHostsFile', '/dev/null'),
    // An unknown key is asked about, a changed one refused, as lockstep does.
    ...option('StrictHostKeyChecking', 'ask'),
    ...(hostKeyAlias === undefined ? [] : option('HostKeyAlias', hostKeyAlias)),
    ...(connectTimeoutMs === undefined ? [] : option('ConnectTimeout', seconds(connectTimeoutMs))),
    ...(keepaliveMs === undefined ? [] : option('ServerAliveInterval', seconds(keepaliveMs))),
    ...(target.keepaliveTries === undefined
      ? []
      : option('ServerAliveCountMax', String(target.keepaliveTries))),
  ];
}

/** ProxyJump would enter the jump hosts by the configuration file; this takes their own keys and known host keys. */
function proxyOptions(target: Target, jumps: readonly Target[]): readonly string[] {
  const last = jumps.at(-1);
  if (last === undefined) return [];
  const to = ['-W', `[${target.address}]:${target.port}`];
  const words = ['ssh', ...wayTo(last, jumps.slice(0, -1)), ...to, '--', last.address];
  return option('ProxyCommand', percent(words.map(quoteForProxy).join(' ')));
}

function option(name: string, value: string): readonly string[] {
  return ['-o', `${name}=${value}`];
}

/** A path as ssh_config(5) reads it: in quotes for its blanks, `%` not expanded. For `${` it knows no escape. */
function path(file: string): string {
  if (/\$\{|[\n\0]/.test(file))
    throw new TypeError(`the path ${JSON.stringify(file)} cannot be named to ssh`);
  return `"${percent(file.replaceAll(/["\\]/g, '\\$&'))}"`;
}

function percent(text: string): string {
  return text.replaceAll('%', '%%');
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}
