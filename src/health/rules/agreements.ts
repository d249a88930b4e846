/** Agreements as they are written in cn=config. */
import { duplicateRids, formatRid } from '../../ldap/agreement.ts';
import { formatLdapUrl, readLdapUrl } from '../../ldap/ldap-url.ts';
import { plainWordOf, retriesForEver } from '../../ldap/syncrepl.ts';
import type { Pool } from '../pool.ts';
import { type Link, linkName, modeOf, peerOf, providerName } from '../topology.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

/** How to write words of an agreement without taking its password into the hand. */
export const REWRITE =
  'ldap.agreement with `keep-words: true` writes it in one modify, and keeps its password.';

export const agreementRules: readonly Rule[] = [
  rule({
    code: 'agreement-with-itself',
    severity: 'warning',
    about: 'A server pulls from itself, by a URL that slapd does not know for its own.',
    why: 'it sends each of its changes to itself, and an agreement with a real peer may be missing',
    mends: 'Delete the agreement, or name the provider that is meant.',
    find: ({ links }) =>
      links.flatMap((link) =>
        link.provider.kind === 'itself' && !link.provider.ignored
          ? [
              {
                where: [link.consumer.name],
                what: `${linkName(link)} pulls from ${link.url}, which is ${link.consumer.name} itself`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'provider-foreign',
    severity: ['warning', 'critical', 'info'],
    about:
      'An agreement pulls from what is no server of the site: critical where that does not answer, a note where it does.',
    why: 'nobody has looked at that provider; when it is gone for good the agreement fails for ever',
    mends:
      'Put that server into the inventory, or take the agreement away: `lockstep run openldap/delete-node` for a master that is gone.',
    find: ({ links }) =>
      links.flatMap((link): Found[] => {
        if (link.provider.kind !== 'foreign') return [];
        const { trial } = link;
        const isDead = trial?.kind === 'no-connection' || link.health.state === 'gave up';
        return [
          {
            severity: isDead ? 'critical' : trial?.kind === 'ok' ? 'info' : 'warning',
            where: [link.consumer.name],
            what: `${linkName(link)} pulls from ${link.url || 'nowhere'}: ${link.provider.why}${isDead ? ', and it does not answer' : ''}`,
          },
        ];
      }),
  }),
  rule({
    code: 'rid-duplicate',
    severity: 'warning',
    about: 'Two agreements of one server have the same RID; slapd takes that without a word.',
    why: 'slapd tells agreements apart by it: cookies are mixed up, and cn=monitor shows one of the two',
    mends: 'Give one of them another RID: `lockstep run openldap/change-agreement` with `rid`.',
    find: ({ servers }) =>
      servers.flatMap(({ name, database }) => {
        const twice = duplicateRids(database?.agreements ?? []);
        if (twice.length === 0) return [];
        return [{ where: [name], what: `${name} has RID ${and(twice.map(formatRid))} more than once` }];
      }),
  }),
  rule({
    code: 'agreement-twice',
    severity: 'warning',
    about: 'Two agreements of one server lead to the same provider, often by two spellings of its URL.',
    why: 'each change is sent twice, and when one of the two is taken away, tools take the wrong one or believe that the link is gone',
    mends: 'Delete one of the two, and restart slapd there.',
    find: ({ servers, links }) =>
      servers.flatMap((consumer) => {
        const own = links.filter((link) => link.consumer === consumer && link.provider.kind !== 'itself');
        const byPeer = new Map<string, Link[]>();
        for (const link of own) {
          // Of several trees of one provider each has an agreement of its own.
          const key = JSON.stringify([providerOf(link), plainWordOf(link.agreement, 'searchbase')]);
          byPeer.set(key, [...(byPeer.get(key) ?? []), link]);
        }
        return [...byPeer.values()].flatMap((same): Found[] => {
          const [first, second] = same;
          if (!first || !second) return [];
          const told = and(same.map(({ rid, url }) => `rid ${rid} (${url})`));
          return [
            { where: [consumer.name], what: `${consumer.name} pulls from ${providerName(first)} by ${told}` },
          ];
        });
      }),
  }),
  rule({
    code: 'retry-ends',
    severity: 'warning',
    about: 'The retry list of an agreement does not end with +.',
    why: 'after its last pair slapd gives up until it is restarted ("quitting"), however short the interruption was',
    mends: `End it with +, such as retry="5 12 30 +"; ${REWRITE}`,
    find: (pool) =>
      folded(pool, ['stops trying some day', 'stop trying some day'], (link) => {
        const retry = plainWordOf(link.agreement, 'retry');
        return retry !== undefined && !retriesForEver(retry) ? `retry="${retry}"` : undefined;
      }),
  }),
  rule({
    code: 'retry-missing',
    severity: 'warning',
    about: 'An agreement has no retry list.',
    why: 'after an interruption slapd tries once an hour only',
    mends: `Add retry="5 12 30 +"; ${REWRITE}`,
    find: (pool) =>
      folded(pool, ['has no retry list', 'have no retry list'], (link) =>
        plainWordOf(link.agreement, 'retry') === undefined ? '' : undefined,
      ),
  }),
  rule({
    code: 'keepalive-missing',
    severity: 'warning',
    about: 'An agreement that holds its connection has no keepalive.',
    why: 'when a firewall forgets the connection, the consumer waits for ever and is behind without an error',
    mends: `Add keepalive=240:10:30; ${REWRITE}`,
    find: (pool) =>
      folded(pool, ['has no keepalive', 'have no keepalive'], (link) => {
        const keepalive = plainWordOf(link.agreement, 'keepalive');
        const isOff = keepalive === undefined || keepalive.split(':').every((part) => Number(part) === 0);
        return modeOf(link.agreement) === 'persist' && isOff ? '' : undefined;
      }),
  }),
];

/** The server, or the URL however it is spelled. */
function providerOf(link: Link): string {
  const url = readLdapUrl(link.url);
  return peerOf(link)?.name ?? (url ? formatLdapUrl(url) : link.url);
}

/** One finding for all agreements that `note` says something about; undefined: it is in order. */
export function folded(
  { links }: Pool,
  [one, many]: readonly [string, string],
  note: (link: Link) => string | undefined,
  more: Partial<Found> = {},
): readonly Found[] {
  const found = links.flatMap((link) => {
    if (link.provider.kind === 'itself') return [];
    const text = note(link);
    return text === undefined ? [] : [{ link, text }];
  });
  if (found.length === 0) return [];
  const names = found.map(({ link, text }) => `${linkName(link)}${text ? ` (${text})` : ''}`);
  return [
    {
      where: [...new Set(found.map(({ link }) => link.consumer.name))],
      what: `${and(names)} ${names.length === 1 ? one : many}`,
      ...more,
    },
  ];
}
