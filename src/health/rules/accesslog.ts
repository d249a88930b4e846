/** Replication by the accesslog: what the log needs on the provider, and the agreement on the consumer. */
import { sameDn } from '../../ldap/dn.ts';
import { plainWordOf } from '../../ldap/syncrepl.ts';
import { localconfigCommand, revertedNote, runCommand } from '../commands.ts';
import type { LogDatabaseFacts } from '../facts.ts';
import type { Pool } from '../pool.ts';
import { isAtLeast, type Server } from '../server.ts';
import { LOG_KEPT_MS } from '../thresholds.ts';
import { isDelta, isWhole, linkName, peerOf } from '../topology.ts';
import { and, spanText } from '../words.ts';
import { folded } from './agreements.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const accesslogRules: readonly Rule[] = [
  rule({
    code: 'log-missing',
    severity: 'critical',
    about: 'An agreement pulls from the accesslog of a server that has none of that name.',
    why: 'the consumer compares all entries again and again, and never goes by the log',
    mends: 'Give the provider its log: `lockstep run openldap/enable-delta-sync`.',
    find: ({ links, site }) =>
      links.filter(isDelta).flatMap((link): Found[] => {
        const peer = peerOf(link);
        const base = plainWordOf(link.agreement, 'logbase') ?? '';
        if (!peer?.config || (peer.config.log && sameDn(peer.config.log.suffix, base))) return [];
        const has = peer.config.log ? `writes to ${peer.config.log.suffix}` : 'has no accesslog';
        return [
          {
            where: [link.consumer.name, peer.name],
            what: `${linkName(link)} pulls from the log ${base || 'without a name'}, and ${peer.name} ${has}`,
            fix: `${runCommand(site, 'enable-delta-sync', { pool: `${link.consumer.name},${peer.name}` })}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'delta-incomplete',
    severity: 'warning',
    about: 'An agreement has some of the words of replication by the accesslog, and not all.',
    why: 'logbase, logfilter and syncdata=accesslog do nothing one without the other',
    mends: 'Write all three, as `lockstep run openldap/enable-delta-sync` does.',
    find: (pool) =>
      folded(pool, ['lacks words of the accesslog', 'lack words of the accesslog'], ({ agreement }) => {
        const has = (word: string) => plainWordOf(agreement, word) !== undefined;
        const syncdata = plainWordOf(agreement, 'syncdata')?.toLowerCase();
        if (!has('logbase') && !has('logfilter') && syncdata !== 'accesslog') return undefined;
        const missing = [
          ...['logbase', 'logfilter'].filter((word) => !has(word)),
          ...(syncdata === undefined ? ['syncdata=accesslog'] : []),
        ];
        return missing.length > 0 ? `no ${and(missing)}` : undefined;
      }),
  }),
  rule({
    code: 'delta-partial',
    severity: 'warning',
    about: 'An agreement by the accesslog pulls a part of the tree only.',
    why: 'the log has the changes of all entries, and those of entries that the consumer lacks make it compare everything',
    mends: 'Pull the whole tree, or pull without the accesslog.',
    find: (pool) =>
      folded(
        pool,
        ['pulls a part of the tree by the accesslog', 'pull a part of the tree by the accesslog'],
        (link) => (isDelta(link) && !isWhole(link, pool.site.suffix) ? '' : undefined),
      ),
  }),
  rule({
    code: 'log-purge-short',
    severity: 'warning',
    about: 'The accesslog keeps changes for less than a day.',
    why: 'a consumer that is away for longer compares all entries, and all consumers do so at once after an interruption of the network',
    mends: 'Keep them for as long as a server may be away: olcAccessLogPurge: 07+00:00 01+00:00.',
    find: (pool) =>
      logs(pool, (server, { suffix, purge }) => {
        const { name } = server;
        const age = purge === undefined ? undefined : ageOf(purge);
        if (age === undefined || age >= LOG_KEPT_MS) return [];
        return [
          {
            where: [name],
            what: `${name} keeps changes in ${suffix} for ${spanText(age)} (olcAccessLogPurge ${purge})`,
            ...purgeFix(server),
          },
        ];
      }),
  }),
  rule({
    code: 'log-purge-missing',
    severity: 'warning',
    about: 'The accesslog is never purged.',
    why: 'it grows until its map or its disk is full, and then no change is taken any more',
    mends: 'Add olcAccessLogPurge: 07+00:00 01+00:00 (age, interval).',
    find: (pool) =>
      logs(pool, (server, { suffix, purge }) =>
        purge === undefined
          ? [
              {
                where: [server.name],
                what: `${server.name} never removes anything from ${suffix}`,
                ...purgeFix(server),
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'log-root-dn',
    severity: 'warning',
    about: 'Before 2.6.11: the log database of a master has another rootDN than its data.',
    why: 'slapd looks for conflicting changes in the log as the rootDN of the data, and does not find them there (ITS#10360)',
    mends: 'Give the log database the same olcRootDN as the data.',
    find: (pool) =>
      logs(pool, (server, { suffix, rootDn }) => {
        const { name, database, installation } = server;
        if (!database?.multiProvider || isAtLeast(server, '2.6.11') !== false) return [];
        if (rootDn !== undefined && sameDn(rootDn, database.rootDn ?? '')) return [];
        return [
          {
            where: [name],
            what: `${name} (${installation?.version}) has olcRootDN ${rootDn ?? 'none'} on ${suffix} and ${database.rootDn ?? 'none'} on its data`,
          },
        ];
      }),
  }),
  rule({
    code: 'log-syncprov',
    severity: ['warning', 'critical'],
    about:
      'Consumers pull from a log database without syncprov (critical), or without its olcSpNoPresent and olcSpReloadHint.',
    why: 'a consumer is not told when the log reaches back too little, or compares the log itself as if it were data',
    mends: 'Put syncprov on the log database, with olcSpNoPresent TRUE and olcSpReloadHint TRUE.',
    find: (pool) =>
      logs(pool, (server, log) => {
        const isPulled = pool.links.some((link) => peerOf(link) === server && isDelta(link));
        return isPulled ? unserved(server.name, log) : [];
      }),
  }),
];

/** OpenLDAP's is what the rule says. */
function purgeFix(server: Server): { readonly fix?: string } {
  if (!server.installation?.product) return {};
  const command = localconfigCommand(server, 'ldap_overlay_accesslog_logpurge', '07+00:00  00+04:00');
  return { fix: `On ${server.name}: ${command}.${revertedNote(server)}` };
}

function unserved(name: string, { suffix, syncprov }: LogDatabaseFacts): readonly Found[] {
  if (!syncprov)
    return [
      {
        severity: 'critical',
        where: [name],
        what: `${name} has no syncprov on ${suffix}, from which others pull`,
      },
    ];
  const missing = [
    ...(syncprov.noPresent ? [] : ['olcSpNoPresent']),
    ...(syncprov.reloadHint ? [] : ['olcSpReloadHint']),
  ];
  if (missing.length === 0) return [];
  return [
    { where: [name], what: `${name} has ${and(missing)} not TRUE on ${suffix}, from which others pull` },
  ];
}

function logs(
  { servers }: Pool,
  judge: (server: Server, log: LogDatabaseFacts) => readonly Found[],
): readonly Found[] {
  return servers.flatMap((server) => (server.config?.log ? judge(server, server.config.log) : []));
}

/** `[days+]hh:mm[:ss]`, the first of the two; ms. */
function ageOf(purge: string): number | undefined {
  const match = /^(?:(\d+)\+)?(\d+):(\d+)(?::(\d+))?(?:\s|$)/.exec(purge.trim());
  if (!match) return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
