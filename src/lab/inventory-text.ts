import { stringify } from 'yaml';
import { labDir } from './lab-paths.ts';
import type { LabHost } from './lab-record.ts';
import { nodeKinds } from './nodes.ts';
import type { Platform } from './platforms/platform.ts';

/** The lab as a native inventory; paths are relative to the file, but for those of secrets. */
export function inventoryText(lab: string, platform: Platform, hosts: readonly LabHost[]): string {
  const secrets = Object.fromEntries(
    Object.entries(platform.sources).map(([name, file]) => [name, `file:${labDir(lab)}/secrets/${file}`]),
  );
  return stringify({
    format: 'lockstep-inventory/1',
    vars: { ...platform.vars, secrets },
    access: { user: 'root', identity: 'id_ed25519', 'known-hosts': 'known_hosts' },
    groups: Object.fromEntries(
      Object.entries(nodeKinds)
        .map(([kind, { group }]) => [group, hosts.filter((host) => host.kind === kind)] as const)
        .filter(([, members]) => members.length > 0)
        .map(([group, members]) => [group, { hosts: members.map((host) => host.name) }]),
    ),
    hosts: Object.fromEntries(
      hosts.map((host) => [
        host.name,
        { address: host.fqdn, connect: host.address, platform: platform.name, vars: {} },
      ]),
    ),
  });
}
