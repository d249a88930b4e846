/**
 * Private slapds shaped as Zimbra's: numbered databases, an empty suffix, cn=config as the rootDN of all, nobody by SASL
 * EXTERNAL; and, written by hand here, what Zimbra's tools make of them.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DirectoryAddress, DirectoryWriter, WritePorts } from '../src/engine/ports.ts';
import { within } from './one-slapd.ts';
import { makeSlapd, type Slapd } from './slapd.ts';
import { type SlapdPorts, slapdPorts } from './slapd-ports.ts';

export const ROOT_PASSWORD = 'root-of-zimbra';
export const REPLICATOR = 'uid=zmreplica,cn=admins,cn=zimbra';
export const REPLICATION_PASSWORD = 'replica-of-zimbra';

/** How lockstep binds where it has read ldap_root_password. */
export const asRoot: DirectoryAddress & { kind: 'ldapi' } = {
  kind: 'ldapi',
  path: 'auto',
  bindDn: 'cn=config',
  password: ROOT_PASSWORD,
};
/** The same for the `server` of an action. */
export const rootServer = { 'bind-dn': 'cn=config', password: ROOT_PASSWORD } as const;

export interface ZimbraSlapd {
  readonly slapd: Slapd;
  readonly ports: WritePorts;
  readonly root: DirectoryWriter;
  /** As a peer reaches it. */
  readonly url: string;
  restart(): Promise<void>;
}

/** A fresh single master with its tree. */
async function start(name: string, slapds: Record<string, Slapd>, all: SlapdPorts): Promise<ZimbraSlapd> {
  const slapd = await makeSlapd({ suffix: '', config: configLdif });
  onTestFinished(() => slapd.dispose());
  slapds[name] = slapd;
  await mkdir(join(slapd.dir, 'accesslog'));
  await slapd.start();
  const ports = all.on(name);
  const root = await ports.directory(asRoot);
  return {
    slapd,
    ports,
    root,
    url: `ldap://127.0.0.1:${slapd.port}`,
    restart: async () => {
      await slapd.stop();
      await slapd.start();
    },
  };
}

/** Fresh ones, named as hosts; only the first has a tree. */
export async function zimbraSlapds<N extends string>(
  ...names: readonly [N, ...N[]]
): Promise<Record<N, ZimbraSlapd> & { readonly all: SlapdPorts }> {
  const slapds: Record<string, Slapd> = {};
  const all = slapdPorts(slapds);
  onTestFinished(() => all.close());
  const made = {} as Record<N, ZimbraSlapd>;
  for (const name of names) made[name] = await start(name, slapds, all);
  await addTree(made[names[0]].root);
  return { ...made, all };
}

async function addTree(root: DirectoryWriter): Promise<void> {
  const organization = { objectClass: ['dcObject', 'organization'], o: ['x'] };
  const role = { objectClass: ['organizationalRole'] };
  await root.add('cn=zimbra', { ...role, cn: ['zimbra'] });
  await root.add('cn=admins,cn=zimbra', { ...role, cn: ['admins'], description: ['admin accounts'] });
  await root.add(REPLICATOR, {
    objectClass: ['account', 'simpleSecurityObject'],
    uid: ['zmreplica'],
    userPassword: [REPLICATION_PASSWORD],
  });
  await root.add('dc=com', { ...organization, dc: ['com'] });
  await root.add('dc=example,dc=com', { ...organization, dc: ['example'] });
  for (const uid of ['anna', 'berta'])
    await root.add(`uid=${uid},dc=example,dc=com`, {
      objectClass: ['inetOrgPerson'],
      uid: [uid],
      cn: [uid],
      sn: [uid],
    });
}

/** What `zmldapenable-mmr -s SID -m PROVIDER/` does, in its order. */
export async function enableMmr(
  { root, slapd }: ZimbraSlapd,
  { sid, rid = 100, provider }: { readonly sid: number; readonly rid?: number; readonly provider: string },
): Promise<void> {
  await root.modify('cn=config', [{ op: 'add', attribute: 'olcServerID', values: [String(sid)] }]);
  await addAccesslog(root, slapd);
  await root.modify(MAIN, [
    { op: 'add', attribute: 'olcSyncrepl', values: [syncreplOf(provider, rid)] },
    { op: 'replace', attribute: 'olcMirrorMode', values: ['TRUE'] },
  ]);
}

/** Of a master: the accesslog has pushed it up from {2}. */
export const MAIN = 'olcDatabase={3}mdb,cn=config';

export async function addAccesslog(root: DirectoryWriter, slapd: Pick<Slapd, 'dir'>): Promise<void> {
  await root.add('olcDatabase={2}mdb,cn=config', {
    objectClass: ['olcDatabaseConfig', 'olcMdbConfig'],
    olcDatabase: ['{2}mdb'],
    olcDbDirectory: [join(slapd.dir, 'accesslog')],
    olcSuffix: ['cn=accesslog'],
    olcAccess: [
      `{0}to dn.subtree="cn=accesslog"  by dn.exact="uid=zimbra,cn=admins,cn=zimbra" read  by dn.exact="cn=config" read  by dn.exact="${REPLICATOR}" read`,
    ],
    olcRootDN: ['cn=config'],
    olcSizeLimit: ['unlimited'],
    olcTimeLimit: ['unlimited'],
    olcMonitoring: ['TRUE'],
    olcDbIndex: ['entryCSN eq', 'objectClass eq', 'reqEnd eq', 'reqResult eq', 'reqStart eq'],
    olcDbNoSync: ['TRUE'],
    olcDbMaxSize: ['268435456'],
  });
  const overlay = async (rdn: string, on: string, objectClass: string, more: Record<string, string[]>) =>
    await root.add(`olcOverlay=${rdn},${on}`, {
      objectClass: ['olcOverlayConfig', objectClass],
      olcOverlay: [rdn],
      ...more,
    });
  await overlay('syncprov', 'olcDatabase={2}mdb,cn=config', 'olcSyncProvConfig', {
    olcSpNoPresent: ['TRUE'],
    olcSpReloadHint: ['TRUE'],
  });
  await overlay('{0}syncprov', MAIN, 'olcSyncProvConfig', {
    olcSpCheckpoint: ['20 10'],
    olcSpSessionlog: ['10000000'],
  });
  await overlay('{1}accesslog', MAIN, 'olcAccessLogConfig', {
    olcAccessLogDB: ['cn=accesslog'],
    olcAccessLogOps: ['writes'],
    olcAccessLogSuccess: ['TRUE'],
    olcAccessLogPurge: ['01+00:00  00+04:00'],
  });
}

/** As the tools store it, but that a lost link is tried again after a second. */
export function syncreplOf(provider: string, rid = 100, retry = '1 +'): string {
  return (
    `rid=${rid} provider=${provider} bindmethod=simple timeout=0 network-timeout=0 binddn=${REPLICATOR} ` +
    `credentials=${REPLICATION_PASSWORD} filter="(objectclass=*)" searchbase="" ` +
    'logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" logbase=cn=accesslog scope=sub schemachecking=off ' +
    `type=refreshAndPersist retry="${retry}" syncdata=accesslog tls_cacertdir=/opt/zimbra/conf/ca keepalive=240:10:30`
  );
}

/** The modify that gives an accesslog its first change: it writes what is there already. */
export async function writeNothing({ root }: ZimbraSlapd): Promise<void> {
  const values = ['admin accounts'];
  await root.modify('cn=admins,cn=zimbra', [{ op: 'replace', attribute: 'description', values }]);
}

/** Two masters of one tree, as enable-mmr on the first, then an installation with type mmr on the second, leave them. */
export async function twoMasters(): Promise<{
  readonly ldap1: ZimbraSlapd;
  readonly ldap2: ZimbraSlapd;
  readonly all: SlapdPorts;
}> {
  const made = await zimbraSlapds('ldap1', 'ldap2');
  const { ldap1, ldap2 } = made;
  // With a slash where a person gave it to the tool, without where the installer did.
  await enableMmr(ldap1, { sid: 1, provider: `${ldap2.url}/` });
  await ldap1.restart();
  await writeNothing(ldap1);
  await enableMmr(ldap2, { sid: 2, provider: ldap1.url });
  const there = async () => (await ldap2.root.search({ base: 'uid=berta,dc=example,dc=com' })).length === 1;
  if (!(await within(20_000, there))) throw new Error('the second master got nothing');
  // As its installer does.
  await ldap2.restart();
  return made;
}

function configLdif(root: string, dir: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map(
    (name) => `include: file://${join(root, 'etc/ldap/schema', name)}.ldif\n`,
  );
  return `dn: cn=config
objectClass: olcGlobal
cn: config
olcLogLevel: sync
olcSizeLimit: unlimited
olcTimeLimit: unlimited

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: ${join(root, 'usr/lib/ldap')}
olcModuleLoad: {0}back_mdb
olcModuleLoad: {1}back_monitor
olcModuleLoad: {2}syncprov
olcModuleLoad: {3}accesslog

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

${schemas.join('\n')}
dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcAccess: {0}to dn.base=""  by * read
olcAccess: {1}to dn.base="cn=subschema"  by * read

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcRootDN: cn=config
olcRootPW: ${ROOT_PASSWORD}
olcAccess: {0}to *  by * none

dn: olcDatabase={1}monitor,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {1}monitor
olcRootDN: cn=config
olcAccess: {0}to dn.children="cn=monitor"  by dn.children="cn=admins,cn=zimbra" read

dn: olcDatabase={2}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {2}mdb
olcSuffix:
olcRootDN: cn=config
olcDbDirectory: ${join(dir, 'data')}
olcDbMaxSize: 268435456
olcDbNoSync: TRUE
olcDbIndex: objectClass eq
olcDbIndex: entryUUID eq
olcDbIndex: entryCSN eq
olcSizeLimit: unlimited
olcTimeLimit: unlimited
olcAccess: {0}to *  by dn.children="cn=admins,cn=zimbra" write  by * break
olcAccess: {1}to attrs=userPassword  by anonymous auth  by * none
olcAccess: {2}to *  by * read
`;
}
