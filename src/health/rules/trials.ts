/** What came of trying each agreement: a bind as the replicator with its own password and TLS, and its search. */
import { plainWordOf } from '../../ldap/syncrepl.ts';
import { modifyCommand, runCommand } from '../commands.ts';
import type { Trial } from '../facts.ts';
import type { Severity } from '../finding.ts';
import { meaningOf } from '../log-lines.ts';
import type { Pool } from '../pool.ts';
import { isDown } from '../server.ts';
import { isWhole, type Link, linkName, peerOf, providerName } from '../topology.ts';
import { and, count } from '../words.ts';
import { limitsFix } from './limits.ts';
import { type Found, type Rule, rule } from './rule.ts';

const READ_ALL =
  'Let the replicator read all, by the first access rule of the database: to * by dn.exact="REPLICATOR" read by * break.';

export const trialRules: readonly Rule[] = [
  rule({
    code: 'provider-unreachable',
    severity: 'critical',
    about: 'A consumer cannot reach its provider, though that server runs.',
    why: 'it gets no changes',
    mends: 'Try it from the consumer with `nc -vz HOST PORT`: name, listener or firewall stands in the way.',
    find: ({ links }) =>
      tried(links, 'no-connection', (link, { why }) => {
        const peer = peerOf(link);
        // That it does not run, or is no server of the site, is said by other rules.
        if (!peer || isDown(peer)) return undefined;
        return { what: (tries) => `${tries} cannot reach ${link.url}: ${why}` };
      }),
  }),
  rule({
    code: 'tls-refused',
    severity: ['critical', 'warning'],
    about:
      'TLS cannot be had between a consumer and its provider. Warning where the agreement then goes on in clear.',
    why: 'an agreement that insists on TLS gets no changes, and one that does not sends its password in clear',
    mends:
      'Put certificate, authority and names right: `lockstep run openldap/enable-tls` checks them on every server.',
    find: ({ site, links }) =>
      tried(links, 'no-tls', (link, { why }) => ({
        severity: plainWordOf(link.agreement, 'starttls')?.toLowerCase() === 'yes' ? 'warning' : 'critical',
        what: (tries) => `${tries} cannot have TLS with ${link.url}: ${why}`,
        fix: (where) =>
          `${runCommand(site, 'enable-tls', { pool: where.join(',') })} checks names, authority and dates on each.`,
      })),
  }),
  rule({
    code: 'replicator-refused',
    severity: 'critical',
    about: 'A provider does not let the replicator in: mostly its password was changed on one side (49).',
    why: 'the consumer gets no changes as soon as its present connection ends',
    mends:
      'Give the replicator a new password everywhere: `lockstep run openldap/rotate-replicator-password`.',
    find: ({ site, links }) =>
      tried(links, 'refused', (link, { code, why }) => ({
        what: (tries, providers) =>
          `${whoOf(link)} is refused by ${providers} (${tries}): ${meaningOf(code)} (${code}${why ? `, ${why}` : ''})`,
        ...(code === 49 && {
          fix: () =>
            `${runCommand(site, 'rotate-replicator-password', { pool: site.servers.map(({ host }) => host).join(',') })}.`,
        }),
      })),
  }),
  rule({
    code: 'replicator-limited',
    severity: 'critical',
    about: 'A provider stops the search of the replicator at its size limit.',
    why: 'the consumer never gets more than that, has no contextCSN, and looks as if it worked',
    mends: 'Lift the limits for the replicator with olcLimits on the database of the provider.',
    find: (pool) =>
      tried(pool.links, 'ok', (link, { entries, limited }) => {
        if (!limited) return undefined;
        const stop = count(entries, 'entry', 'entries');
        const { fix } = limitsFix(link);
        return {
          what: (tries) => `${providerName(link)} stops ${whoOf(link)} after ${stop} (${tries})`,
          ...(fix !== undefined && { fix: () => fix }),
        };
      }),
  }),
  rule({
    code: 'entries-hidden',
    severity: 'critical',
    about: 'The replicator sees fewer entries than the provider has: an access rule hides some.',
    why: 'the consumer never gets them, with equal contextCSN; it even deletes those that it has',
    mends: READ_ALL,
    find: (pool) => tried(pool.links, 'ok', (link, trial) => hidden(link, trial, pool)),
  }),
  rule({
    code: 'passwords-hidden',
    severity: 'critical',
    about: 'The replicator does not see userPassword: an access rule hides it.',
    why: 'entries arrive without their passwords, and nobody can log in by the consumer',
    mends: READ_ALL,
    find: ({ links }) =>
      tried(links, 'ok', (link, { passwords }) =>
        passwords === false
          ? {
              what: (tries) => `${whoOf(link)} sees no userPassword on ${providerName(link)} (${tries})`,
              ...accessFix(link),
            }
          : undefined,
      ),
  }),
  rule({
    code: 'log-hidden',
    severity: 'critical',
    about: 'The replicator may not read the accesslog that its agreement names.',
    why: 'the consumer compares all entries again and again ("No such object"), and cn=monitor says Refresh for ever',
    mends: 'Let the replicator read the log database, and lift its limits there.',
    find: ({ links }) =>
      tried(links, 'ok', (link, { log }) => {
        if (log !== false) return undefined;
        const base = plainWordOf(link.agreement, 'logbase') ?? 'the log';
        return {
          what: (tries) => `${whoOf(link)} may not read ${base} on ${providerName(link)} (${tries})`,
          fix: () =>
            `On ${providerName(link)}, add as the first olcAccess of the database of ${base}: ${readAll(whoOf(link))}.`,
        };
      }),
  }),
];

interface Said {
  readonly severity?: Severity;
  /** `tries`: the agreements that have met it, by name; `providers`: where. */
  readonly what: (tries: string, providers: string) => string;
  readonly fix?: (where: readonly string[]) => string;
}

type Kind<K extends Trial['kind']> = Extract<Trial, { kind: K }>;

/** Agreements of which the same is said make one finding. */
function tried<K extends Trial['kind']>(
  links: readonly Link[],
  kind: K,
  judge: (link: Link, trial: Kind<K>) => Said | undefined,
): readonly Found[] {
  const groups = new Map<string, { said: Said; links: Link[] }>();
  for (const link of links) {
    if (link.trial?.kind !== kind || link.provider.kind === 'itself') continue;
    const said = judge(link, link.trial as Kind<K>);
    if (!said) continue;
    const key = `${said.severity} ${said.what('', '')}`;
    const group = groups.get(key);
    if (group) group.links.push(link);
    else groups.set(key, { said, links: [link] });
  }
  return [...groups.values()].map(({ said, links: met }) => {
    const providers = [...new Set(met.map(providerName))];
    const where = [...new Set(met.flatMap((link) => [link.consumer.name, peerOf(link)?.name ?? []].flat()))];
    return {
      where,
      what: said.what(and(met.map(linkName)), and(providers)),
      ...(said.severity && { severity: said.severity }),
      ...(said.fix && { fix: said.fix(where) }),
    };
  });
}

function hidden(link: Link, { entries, limited }: Kind<'ok'>, pool: Pool): Said | undefined {
  const there = peerOf(link)?.content;
  if (!there || limited || !isWhole(link, pool.site.suffix)) return undefined;
  const missing = there.entries - entries;
  // While clients write, a few are added between the two looks.
  const least = pool.isQuiet ? 1 : Math.max(10, there.entries / 100);
  if (missing < least) return undefined;
  return {
    what: (tries) =>
      `${whoOf(link)} sees ${entries} of ${there.entries} entries on ${providerName(link)} (${tries})`,
    ...accessFix(link),
  };
}

function accessFix(link: Link): Pick<Said, 'fix'> {
  const provider = peerOf(link);
  const dn = plainWordOf(link.agreement, 'binddn');
  if (!provider?.database || dn === undefined) return {};
  const command = modifyCommand(provider, provider.database.dn, ['add', 'olcAccess', readAll(dn)]);
  return { fix: () => `On ${providerName(link)}: ${command}.` };
}

function readAll(dn: string): string {
  return `{0}to * by dn.exact="${dn}" read by * break`;
}

function whoOf({ agreement }: Link): string {
  return plainWordOf(agreement, 'binddn') ?? 'the account';
}
