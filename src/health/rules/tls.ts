/** TLS of agreements, and certificates of servers. */
import { daysLeft } from '../../ldap/certificate.ts';
import { parseLdapUrl } from '../../ldap/ldap-url.ts';
import { plainWordOf } from '../../ldap/syncrepl.ts';
import { holdsFor } from '../certificate-names.ts';
import { restartCommand, runCommand } from '../commands.ts';
import type { CertificateFile } from '../facts.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import type { Server } from '../server.ts';
import { CERTIFICATE_CRITICAL_DAYS, CERTIFICATE_WARNING_DAYS } from '../thresholds.ts';
import { type Link, linkName, peerOf } from '../topology.ts';
import { count, momentText } from '../words.ts';
import { folded, REWRITE } from './agreements.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const tlsRules: readonly Rule[] = [
  rule({
    code: 'tls-optional',
    severity: 'warning',
    about: 'An agreement has starttls=yes, which goes on in clear when TLS fails.',
    why: 'whoever stands in between has only to let TLS fail to read all entries, and the password of the replicator',
    mends: 'Write starttls=critical: `lockstep run openldap/enable-tls`.',
    find: (pool) =>
      folded(
        pool,
        ['goes on in clear when TLS fails', 'go on in clear when TLS fails'],
        (link) => (starttlsOf(link) === 'yes' && !isLdaps(link) ? '' : undefined),
        { fix: `${enableTls(pool)}.` },
      ),
  }),
  rule({
    code: 'tls-unverified',
    severity: 'warning',
    about: 'An agreement uses TLS and does not insist on a certificate that it can verify (tls_reqcert).',
    why: 'anybody can pass for the provider, and gets the password of the replicator',
    mends: `Write tls_reqcert=demand, and name the authority in tls_cacert; ${REWRITE}`,
    find: (pool) =>
      folded(pool, ['takes any certificate', 'take any certificate'], (link) => {
        const request = plainWordOf(link.agreement, 'tls_reqcert')?.toLowerCase();
        return usesTls(link) && request !== undefined && ['never', 'allow', 'try'].includes(request)
          ? `tls_reqcert=${request}`
          : undefined;
      }),
  }),
  rule({
    code: 'tls-none',
    severity: 'info',
    about: 'An agreement uses no TLS.',
    why: 'all entries and the password of the replicator go over the network in clear',
    mends: 'Give each server a certificate: `lockstep run openldap/enable-tls`.',
    find: (pool) =>
      folded(pool, ['uses no TLS', 'use no TLS'], (link) => (usesTls(link) ? undefined : ''), {
        fix: `Give each server a certificate; then ${enableTls(pool)}.`,
      }),
  }),
  rule({
    code: 'tls-twice',
    severity: 'warning',
    about: 'An agreement by ldaps:// has starttls as well.',
    why: 'slapd asks for TLS inside of TLS, is refused, and with starttls=critical gets no changes; zmldapmmrtool leaves it there when a URL becomes ldaps',
    mends: `Take starttls away; ${REWRITE}`,
    find: (pool) =>
      folded(
        pool,
        ['is ldaps and asks for starttls as well', 'are ldaps and ask for starttls as well'],
        (link) =>
          isLdaps(link) && ['yes', 'critical'].includes(starttlsOf(link) ?? '')
            ? `starttls=${starttlsOf(link)}`
            : undefined,
      ),
  }),
  rule({
    code: 'certificate-expired',
    severity: 'critical',
    about: 'The certificate of a server does not hold: it has expired, or does not begin yet.',
    why: 'clients and consumers that verify it are cut off',
    mends: 'Renew it, and restart slapd: it reads the file at its start only.',
    find: (pool) =>
      certificates(pool, ({ name }, { path, certificate }, now) => {
        const { notBefore, notAfter } = certificate;
        if (notAfter < now)
          return [{ where: [name], what: `${path} of ${name} expired at ${momentText(notAfter)}` }];
        return notBefore > now
          ? [{ where: [name], what: `${path} of ${name} does not hold before ${momentText(notBefore)}` }]
          : [];
      }),
  }),
  rule({
    code: 'certificate-expiring',
    severity: ['warning', 'critical'],
    about: 'The certificate of a server ends soon: warning below 30 days, critical below 7.',
    why: 'from then on clients and consumers that verify it are cut off',
    mends: 'Renew it, and restart slapd: it reads the file at its start only.',
    find: (pool) =>
      certificates(pool, ({ name }, { path, certificate }, now) => {
        const days = daysLeft(certificate.notAfter, now);
        if (days < 0 || days >= CERTIFICATE_WARNING_DAYS) return [];
        return [
          {
            severity: days < CERTIFICATE_CRITICAL_DAYS ? 'critical' : 'warning',
            where: [name],
            what: `${path} of ${name} holds for ${count(days, 'more day', 'more days')}, until ${momentText(certificate.notAfter)}`,
          },
        ];
      }),
  }),
  rule({
    code: 'certificate-renewed',
    severity: 'warning',
    about: 'The certificate file of a server is newer than its slapd.',
    why: 'slapd reads it at its start only: it still shows the old one, until that expires',
    mends: 'Restart slapd there, one server after the other.',
    find: (pool) =>
      certificates(pool, (server, { path, changedAt }) => {
        const { name, installation } = server;
        const startedAt = installation?.startedAt;
        if (startedAt === undefined || changedAt <= startedAt) return [];
        return [
          {
            where: [name],
            what: `${path} of ${name} is of ${momentText(changedAt)}, and slapd was started at ${momentText(startedAt)}`,
            fix: `On ${name}: ${restartCommand(server)}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'certificate-name',
    severity: ['critical', 'warning'],
    about:
      'The certificate of a provider does not name it as an agreement does. Warning where the agreement does not verify.',
    why: 'a consumer that verifies gets no connection',
    mends:
      'Have the name put into the certificate, or name the provider as the certificate does: `lockstep run openldap/change-agreement`.',
    find: (pool) => pool.links.flatMap((link) => misnamed(link, pool)),
  }),
];

function enableTls({ site, servers, roles }: Pool): string {
  const names = servers.map(({ name }) => name).filter((name) => roles.get(name) !== 'alone');
  return runCommand(site, 'enable-tls', { pool: names.join(',') });
}

function starttlsOf({ agreement }: Link): string | undefined {
  return plainWordOf(agreement, 'starttls')?.toLowerCase();
}

function isLdaps({ url }: Link): boolean {
  return /^ldaps:/i.test(url);
}

function usesTls(link: Link): boolean {
  return isLdaps(link) || ['yes', 'critical'].includes(starttlsOf(link) ?? '');
}

function certificates(
  { servers, site }: Pool,
  judge: (server: Server, file: CertificateFile, now: number) => readonly Found[],
): readonly Found[] {
  return servers.flatMap((server) => {
    const file = known(server.installation?.certificate);
    return file ? judge(server, file, site.at) : [];
  });
}

function misnamed(link: Link, { site }: Pool): readonly Found[] {
  const peer = peerOf(link);
  const file = known(peer?.installation?.certificate);
  // A trial that came through with TLS has proven the name; one that did not tells it itself.
  if (!peer || !file || !usesTls(link) || link.trial?.kind === 'ok' || link.trial?.kind === 'no-tls')
    return [];
  const { host } = parseLdapUrl(link.url);
  if (holdsFor(file.certificate, host)) return [];
  const request = plainWordOf(link.agreement, 'tls_reqcert')?.toLowerCase() ?? 'demand';
  const { names, subject } = file.certificate;
  const [first = peer.name] = names;
  return [
    {
      severity: ['never', 'allow'].includes(request) ? 'warning' : 'critical',
      where: [link.consumer.name, peer.name],
      what: `${linkName(link)} calls its provider ${host}, and ${file.path} of ${peer.name} is for ${names.join(', ') || subject}`,
      fix: `Have ${host} put into the certificate; or ${runCommand(site, 'change-agreement', { consumer: link.consumer.name, provider: peer.name, was: link.url })}, with an inventory that reaches ${peer.name} as ${first}.`,
    },
  ];
}
