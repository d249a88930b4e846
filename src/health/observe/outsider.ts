/** A server that agreements name and no inventory knows: what can be seen as the replicator, through who pulls from it. */
import type { DirectoryReader } from '../../engine/ports.ts';
import { formatLdapUrl, type LdapUrl, readLdapUrl } from '../../ldap/ldap-url.ts';
import { plainWordOf } from '../../ldap/syncrepl.ts';
import type { ServerFacts } from '../facts.ts';
import type { Holdings } from './contents.ts';
import { agreementsOf, type Door, namesOf, type Server } from './server.ts';
import type { SiteAsk } from './site.ts';

export interface Outsider {
  /** `address:port` */
  readonly host: string;
  readonly address: string;
  /** Whose connection is used. */
  readonly through: string;
  readonly directory?: DirectoryReader;
  /** Why nobody gets in, or why nobody could try. */
  readonly shut?: string;
  readonly untried?: string;
}

/** Where the agreements of these servers lead; what is no URL of a server leads nowhere. */
export function providersOf(server: Server): readonly LdapUrl[] {
  return agreementsOf(server).flatMap((agreement) => urlOf(plainWordOf(agreement, 'provider')));
}

/** Finds the server of the site that a URL means, by the inventory and by what the hosts call themselves. */
export type Served = (url: LdapUrl) => Server | undefined;

export function servedBy(servers: readonly Server[], follow: SiteAsk['follow']): Served {
  return (url) => {
    const host = follow?.(url);
    return servers.find((server) => server.sight.host === host || namesOf(server).includes(url.host));
  };
}

/** Each once, through the first consumer who gets in. */
export function outsidersOf(
  doors: ReadonlyMap<Server, readonly Door[]>,
  served: Served,
): readonly Outsider[] {
  const found = new Map<string, Outsider>();
  for (const [server, own] of doors) {
    for (const { agreement, entered } of own) {
      const [url] = urlOf(plainWordOf(agreement, 'provider'));
      if (!url || entered.kind === 'itself' || served(url)) continue;
      const host = formatLdapUrl(url).replace(/^\w+:\/\//, '');
      if (found.get(host)?.directory) continue;
      const base = { host, address: url.host, through: server.sight.host };
      if (entered.kind === 'in') found.set(host, { ...base, directory: entered.directory });
      else if (entered.kind === 'untried') found.set(host, { ...base, untried: entered.why });
      else found.set(host, { ...base, shut: entered.why });
    }
  }
  return [...found.values()];
}

export function outsiderFacts(outsider: Outsider, holdings: Holdings | undefined): ServerFacts {
  const { host, address, through, shut, untried } = outsider;
  const unknown = { unknown: `it is not in the inventory: looked at over LDAP, through ${through}` };
  const unread = { unknown: shut ?? untried ?? 'it was not read' };
  return {
    host,
    address,
    through,
    ...(shut !== undefined && { unreachable: `through ${through}: ${shut}` }),
    clock: unknown,
    installation: unknown,
    config: unknown,
    csns: holdings?.csns ?? unread,
    content: holdings?.content ?? unread,
    monitor: unknown,
    log: unknown,
    trials: new Map(),
  };
}

/** None where it is no URL of another server. */
export function urlOf(text: string | undefined): LdapUrl[] {
  const url = readLdapUrl(text ?? '');
  return url && url.scheme !== 'ldapi' ? [url] : [];
}
