/** Agreements that are broken: who pulls from whom, how, and with what success. */
import type { Breakage } from './breakage.ts';
import {
  agreement,
  healthySite,
  MINUTE,
  NOW,
  REPLICATOR,
  seen,
  serverOf,
  valueIn,
  withCsns,
  withDatabase,
  withLog,
  withMonitor,
  withServer,
  withTrial,
  withWords,
} from './site.ts';

const OF_1 = '20261126010000.000000Z#000000#001#000000';
const well = healthySite;
const SEEN = { kind: 'ok', entries: 703, limited: false, passwords: true } as const;
/** A consumer that is not connected, so that what stands in its way counts. */
const cutOff = (host: string) => withMonitor(well(), host, '001', { connection: undefined });
const unproven = (site: ReturnType<typeof well>, host: string) =>
  withServer(site, host, { trials: new Map() });

export const BROKEN_AGREEMENTS: readonly Breakage[] = [
  {
    code: 'start-fails',
    when: 'the last agreement was deleted and olcMultiProvider left',
    site: () => withDatabase(well(), 'ldap2', { agreements: [] }),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap2: olcDatabase={1}mdb,cn=config has olcMultiProvider TRUE and no olcSyncrepl',
    fix: "'delete: olcMultiProvider'",
  },
  {
    code: 'master-unheard',
    when: 'nobody pulls from a master',
    site: () => withDatabase(well(), 'ldap1', { agreements: [agreement(1, 'ldap3')] }),
    severity: 'critical',
    where: ['ldap2'],
    what: 'nobody pulls from ldap2, which takes changes',
    fix: 'lockstep run openldap/add-master -i hosts.yaml --set pool=ldap1 --set newcomer=ldap2',
  },
  {
    code: 'change-not-reaching',
    when: 'a replica pulls from nobody that has the changes',
    site: () => withDatabase(well(), 'ldap3', { agreements: [agreement(1, 'ldap3')] }),
    severity: 'critical',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'the changes of ldap1 and ldap2 have no way to ldap3',
  },
  {
    code: 'link-one-way',
    when: 'three masters pull in a ring',
    site: () =>
      ['ldap1', 'ldap2', 'ldap3'].reduce(
        (site, host, at, hosts) =>
          withDatabase(site, host, {
            multiProvider: true,
            updateRefs: [],
            overlays: ['syncprov'],
            agreements: [agreement(1, hosts[(at + 1) % 3] ?? '')],
          }),
        well(),
      ),
    severity: 'info',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'ldap1 pulls from ldap2 and ldap2 not from ldap1',
  },
  {
    code: 'server-alone',
    when: 'a server takes no part',
    site: () => withDatabase(well(), 'ldap3', { agreements: [] }),
    severity: 'info',
    where: ['ldap3'],
    what: 'ldap3 takes no part in replication',
    fix: 'lockstep run openldap/add-master -i hosts.yaml --set pool=ldap1,ldap2 --set newcomer=ldap3',
  },
  {
    code: 'masters-many',
    when: 'there are five',
    site: () => {
      const site = well();
      const [first] = site.servers;
      if (!first) throw new Error('no server');
      const more = ['ldap4', 'ldap5', 'ldap6'].map((host) => ({ ...first, host, address: host }));
      return { ...site, servers: [...site.servers, ...more] };
    },
    severity: 'info',
    where: ['ldap1', 'ldap2', 'ldap4', 'ldap5', 'ldap6'],
    what: 'there are 5 masters',
  },
  {
    code: 'update-ref-dead',
    when: 'a master has olcUpdateRef',
    site: () => withDatabase(well(), 'ldap2', { updateRefs: ['ldap://ldap1'] }),
    severity: 'info',
    where: ['ldap2'],
    what: 'ldap2 takes changes itself and has olcUpdateRef ldap://ldap1',
  },
  {
    code: 'update-ref-missing',
    when: 'a replica has none',
    site: () => withDatabase(well(), 'ldap3', { updateRefs: [] }),
    severity: 'info',
    where: ['ldap3'],
    what: 'ldap3 refers writers to nobody',
  },
  {
    code: 'provider-unreachable',
    when: 'the provider runs and cannot be reached',
    site: () => withTrial(well(), 'ldap2', '001', { kind: 'no-connection', why: 'connection refused' }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: 'ldap2 rid 001 cannot reach ldap://ldap1:389: connection refused',
  },
  {
    code: 'tls-refused',
    when: 'TLS cannot be had',
    site: () => withTrial(well(), 'ldap2', '001', { kind: 'no-tls', why: 'certificate has expired' }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: 'ldap2 rid 001 cannot have TLS with ldap://ldap1:389: certificate has expired',
    fix: 'lockstep run openldap/enable-tls -i hosts.yaml --set pool=ldap2,ldap1',
  },
  {
    code: 'tls-refused',
    when: 'TLS cannot be had, and the agreement then goes on in clear',
    site: () =>
      withTrial(withWords(well(), 'ldap2', { starttls: 'yes' }), 'ldap2', '001', {
        kind: 'no-tls',
        why: 'refused',
      }),
    severity: 'warning',
    where: ['ldap2', 'ldap1'],
    what: 'ldap2 rid 001 cannot have TLS with ldap://ldap1:389: refused',
  },
  {
    code: 'replicator-refused',
    when: 'the password is wrong',
    site: () => withTrial(well(), 'ldap2', '001', { kind: 'refused', code: 49, why: 'Invalid credentials' }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: `${REPLICATOR} is refused by ldap1 (ldap2 rid 001): the password of the replicator is wrong (49, Invalid credentials)`,
    fix: 'lockstep run openldap/rotate-replicator-password -i hosts.yaml --set pool=ldap1,ldap2,ldap3',
  },
  {
    code: 'replicator-limited',
    when: 'the provider stops the search',
    site: () => withTrial(well(), 'ldap2', '001', { ...SEEN, entries: 500, limited: true }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: `ldap1 stops ${REPLICATOR} after 500 entries (ldap2 rid 001)`,
    fix: "'add: olcLimits'",
  },
  {
    code: 'entries-hidden',
    when: 'an access rule hides some',
    site: () => withTrial(well(), 'ldap2', '001', { ...SEEN, entries: 690 }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: `${REPLICATOR} sees 690 of 703 entries on ldap1 (ldap2 rid 001)`,
    fix: `'olcAccess: {0}to * by dn.exact="${REPLICATOR}" read by * break'`,
  },
  {
    code: 'passwords-hidden',
    when: 'userPassword is hidden',
    site: () => withTrial(well(), 'ldap2', '001', { ...SEEN, passwords: false }),
    severity: 'critical',
    where: ['ldap2', 'ldap1'],
    what: 'sees no userPassword on ldap1 (ldap2 rid 001)',
  },
  {
    code: 'agreement-gave-up',
    when: 'slapd has quit',
    site: () => withLog(cutOff('ldap2'), 'ldap2', 'do_syncrepl: rid=001 rc -1 quitting'),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap2 rid 001 from ldap1 has given up at 2026-11-26 03:59:59 UTC: the provider cannot be reached (-1)',
    fix: 'systemctl restart slapd.service',
  },
  {
    code: 'consumer-mistaken',
    when: 'cn=monitor has another agreement than cn=config',
    site: () => {
      const site = well();
      const monitor = valueIn(serverOf(site, 'ldap2').monitor);
      const moved = [...monitor].map(([rid, one], at) =>
        at === 0 ? (['009', { ...one, rid: '009' }] as const) : ([rid, one] as const),
      );
      return withServer(site, 'ldap2', { monitor: seen(new Map(moved)) });
    },
    severity: 'critical',
    where: ['ldap2'],
    what: 'slapd on ldap2 runs RID 009, which cn=config does not have, and not RID 001, which cn=config has',
    fix: 'systemctl restart slapd',
  },
  {
    code: 'agreement-down',
    when: 'cn=monitor shows no connection',
    site: () => cutOff('ldap2'),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap2 rid 001 is not connected with ldap1: last heard of at 2026-11-26 03:59:56 UTC',
  },
  {
    code: 'agreement-down',
    when: 'slapd 2.4 says that it tries again',
    site: () =>
      withLog(
        withServer(well(), 'ldap2', { monitor: { unknown: 'no cn=monitor of agreements' } }),
        'ldap2',
        'do_syncrep2: rid=001 LDAP_RES_SEARCH_RESULT (4) Size limit exceeded',
        'do_syncrepl: rid=001 rc -101 retrying',
      ),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap2 rid 001 is not connected with ldap1: the provider stopped at its size limit (4)',
  },
  {
    code: 'agreement-hangs',
    when: 'it is connected and its consumer is behind',
    site: () => ({
      ...withCsns(well(), 'ldap1', OF_1, '20261125200000.000000Z#000000#002#000000'),
      behindSince: new Map([['ldap1 002', NOW - 2 * MINUTE]]),
    }),
    severity: 'critical',
    where: ['ldap1'],
    what: 'ldap1 rid 001 is connected with ldap2, and has not got its changes for 2m',
    fix: 'keepalive=240:10:30',
  },
  {
    code: 'agreement-refreshing',
    when: 'it has been at it for half an hour',
    site: () => withMonitor(well(), 'ldap2', '001', { phase: 'Refresh', lastConnect: NOW - 30 * MINUTE }),
    severity: 'warning',
    where: ['ldap2'],
    what: 'ldap2 rid 001 has been comparing all entries with ldap1 for 30m',
  },
  {
    code: 'agreement-unseen',
    when: 'nothing tells of it',
    site: () =>
      withServer(withTrial(well(), 'ldap2', '001', { kind: 'untried', why: 'SASL EXTERNAL' }), 'ldap2', {
        monitor: { unknown: 'no cn=monitor' },
        log: { unknown: 'olcLogLevel lacks sync' },
      }),
    severity: 'unknown',
    where: ['ldap2'],
    what: 'nobody knows how ldap2 rid 001 from ldap1 fares: olcLogLevel lacks sync; SASL EXTERNAL',
  },
  {
    code: 'monitor-missing',
    when: 'slapd 2.5 has no monitor database',
    site: () => withServer(well(), 'ldap2', { monitor: { unknown: 'no cn=monitor' } }),
    severity: 'info',
    where: ['ldap2'],
    what: 'the agreements of ldap2 cannot be seen in cn=monitor',
  },
  {
    code: 'agreement-with-itself',
    when: 'a server is its own provider under a name that slapd does not know',
    site: () => withWords(well(), 'ldap3', { provider: 'ldap://10.0.0.3' }),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 rid 001 pulls from ldap://10.0.0.3, which is ldap3 itself',
  },
  {
    code: 'provider-foreign',
    when: 'the provider is no server of the site and does not answer',
    site: () =>
      withTrial(withWords(well(), 'ldap3', { provider: 'ldap://ldap9' }), 'ldap3', '001', {
        kind: 'no-connection',
        why: 'no such host',
      }),
    severity: 'critical',
    where: ['ldap3'],
    what: 'ldap3 rid 001 pulls from ldap://ldap9: ldap9 is no server of this site, and it does not answer',
  },
  {
    code: 'provider-foreign',
    when: 'nothing listens at that port',
    site: () => unproven(withWords(well(), 'ldap3', { provider: 'ldap://ldap1:3389' }), 'ldap3'),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 rid 001 pulls from ldap://ldap1:3389: ldap1 does not listen at port 3389',
  },
  {
    code: 'provider-foreign',
    when: 'the provider is no server of the site and lets the replicator in',
    site: () => withWords(well(), 'ldap3', { provider: 'ldap://ldap9' }),
    severity: 'info',
    where: ['ldap3'],
    what: 'ldap3 rid 001 pulls from ldap://ldap9: ldap9 is no server of this site',
  },
  {
    code: 'rid-duplicate',
    when: 'two agreements have one RID',
    site: () => withDatabase(well(), 'ldap3', { agreements: [agreement(1, 'ldap1'), agreement(1, 'ldap2')] }),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 has RID 001 more than once',
  },
  {
    code: 'retry-ends',
    when: 'the list has no +',
    site: () => withWords(withWords(well(), 'ldap3', { retry: '5 5 300 5' }), 'ldap2', { retry: '60 3' }),
    severity: 'warning',
    where: ['ldap2', 'ldap3'],
    what: 'ldap2 rid 001 (retry="60 3") and ldap3 rid 001 (retry="5 5 300 5") stop trying some day',
  },
  {
    code: 'retry-missing',
    when: 'there is none',
    site: () => withWords(well(), 'ldap3', { retry: undefined }),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 rid 001 has no retry list',
  },
  {
    code: 'keepalive-missing',
    when: 'it is off',
    site: () => withWords(well(), 'ldap3', { keepalive: '0:0:0' }),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 rid 001 has no keepalive',
  },
];
