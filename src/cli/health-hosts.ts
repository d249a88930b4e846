import type { SiteAsk } from '../health/observe/site.ts';
import type { Inventory, InventoryHost } from '../inventory/model.ts';
import { EXIT, Stop } from './exit-code.ts';
import { selectOrStop } from './inventory-run.ts';

/** Where a look begins, and whether it goes on to the servers that agreements name. */
export interface Beginning extends Pick<SiteAsk, 'hosts' | 'follow'> {
  /** All that may be reached on the way. */
  readonly reachable: readonly string[];
}

/**
 * From `--seed` by walking; else the hosts that `--limit` selects and no others; else all directory servers of the
 * inventory. Throws Stop.
 */
export function beginningOf(
  inventory: Inventory,
  { seed, limit }: { readonly seed?: string; readonly limit?: string },
): Beginning {
  if (seed !== undefined && limit !== undefined)
    throw new Stop(EXIT.usage, '--seed and --limit both say where to look', 'give one of them');
  if (limit !== undefined) {
    const hosts = selectOrStop(inventory, limit).map(({ name }) => name);
    return { hosts, reachable: hosts };
  }
  const all = directoryServers(inventory);
  const follow = followIn(all);
  if (seed === undefined) {
    const hosts = all.map(({ name }) => name);
    return { hosts, reachable: hosts, follow };
  }
  const [host, ...others] = selectOrStop(inventory, seed);
  if (!host || others.length > 0)
    throw new Stop(EXIT.usage, `--seed ${seed} names more than one host`, 'name the one to begin with');
  const reachable = [...new Set([host.name, ...all.map(({ name }) => name)])];
  return { hosts: [host.name], reachable, follow };
}

/**
 * Those that are said to be, and those of which nothing is said. Where there are none of OpenLDAP, all nodes of Zimbra and
 * Carbonio: which of them have a slapd shows when they are looked at.
 */
function directoryServers({ hosts }: Inventory): readonly InventoryHost[] {
  const of = (...platforms: readonly string[]) =>
    Object.values(hosts).filter(({ platform }) => platforms.includes(platform));
  const nodes = of('zimbra', 'carbonio');
  return nodes.length > 0 && of('openldap').length === 0 ? nodes : of('openldap', '');
}

/** By the name or an address of a host, whatever the port. */
function followIn(hosts: readonly InventoryHost[]): NonNullable<SiteAsk['follow']> {
  const byName = new Map(
    hosts.flatMap(({ name, address, access }) =>
      [name, address, access.address].flatMap((one) => (one ? [[one.toLowerCase(), name] as const] : [])),
    ),
  );
  return (url) => byName.get(url.host);
}
