/** A made-up site of Zimbra or Carbonio that is well: two masters, a replica of the first, and a mailstore. */
import type {
  ConfigFacts,
  Installation,
  LogDatabaseFacts,
  MonitorFacts,
  ServerFacts,
  SiteFacts,
  SyncprovFacts,
} from '../../src/health/facts.ts';
import type { LocalconfigFacts, NodeFacts } from '../../src/health/node-facts.ts';
import { PLACES, type ProductName } from '../../src/health/product.ts';
import { newestOf } from '../../src/ldap/convergence.ts';
import { parseSyncrepl, type Syncrepl } from '../../src/ldap/syncrepl.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { DAY, NOW, PASSWORD, position, seen, valueIn } from './site.ts';

const MIB = 1024 * 1024;
const WRITTEN = ['20261126010000.000000Z#000000#001#000000', '20261125230000.000000Z#000000#002#000000'];
const ZMREPLICA = 'uid=zmreplica,cn=admins,cn=zimbra';

/** What differs between the products and their releases. */
interface Make {
  readonly product: ProductName;
  readonly release: string;
  readonly slapd: string;
  readonly control: 'tool' | 'systemd';
}

const ZIMBRA_10: Make = { product: 'zimbra', release: '10.1.0', slapd: '2.5.17', control: 'tool' };
const ZIMBRA_8_8: Make = { product: 'zimbra', release: '8.8.15', slapd: '2.4.49', control: 'tool' };
const CARBONIO: Make = { product: 'carbonio', release: '24.9.0', slapd: '2.6.10', control: 'systemd' };

export const fqdn = (host: string): string => `${host}.lab.example`;
export const url = (host: string): string => `ldap://${fqdn(host)}:389`;

/** As the tools write it; the slash at the end is of who calls them. */
export function zimbraAgreement(rid: number, provider: string, more = 'starttls=critical '): Syncrepl {
  const text =
    `{0}rid=${rid} provider=${provider} bindmethod=simple timeout=0 network-timeout=0 binddn=${ZMREPLICA} credentials=${PASSWORD} ` +
    `${more}filter="(objectclass=*)" searchbase="" logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" logbase=cn=accesslog ` +
    'scope=sub schemachecking=off type=refreshAndPersist retry="60 +" syncdata=accesslog tls_cacertdir=/opt/zimbra/conf/ca keepalive=240:10:30';
  return parseSyncrepl(new Secret('stored', text));
}

const SYNCPROV: SyncprovFacts = {
  checkpoint: '20 10',
  sessionLog: '10000000',
  sessionLogSource: undefined,
  noPresent: false,
  reloadHint: false,
};
const BARE: SyncprovFacts = { ...SYNCPROV, checkpoint: undefined, sessionLog: undefined };

const LOG: LogDatabaseFacts = {
  suffix: 'cn=accesslog',
  rootDn: 'cn=config',
  mapBytes: 256 * MIB,
  purge: '01+00:00  00+04:00',
  limits: [],
  access: [],
  syncprov: { ...BARE, noPresent: true, reloadHint: true },
};

interface Plan {
  readonly sid: number;
  readonly from: string;
}

const MASTERS: Readonly<Record<string, Plan>> = {
  ldap1: { sid: 1, from: `${url('ldap2')}/` },
  ldap2: { sid: 2, from: url('ldap1') },
};

function config(host: string): ConfigFacts {
  const master = MASTERS[host];
  const main = master ? '{3}mdb' : '{2}mdb';
  return {
    serverIds: master ? [String(master.sid)] : [],
    changedAt: NOW - 4 * DAY,
    modules: ['back_mdb', 'back_monitor', 'syncprov', 'accesslog', 'dynlist', 'unique', 'pw-sha2'],
    schema: { digest: 'd1', names: ['core', 'zimbra'] },
    sizeLimit: 'unlimited',
    databases: [
      { name: '{-1}frontend' },
      { name: '{0}config' },
      { name: '{1}monitor' },
      ...(master ? [{ name: '{2}mdb', suffix: 'cn=accesslog' }] : []),
      { name: main, suffix: '' },
    ],
    database: {
      dn: `olcDatabase=${main},cn=config`,
      suffix: '',
      rootDn: 'cn=config',
      readOnly: false,
      lastMod: true,
      mapBytes: 256 * MIB,
      directory: '/opt/zimbra/data/ldap/mdb/db',
      agreements: [zimbraAgreement(100, master?.from ?? url('ldap1'))],
      multiProvider: master !== undefined,
      updateRefs: master ? [] : [url('ldap1')],
      limits: [],
      access: [],
      indexes: ['objectClass eq', 'entryUUID eq', 'entryCSN eq'],
      overlays: ['syncprov', ...(master ? ['accesslog'] : []), 'dynlist', 'unique'],
      syncprov: master ? SYNCPROV : BARE,
    },
    log: master ? LOG : undefined,
  };
}

function installation(host: string, { product, release, slapd, control }: Make): Installation {
  const { home, user } = PLACES[product];
  return {
    product: { name: product, release, control },
    version: slapd,
    running: true,
    startedAt: NOW - 3 * DAY,
    listeners: [url(host), `ldapi://${encodeURIComponent(`${home}/data/ldap/state/run/ldapi`)}/`],
    conf: `${home}/data/ldap/config`,
    unit: control === 'systemd' ? 'carbonio-openldap' : 'slapd',
    owner: `${user}:${user}`,
    fqdn: fqdn(host),
    names: [host],
    edited: [],
    certificate: undefined,
    dataBytes: seen(20 * MIB),
    ...(MASTERS[host] && { logBytes: seen(MIB) }),
    freeBytes: seen(20_000 * MIB),
  };
}

function server(host: string, make: Make): ServerFacts {
  const monitor: MonitorFacts = {
    rid: '100',
    suffix: '',
    phase: 'Persist',
    connection: '10.0.0.9:40000',
    nextConnect: undefined,
    lastConnect: NOW - 2 * DAY,
    lastContact: NOW - 4_000,
    cookieReceived: undefined,
  };
  return {
    host,
    address: fqdn(host),
    clock: seen({ skewMs: 1, uncertaintyMs: 2 }),
    installation: seen(installation(host, make)),
    config: seen(config(host)),
    csns: seen(position(...WRITTEN)),
    content: seen({ entries: 231, glue: 0, suffixUuid: '6b1c0d8e-0000-1041-8000-000000000001' }),
    monitor: make.slapd.startsWith('2.4')
      ? { unknown: 'no agreements in cn=monitor' }
      : seen(new Map([['100', monitor]])),
    log: seen([]),
    trials: new Map([['100', { kind: 'ok', entries: 231, limited: false, passwords: true, log: true }]]),
  };
}

const PRINTS = {
  ldap_root_password: 'a1',
  ldap_replication_password: 'a2',
  zimbra_ldap_password: 'a3',
  ldap_postfix_password: 'a4',
  ldap_amavis_password: 'a5',
  ldap_nginx_password: 'a6',
} as const;

const LISTS: Readonly<Record<string, readonly [url: string, master: string]>> = {
  ldap1: [`${url('ldap1')} ${url('ldap2')}`, `${url('ldap1')} ${url('ldap2')}`],
  ldap2: [`${url('ldap2')} ${url('ldap1')}`, `${url('ldap2')} ${url('ldap1')}`],
  replica1: [`${url('replica1')} ${url('ldap1')} ${url('ldap2')}`, `${url('ldap1')} ${url('ldap2')}`],
  store1: [`${url('replica1')} ${url('ldap1')} ${url('ldap2')}`, `${url('ldap2')} ${url('ldap1')}`],
};

function node(host: string, { product, release, control }: Make): NodeFacts {
  const isDirectory = host !== 'store1';
  const isMaster = MASTERS[host] !== undefined;
  const [ldapUrl = '', masterUrl = ''] = LISTS[host] ?? [];
  const accounts = { ldap_replication_password: 'zmreplica', zimbra_ldap_password: 'zimbra' } as const;
  const { zimbra_ldap_password } = PRINTS;
  return {
    host,
    address: fqdn(host),
    product: seen({ name: product, release, control }),
    isDirectory: seen(isDirectory),
    localconfig: seen({
      values: {
        ldap_url: ldapUrl,
        ldap_master_url: masterUrl,
        ldap_is_master: isMaster ? 'true' : 'false',
        zimbra_server_hostname: fqdn(host),
      },
      prints: isDirectory ? PRINTS : { zimbra_ldap_password },
      awkward: {},
    }),
    logins: isDirectory
      ? seen(
          (Object.keys(accounts) as (keyof typeof accounts)[]).map((key) => ({
            key,
            dn: `uid=${accounts[key]},cn=admins,cn=zimbra`,
            outcome: 'ok' as const,
          })),
        )
      : seen([]),
    credentials: isDirectory ? new Map([['100', true]]) : new Map(),
    ...(isMaster && { logSids: seen([1, 2]) }),
  };
}

function siteOf(make: Make): SiteFacts {
  const servers = ['ldap1', 'ldap2', 'replica1'].map((host) => server(host, make));
  return {
    suffix: '',
    product: make.product,
    inventory: 'hosts.yaml',
    at: NOW,
    servers,
    nodes: ['ldap1', 'ldap2', 'replica1', 'store1'].map((host) => node(host, make)),
    target: newestOf(servers.flatMap(({ csns }) => ('value' in csns ? [csns.value] : []))),
    behindSince: new Map(),
  };
}

export const zimbraSite = (): SiteFacts => siteOf(ZIMBRA_10);
export const zimbra24Site = (): SiteFacts => siteOf(ZIMBRA_8_8);
export const carbonioSite = (): SiteFacts => siteOf(CARBONIO);

/** The site with some of the facts of one node replaced. */
export function withNode(before: SiteFacts, host: string, facts: Partial<NodeFacts>): SiteFacts {
  const nodes = before.nodes ?? [];
  if (!nodes.some((one) => one.host === host)) throw new Error(`no node ${host}`);
  return { ...before, nodes: nodes.map((one) => (one.host === host ? { ...one, ...facts } : one)) };
}

export function nodeIn(before: SiteFacts, host: string): NodeFacts {
  const found = before.nodes?.find((one) => one.host === host);
  if (!found) throw new Error(`no node ${host}`);
  return found;
}

export function withLocalconfig(before: SiteFacts, host: string, some: Partial<LocalconfigFacts>): SiteFacts {
  const old = valueIn(nodeIn(before, host).localconfig);
  return withNode(before, host, { localconfig: seen({ ...old, ...some }) });
}

/** Some of the plain keys of a node. */
export function withKeys(before: SiteFacts, host: string, keys: LocalconfigFacts['values']): SiteFacts {
  const { values } = valueIn(nodeIn(before, host).localconfig);
  return withLocalconfig(before, host, { values: { ...values, ...keys } });
}

/** Some of the passwords of a node, by their fingerprints. */
export function withPrints(before: SiteFacts, host: string, prints: LocalconfigFacts['prints']): SiteFacts {
  const old = valueIn(nodeIn(before, host).localconfig);
  return withLocalconfig(before, host, { prints: { ...old.prints, ...prints } });
}
