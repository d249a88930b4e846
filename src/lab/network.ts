import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { controllerLink, locksRoot, netnsFile } from './lab-paths.ts';
import type { LabHost } from './lab-record.ts';
import { runProgram } from './run-program.ts';
import { chooseSubnet } from './subnet.ts';
import { withLock } from './with-lock.ts';

/** `ip -batch` lines for the machine's own namespace: one veth into the lab's switch, and its address. */
export function controllerBatch(lab: string, subnet: string): string {
  const link = controllerLink(lab);
  return lines(
    `link add ${link} type veth peer name uplink netns ${netnsFile(lab, 'switch')}`,
    `addr add ${subnet}.1/24 dev ${link}`,
    `link set ${link} up`,
  );
}

/** `ip -batch` lines for the switch: a bridge, and a port named like each host. */
export function switchBatch(lab: string, hosts: readonly string[]): string {
  return lines(
    'link add switch type bridge',
    'link set switch up',
    'link set uplink master switch up',
    ...hosts.flatMap((host) => [
      `link add ${host} type veth peer name eth0 netns ${netnsFile(lab, host)}`,
      `link set ${host} master switch up`,
    ]),
  );
}

/** `ip -batch` lines for a host. No default route: a packet for elsewhere fails at once instead of hanging. */
export function hostBatch(address: string): string {
  return lines('link set lo up', `addr add ${address}/24 dev eth0`, 'link set eth0 up');
}

function lines(...commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}

/**
 * Takes a free subnet and links the machine to the lab's switch. Under a lock of all labs, so that two never choose the
 * same. Resolves to the subnet's first three octets.
 */
export async function openSwitch(lab: string): Promise<string> {
  await makeNamespace(lab, 'switch');
  return withLock(
    `${locksRoot}/network.lock`,
    () => {},
    async () => {
      const subnet = chooseSubnet(lab, await takenSubnets());
      await batch(undefined, controllerBatch(lab, subnet));
      return subnet;
    },
  );
}

/** Gives each host its namespace, its port on the switch and its address. */
export async function connectHosts(lab: string, hosts: readonly LabHost[]): Promise<void> {
  await Promise.all(hosts.map((host) => makeNamespace(lab, host.name)));
  const names = hosts.map((host) => host.name);
  await batch(netnsFile(lab, 'switch'), switchBatch(lab, names));
  await Promise.all(hosts.map((host) => batch(netnsFile(lab, host.name), hostBatch(host.address))));
}

/** Takes the machine's end away; the rest of the network goes with its namespaces. Harmless when there is none. */
export async function closeSwitch(lab: string): Promise<void> {
  await runProgram(['ip', 'link', 'del', controllerLink(lab)], { anyCode: true });
}

/** Pulls or plugs a host's network cable at the switch. */
export async function setLink(lab: string, host: string, state: 'up' | 'down'): Promise<void> {
  await batch(netnsFile(lab, 'switch'), lines(`link set ${host} ${state}`));
}

/**
 * A host's own end of its cable goes dark with its power. Its kernel is the machine's and goes on: it would tell every peer
 * of a dead host that the connection is closed or refused, which no host without power does.
 */
export async function setCarrier(lab: string, host: string, power: 'on' | 'off'): Promise<void> {
  await batch(netnsFile(lab, host), lines(`link set eth0 ${power === 'on' ? 'up' : 'down'}`));
}

/** Whether a host's cable is plugged at the switch; `cut` too when the switch is gone. */
export async function linkState(lab: string, host: string): Promise<'up' | 'cut'> {
  const enter = ['nsenter', `--net=${netnsFile(lab, 'switch')}`, 'ip', '-o', 'link', 'show', 'dev', host];
  const { stdout } = await runProgram(enter, { anyCode: true });
  return /<(?:[A-Z_-]+,)*UP[,>]/.test(stdout) ? 'up' : 'cut';
}

/** The far end of a host's detour: what comes out here has yet to be carried to the device named like the host. */
export function detourEnd(host: string): string {
  return `line-${host}`;
}

/**
 * Puts a pair of devices between the switch and a host's port, for `carry` to pass frames from `detourEnd` to the port and
 * back; it resolves once it does so. In place of any detour there was; the link stays cut if it was.
 */
export async function makeDetour(lab: string, host: string, carry: () => Promise<void>): Promise<void> {
  const file = netnsFile(lab, 'switch');
  await endDetour(lab, host);
  const pair = `link add slow-${host} type veth peer name ${detourEnd(host)}`;
  await batch(file, lines(pair, `link set ${detourEnd(host)} up`));
  await carry();
  await batch(file, lines(`link set ${host} nomaster`, `link set slow-${host} master switch up`));
}

/** Plugs a host's port into the switch again. Harmless when there is no detour. */
export async function endDetour(lab: string, host: string): Promise<void> {
  const file = netnsFile(lab, 'switch');
  await runProgram(['nsenter', `--net=${file}`, 'ip', 'link', 'del', `slow-${host}`], { anyCode: true });
  await batch(file, lines(`link set ${host} master switch`));
}

/** A namespace that outlives every process: bound to a file of the lab, so that `ip netns` knows nothing of it. */
async function makeNamespace(lab: string, host: string): Promise<void> {
  const file = netnsFile(lab, host);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, '', { mode: 0o600 });
  await runProgram(['unshare', `--net=${file}`, 'true'], { about: `network namespace of ${host}` });
}

async function batch(namespace: string | undefined, commands: string): Promise<void> {
  const enter = namespace ? ['nsenter', `--net=${namespace}`] : [];
  await runProgram([...enter, 'ip', '-batch', '-'], { stdin: commands, about: 'ip -batch' });
}

/** Every IPv4 address, route and name server of the machine. */
async function takenSubnets(): Promise<readonly string[]> {
  const listings = await Promise.all([
    runProgram(['ip', '-4', 'route', 'show', 'table', 'all']),
    runProgram(['ip', '-4', '-o', 'addr', 'show']),
    readFile('/etc/resolv.conf', 'utf8').then(
      (stdout) => ({ stdout }),
      () => ({ stdout: '' }),
    ),
  ]);
  return listings.flatMap(({ stdout }) => stdout.split(/\s+/));
}
