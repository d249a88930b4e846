import type { KeyPair } from './lab-keys.ts';
import type { LabHost } from './lab-record.ts';

export interface HostFile {
  /** Absolute, inside the host. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** Login name and home of everybody who may come in with the lab's key. */
export const logins: ReadonlyArray<readonly [string, string]> = [
  ['root', '/root'],
  ['admin', '/home/admin'],
  ['operator', '/home/operator'],
  ['nosudo', '/home/nosudo'],
];

/** All that makes one host of an image that particular host: its name, its peers, its keys. */
export function hostFiles(
  host: LabHost,
  hosts: readonly LabHost[],
  machineId: string,
  hostKey: KeyPair,
  loginKey: string,
): readonly HostFile[] {
  return [
    { path: '/etc/hostname', mode: 0o644, text: `${host.name}\n` },
    { path: '/etc/machine-id', mode: 0o444, text: `${machineId}\n` },
    { path: '/etc/hosts', mode: 0o644, text: hostsFile(hosts) },
    { path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, text: hostKey.private },
    { path: '/etc/ssh/ssh_host_ed25519_key.pub', mode: 0o644, text: `${hostKey.public}\n` },
    ...logins.map(([, home]) => ({
      path: `${home}/.ssh/authorized_keys`,
      mode: 0o600,
      text: `${loginKey}\n`,
    })),
  ];
}

function hostsFile(hosts: readonly LabHost[]): string {
  const peers = hosts.map((host) => `${host.address} ${host.fqdn} ${host.name}`);
  return `${['127.0.0.1 localhost', '::1 localhost ip6-localhost', ...peers].join('\n')}\n`;
}

/** A line of known_hosts under every name the controller may use. */
export function knownHostsLine(host: LabHost, publicKey: string): string {
  const [type = '', key = ''] = publicKey.split(' ');
  return `${host.address},${host.fqdn},${host.name} ${type} ${key}\n`;
}
