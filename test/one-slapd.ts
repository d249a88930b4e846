/** One private slapd with some people, and raw writes to it: what slapd itself says of a change, whatever lockstep thinks. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { DirectoryReader, DirectoryWriter, Modification, WritePorts } from '../src/engine/ports.ts';
import { makeSlapd, peopleLdif, type Slapd, type SlapdOptions } from './slapd.ts';
import { slapdPorts } from './slapd-ports.ts';

export const suffix = 'dc=example,dc=org';
export const database = 'olcDatabase={1}mdb,cn=config';
export const logDatabase = 'olcDatabase={2}mdb,cn=config';

export interface OneSlapd {
  readonly slapd: Slapd;
  readonly ports: WritePorts;
  /** Root over ldapi. */
  readonly raw: DirectoryWriter;
  /** The rootDN over TCP, who may write data. */
  asRoot(): Promise<DirectoryWriter>;
  /** Rejects with what slapd printed when it does not come up. */
  restart(): Promise<void>;
}

/** Ends with the test. */
export async function oneSlapd({
  people = 1,
  ...options
}: SlapdOptions & { readonly people?: number | 'not even a suffix' } = {}): Promise<OneSlapd> {
  const slapd = await makeSlapd(options);
  onTestFinished(() => slapd.dispose());
  if (people !== 'not even a suffix') await slapd.slapadd(peopleLdif(suffix, people));
  await slapd.start();
  const all = slapdPorts({ ldap1: slapd });
  onTestFinished(() => all.close());
  const ports = all.on('ldap1');
  return {
    slapd,
    ports,
    raw: await ports.directory({ kind: 'ldapi', path: 'auto' }),
    asRoot: () =>
      ports.directory({
        kind: 'tcp',
        host: 'localhost',
        port: 389,
        tls: 'none',
        bindDn: slapd.rootDn,
        password: slapd.rootPassword,
      }),
    restart: async () => {
      await slapd.stop();
      await slapd.start();
    },
  };
}

/** A raw write, to be carried out on a server that is there by then. */
export type RawWrite = (server: OneSlapd) => Promise<void>;

export function modify(dn: string, ...modifications: readonly Modification[]): RawWrite {
  return ({ raw }) => raw.modify(dn, modifications);
}

export const add = (attribute: string, ...values: string[]): Modification => ({
  op: 'add',
  attribute,
  values,
});
export const gone = (attribute: string, ...values: string[]): Modification => ({
  op: 'delete',
  attribute,
  values,
});
export const put = (attribute: string, ...values: string[]): Modification => ({
  op: 'replace',
  attribute,
  values,
});

export function inOrder(...writes: readonly RawWrite[]): RawWrite {
  return async (server) => {
    for (const write of writes) await write(server);
  };
}

export const load = (...modules: string[]): RawWrite =>
  modify('cn=module{0},cn=config', add('olcModuleLoad', ...modules));

export function overlay(
  name: string,
  objectClass: string,
  attributes: Record<string, readonly string[]> = {},
  on = database,
): RawWrite {
  return ({ raw }) =>
    raw.add(`olcOverlay=${name},${on}`, {
      objectClass: ['olcOverlayConfig', objectClass],
      olcOverlay: [name],
      ...attributes,
    });
}

/** A further mdb database with a folder of its own. */
export function newDatabase(olcSuffix: string, attributes: Record<string, readonly string[]> = {}): RawWrite {
  return async ({ slapd, raw }) => {
    const folder = join(slapd.dir, olcSuffix.replace(/\W/g, '-'));
    await mkdir(folder, { recursive: true });
    await raw.add('olcDatabase=mdb,cn=config', {
      objectClass: ['olcDatabaseConfig', 'olcMdbConfig'],
      olcDatabase: ['mdb'],
      olcSuffix: [olcSuffix],
      olcDbDirectory: [folder],
      ...attributes,
    });
  };
}

/** Server ID 1, and syncprov on the database. */
export const provider: RawWrite = inOrder(
  modify('cn=config', add('olcServerID', '1')),
  load('syncprov'),
  overlay('syncprov', 'olcSyncProvConfig'),
);

/** accesslog on the database, with its log at cn=accesslog. */
export const accesslog: RawWrite = inOrder(
  load('accesslog'),
  newDatabase('cn=accesslog', { olcRootDN: [`cn=admin,${suffix}`] }),
  overlay('accesslog', 'olcAccessLogConfig', {
    olcAccessLogDB: ['cn=accesslog'],
    olcAccessLogOps: ['writes'],
    olcAccessLogSuccess: ['TRUE'],
  }),
);

/** An olcSyncrepl value; nobody listens on port 9. */
export function syncrepl(rid: string, provider = 'ldap://127.0.0.1:9', more = ''): string {
  return `rid=${rid} provider=${provider} searchbase="${suffix}" bindmethod=simple retry="5 +"${more}`;
}

/** Whether it has come to be so by then: what slapd does in its own time. */
export async function within(ms: number, so: () => Promise<boolean>): Promise<boolean> {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(50)) {
    if (await so()) return true;
  }
  return false;
}

export async function valueAt(
  directory: DirectoryReader,
  dn: string,
  attribute: string,
): Promise<readonly string[] | undefined> {
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: [attribute] });
  return entry?.attributes[attribute];
}
