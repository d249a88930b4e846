/** `inventory show`: the hosts as lockstep reads them. */
import type { Inventory, InventoryHost } from '../inventory/model.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { table } from './table.ts';

/** A table of the chosen hosts; no secret in it. */
export function inventoryTable(inventory: Inventory, hosts: readonly string[]): string {
  const rows = chosen(inventory, hosts).map((host) => {
    const { access } = host;
    const { transport = 'ssh2', jump = [], become } = access;
    const login = `${access.user === undefined ? '' : `${access.user}@`}${access.address ?? host.address}`;
    const way = [
      transport === 'local'
        ? 'this machine'
        : `${login}${access.port === undefined ? '' : `:${access.port}`}`,
      ...(jump.length > 0 ? [`via ${jump.join(', ')}`] : []),
      ...(become?.user === undefined ? [] : [`${become.method} ${become.user}`]),
      ...Object.values(access.unusable ?? {}).map((why) => `UNUSABLE: ${why}`),
    ];
    return [host.name, host.address, host.platform || '-', host.groups.join(','), way.join('; ')];
  });
  return table(['HOST', 'ADDRESS', 'PLATFORM', 'GROUPS', 'REACHED AS'], rows);
}

/** The same as JSON, with variables; a secret is `{ "$secret": NAME }`. */
export function inventoryJson(inventory: Inventory, hosts: readonly string[]): string {
  const kept = snapshot({
    ...inventory,
    hosts: Object.fromEntries(chosen(inventory, hosts).map((host) => [host.name, host])),
  });
  return JSON.stringify(kept, null, 2);
}

function chosen(inventory: Inventory, hosts: readonly string[]): readonly InventoryHost[] {
  return hosts.flatMap((name) => inventory.hosts[name] ?? []);
}
