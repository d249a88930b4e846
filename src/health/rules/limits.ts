/** Limits of the replicator, as cn=config has them. */
import { sameDn } from '../../ldap/dn.ts';
import { plainWordOf } from '../../ldap/syncrepl.ts';
import { modifyCommand } from '../commands.ts';
import { type SizeLimit, sizeLimitFor } from '../limits.ts';
import type { Pool } from '../pool.ts';
import type { Server } from '../server.ts';
import { isDelta, type Link, peerOf } from '../topology.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const limitRules: readonly Rule[] = [
  rule({
    code: 'limits-missing',
    severity: ['warning', 'critical'],
    about:
      'No olcLimits lifts the size limit for the replicator. Critical where there are more entries than that.',
    why: 'beyond the limit a consumer that starts from nothing stops there for ever, and looks as if it worked',
    mends:
      'Add olcLimits for the replicator, without limits of size and time, to the database of each provider.',
    find: (pool) => [...limited(pool), ...limitedLogs(pool)],
  }),
];

function limited({ links }: Pool): readonly Found[] {
  return perProvider(links, (link, provider, dn) => {
    const { database, config, content } = provider;
    if (!database || !config || (database.rootDn !== undefined && sameDn(database.rootDn, dn))) return [];
    const limit = sizeLimitFor(dn, database.limits, config.sizeLimit);
    // What was tried is proven, and what was stopped is told by its own rule.
    const { trial } = link;
    if (limit.kind !== 'number' || (trial?.kind === 'ok' && (trial.limited || trial.entries > limit.entries)))
      return [];
    const isOver = content !== undefined && content.entries > limit.entries;
    return [
      {
        severity: isOver ? 'critical' : 'warning',
        where: [provider.name],
        what: `${provider.name} gives ${dn} at most ${limit.entries} entries${content ? `, of ${content.entries} that it has` : ''}`,
        ...limitsFix(link),
      },
    ];
  });
}

/** Also on the log: a consumer that was away reads from it whatever has happened since. */
function limitedLogs({ links }: Pool): readonly Found[] {
  return perProvider(links.filter(isDelta), (_, provider, dn) => {
    const { config } = provider;
    const log = config?.log;
    if (!config || !log || (log.rootDn !== undefined && sameDn(log.rootDn, dn))) return [];
    const limit: SizeLimit = sizeLimitFor(dn, log.limits, config.sizeLimit);
    if (limit.kind !== 'number') return [];
    return [
      {
        where: [provider.name],
        what: `${provider.name} gives ${dn} at most ${limit.entries} entries of ${log.suffix}`,
        fix: `On ${provider.name}, add to the database of ${log.suffix}: olcLimits: ${unlimited(dn)}.`,
      },
    ];
  });
}

/** Once for each provider and account. */
function perProvider(
  links: readonly Link[],
  judge: (link: Link, provider: Server, dn: string) => readonly Found[],
): readonly Found[] {
  const done = new Set<string>();
  return links.flatMap((link) => {
    const provider = peerOf(link);
    const dn = plainWordOf(link.agreement, 'binddn');
    if (!provider || dn === undefined) return [];
    const key = `${provider.name} ${dn.toLowerCase()}`;
    if (done.has(key)) return [];
    done.add(key);
    return judge(link, provider, dn);
  });
}

function unlimited(dn: string): string {
  return `dn.exact="${dn}" time.soft=unlimited time.hard=unlimited size.soft=unlimited size.hard=unlimited`;
}

export function limitsFix(link: Link): { readonly fix?: string } {
  const provider = peerOf(link);
  const dn = plainWordOf(link.agreement, 'binddn');
  if (!provider?.database || dn === undefined) return {};
  const command = modifyCommand(provider, provider.database.dn, ['add', 'olcLimits', `{0}${unlimited(dn)}`]);
  return { fix: `On ${provider.name}: ${command}.` };
}
