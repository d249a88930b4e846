/** A made-up site that is well, and ways to break one thing of it. */
import type {
  ConfigFacts,
  Content,
  DatabaseFacts,
  Installation,
  LogDatabaseFacts,
  LogLine,
  MonitorFacts,
  Seen,
  ServerFacts,
  SiteFacts,
  SyncprovFacts,
  Trial,
} from '../../src/health/facts.ts';
import { newestOf, type Position } from '../../src/ldap/convergence.ts';
import { latestPerSid } from '../../src/ldap/csn.ts';
import { parseSyncrepl, type Syncrepl } from '../../src/ldap/syncrepl.ts';
import { Secret } from '../../src/secrets/secret.ts';

export const SUFFIX = 'dc=example,dc=org';
export const REPLICATOR = `cn=replicator,${SUFFIX}`;
/** 2026-11-26 04:00:00 UTC */
export const NOW = Date.UTC(2026, 10, 26, 4);
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
const MIB = 1024 * 1024;
export const PASSWORD = 'hunter2-of-the-replicator';

export const seen = <T>(value: T): Seen<T> => ({ value });

/** Masters of the site: their changes, some time ago, are on every server. */
const WRITTEN = ['20261126010000.000000Z#000000#001#000000', '20261125230000.000000Z#000000#002#000000'];

export function position(...csns: readonly string[]): Position {
  return latestPerSid(csns);
}

export function agreement(rid: number, host: string, more = ''): Syncrepl {
  return parseSyncrepl(
    new Secret(
      'stored',
      `{${rid - 1}}rid=00${rid} provider=ldap://${host}:389 searchbase="${SUFFIX}" type=refreshAndPersist ` +
        `retry="5 12 30 +" keepalive=240:10:30 timeout=3 bindmethod=simple binddn="${REPLICATOR}" ` +
        `credentials="${PASSWORD}" starttls=critical ${more}`,
    ),
  );
}

const SYNCPROV: SyncprovFacts = {
  checkpoint: '100 10',
  sessionLog: '1000',
  sessionLogSource: undefined,
  noPresent: false,
  reloadHint: false,
};

const LIMITS = `{0}dn.exact="${REPLICATOR}" time.soft=unlimited time.hard=unlimited size.soft=unlimited size.hard=unlimited`;

interface Plan {
  readonly sid: number;
  readonly pullsFrom: readonly string[];
  readonly isMaster: boolean;
}

function serverFacts(host: string, { sid, pullsFrom, isMaster }: Plan): ServerFacts {
  const rids = pullsFrom.map((_, at) => `00${at + 1}`);
  return {
    host,
    address: `10.0.0.${host.at(-1)}`,
    clock: seen({ skewMs: sid, uncertaintyMs: 2 }),
    installation: seen(installation(host)),
    config: seen(configFacts({ sid, pullsFrom, isMaster })),
    csns: seen(position(...WRITTEN)),
    content: seen({ entries: 703, glue: 0, suffixUuid: '6b1c0d8e-0000-1041-8000-000000000001' }),
    monitor: seen(
      new Map(
        rids.map((rid, at): [string, MonitorFacts] => [
          rid,
          {
            rid,
            phase: 'Persist',
            connection: `10.0.0.9:4000${at}`,
            nextConnect: undefined,
            lastConnect: NOW - 2 * DAY,
            lastContact: NOW - 4_000,
            cookieReceived: `rid=${rid},sid=00${(pullsFrom[at] ?? '').at(-1)},csn=${WRITTEN[0]}`,
          },
        ]),
      ),
    ),
    log: seen([]),
    trials: new Map(
      rids.map((rid): [string, Trial] => [
        rid,
        { kind: 'ok', entries: 703, limited: false, passwords: true },
      ]),
    ),
  };
}

function installation(host: string): Installation {
  return {
    version: '2.5.13',
    running: true,
    startedAt: NOW - 3 * DAY,
    listeners: ['ldap:///', 'ldapi:///'],
    conf: '/etc/ldap/slapd.d',
    unit: 'slapd.service',
    owner: 'openldap:openldap',
    fqdn: `${host}.example.org`,
    edited: [],
    certificate: seen({
      path: '/etc/ldap/tls/cert.pem',
      changedAt: NOW - 100 * DAY,
      certificate: {
        subject: `CN=${host}.example.org`,
        issuer: 'CN=Example CA',
        names: [`${host}.example.org`, host],
        notBefore: NOW - 100 * DAY,
        notAfter: NOW + 200 * DAY,
      },
    }),
    dataBytes: seen(128 * MIB),
    freeBytes: seen(20_000 * MIB),
  };
}

function configFacts({ sid, pullsFrom, isMaster }: Plan): ConfigFacts {
  return {
    serverIds: [String(sid)],
    changedAt: NOW - 4 * DAY,
    modules: ['back_mdb', 'syncprov'],
    schema: { digest: 'd1', names: ['core', 'cosine', 'inetorgperson'] },
    sizeLimit: '500',
    databases: [{ name: '{-1}frontend' }, { name: '{0}config' }, { name: '{1}mdb', suffix: SUFFIX }],
    database: {
      dn: 'olcDatabase={1}mdb,cn=config',
      suffix: SUFFIX,
      rootDn: `cn=admin,${SUFFIX}`,
      readOnly: false,
      lastMod: true,
      mapBytes: 1024 * MIB,
      directory: '/var/lib/ldap',
      agreements: pullsFrom.map((from, at) => agreement(at + 1, from)),
      multiProvider: isMaster,
      updateRefs: isMaster ? [] : ['ldap://ldap1'],
      limits: isMaster ? [LIMITS] : [],
      access: [`{0}to * by dn.exact="${REPLICATOR}" read by * break`],
      indexes: ['objectClass eq', 'entryCSN,entryUUID eq'],
      overlays: isMaster ? ['syncprov'] : [],
      syncprov: isMaster ? SYNCPROV : undefined,
    },
    log: undefined,
  };
}

/** Two masters, and a replica that pulls from the first. */
export function healthySite(): SiteFacts {
  return site([
    serverFacts('ldap1', { sid: 1, pullsFrom: ['ldap2'], isMaster: true }),
    serverFacts('ldap2', { sid: 2, pullsFrom: ['ldap1'], isMaster: true }),
    serverFacts('ldap3', { sid: 3, pullsFrom: ['ldap1'], isMaster: false }),
  ]);
}

function site(servers: readonly ServerFacts[]): SiteFacts {
  return {
    suffix: SUFFIX,
    inventory: 'hosts.yaml',
    at: NOW,
    servers,
    target: newestOf(servers.flatMap(({ csns }) => ('value' in csns ? [csns.value] : []))),
    behindSince: new Map(),
  };
}

const LOG: LogDatabaseFacts = {
  suffix: 'cn=accesslog',
  rootDn: `cn=admin,${SUFFIX}`,
  mapBytes: 1024 * MIB,
  purge: '07+00:00 01+00:00',
  limits: [LIMITS],
  access: [`{0}to * by dn.exact="${REPLICATOR}" read by * break`],
  syncprov: { ...SYNCPROV, sessionLog: undefined, noPresent: true, reloadHint: true },
};

const DELTA =
  'logbase="cn=accesslog" logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" syncdata=accesslog';

/** Two masters that pull from each other by their accesslogs. */
export function deltaSite(): SiteFacts {
  const masters = site([
    serverFacts('ldap1', { sid: 1, pullsFrom: ['ldap2'], isMaster: true }),
    serverFacts('ldap2', { sid: 2, pullsFrom: ['ldap1'], isMaster: true }),
  ]);
  return ['ldap1', 'ldap2'].reduce((before, host) => {
    const delta = withConfig(before, host, {
      modules: ['back_mdb', 'syncprov', 'accesslog'],
      log: LOG,
      database: {
        ...databaseOf(before, host),
        agreements: [agreement(1, host === 'ldap1' ? 'ldap2' : 'ldap1', DELTA)],
        overlays: ['syncprov', 'accesslog'],
      },
    });
    const installed = withInstallation(delta, host, { logBytes: seen(64 * MIB) });
    return withTrial(installed, host, '001', {
      kind: 'ok',
      entries: 703,
      limited: false,
      passwords: true,
      log: true,
    });
  }, masters);
}

/** The site with some of the facts of one server replaced. */
export function withServer(before: SiteFacts, host: string, facts: Partial<ServerFacts>): SiteFacts {
  if (!before.servers.some((server) => server.host === host)) throw new Error(`no server ${host}`);
  const servers = before.servers.map((server) => (server.host === host ? { ...server, ...facts } : server));
  return { ...before, servers };
}

export function serverOf(before: SiteFacts, host: string): ServerFacts {
  const found = before.servers.find((server) => server.host === host);
  if (!found) throw new Error(`no server ${host}`);
  return found;
}

export function valueIn<T>(facts: Seen<T>): T {
  if ('unknown' in facts) throw new Error(`not known: ${facts.unknown}`);
  return facts.value;
}

export function withInstallation(before: SiteFacts, host: string, some: Partial<Installation>): SiteFacts {
  const installed = valueIn(serverOf(before, host).installation);
  return withServer(before, host, { installation: seen({ ...installed, ...some }) });
}

export function withCertificate(
  before: SiteFacts,
  host: string,
  some: { changedAt?: number; names?: readonly string[]; notBefore?: number; notAfter?: number },
): SiteFacts {
  const { certificate: file } = valueIn(serverOf(before, host).installation);
  if (!file) throw new Error(`${host} has no certificate`);
  const { changedAt, ...rest } = some;
  const old = valueIn(file);
  const certificate = { ...old.certificate, ...rest };
  return withInstallation(before, host, {
    certificate: seen({ ...old, certificate, ...(changedAt !== undefined && { changedAt }) }),
  });
}

export function configOf(before: SiteFacts, host: string): ConfigFacts {
  return valueIn(serverOf(before, host).config);
}

export function withConfig(before: SiteFacts, host: string, some: Partial<ConfigFacts>): SiteFacts {
  return withServer(before, host, { config: seen({ ...configOf(before, host), ...some }) });
}

export function databaseOf(before: SiteFacts, host: string): DatabaseFacts {
  return configOf(before, host).database;
}

export function withDatabase(before: SiteFacts, host: string, some: Partial<DatabaseFacts>): SiteFacts {
  return withConfig(before, host, { database: { ...databaseOf(before, host), ...some } });
}

export function withSyncprov(before: SiteFacts, host: string, some: Partial<SyncprovFacts>): SiteFacts {
  return withDatabase(before, host, { syncprov: { ...SYNCPROV, ...some } });
}

export function withLogDatabase(before: SiteFacts, host: string, some: Partial<LogDatabaseFacts>): SiteFacts {
  return withConfig(before, host, { log: { ...LOG, ...some } });
}

/** Words of the first agreement; undefined takes one away. */
export function withWords(
  before: SiteFacts,
  host: string,
  words: Readonly<Record<string, string | undefined>>,
): SiteFacts {
  const [first, ...others] = databaseOf(before, host).agreements;
  const kept = (first?.words ?? []).filter(({ key }) => !Object.hasOwn(words, key));
  const added = Object.entries(words).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value }],
  );
  return withDatabase(before, host, { agreements: [{ ...first, words: [...kept, ...added] }, ...others] });
}

export function withContent(before: SiteFacts, host: string, some: Partial<Content>): SiteFacts {
  const content = { ...valueIn(serverOf(before, host).content), ...some };
  return withServer(before, host, { content: seen(content) });
}

export function withCsns(before: SiteFacts, host: string, ...csns: readonly string[]): SiteFacts {
  return withServer(before, host, { csns: seen(position(...csns)) });
}

export function withTrial(before: SiteFacts, host: string, rid: string, trial: Trial): SiteFacts {
  return withServer(before, host, { trials: new Map([[rid, trial]]) });
}

export function withMonitor(
  before: SiteFacts,
  host: string,
  rid: string,
  some: Partial<MonitorFacts>,
): SiteFacts {
  const monitor = new Map(valueIn(serverOf(before, host).monitor));
  const old = monitor.get(rid);
  if (!old) throw new Error(`no agreement ${rid} on ${host}`);
  return withServer(before, host, { monitor: seen(monitor.set(rid, { ...old, ...some })) });
}

/** Some seconds ago, one line after the other. */
export function withLog(before: SiteFacts, host: string, ...texts: readonly string[]): SiteFacts {
  const lines = texts.map((text, at): LogLine => ({ at: NOW - (texts.length - at) * 1000, text }));
  return withServer(before, host, { log: seen(lines) });
}
