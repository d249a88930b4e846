/** What slapd takes and then only half works with: each is written to a real one, and refused by lockstep. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapDatabase } from '../../src/actions/ldap-database.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { ldapModule } from '../../src/actions/ldap-module.ts';
import { ldapOverlay } from '../../src/actions/ldap-overlay.ts';
import {
  accesslog,
  add,
  database,
  inOrder,
  load,
  modify,
  newDatabase,
  type OneSlapd,
  oneSlapd,
  overlay,
  put,
  suffix,
  syncrepl,
  valueAt,
  within,
} from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

beforeAll(obtainSlapd, 300_000);

describe('a database that slapd would spoil', () => {
  it('gets no smaller: with less room than data a write that needs some is error 80', async () => {
    const server = await oneSlapd({ people: 2000 });
    const smaller = { dn: database, replace: { olcDbMaxSize: 100_000 } };
    await expect(carryOut(ldapModify, smaller, server.ports)).rejects.toThrow(
      /olcDbMaxSize would become smaller.*writes fail with error 80/,
    );
    const fewer = { dn: database, delete: { olcDbMaxSize: 'all' as const } };
    await expect(carryOut(ldapModify, fewer, server.ports)).rejects.toThrow(
      /olcDbMaxSize would become smaller/,
    );
    const grow = async (cn: string) =>
      (await server.asRoot()).add(`cn=${cn},${suffix}`, {
        objectClass: ['organizationalRole'],
        cn: [cn],
        description: ['x'.repeat(100_000)],
      });
    await grow('before');
    await modify(database, put('olcDbMaxSize', '100000'))(server);
    await expect(grow('less')).rejects.toThrow(/other \(80\)/);
    await server.restart();
    await expect(grow('still less')).rejects.toThrow(/other \(80\)/);
    await carryOut(ldapModify, { dn: database, replace: { olcDbMaxSize: 2 ** 30 } }, server.ports);
    await grow('after');
  });

  it('gets no larger than can be mapped: slapd says no, and dies at the next read', async () => {
    const server = await oneSlapd();
    const huge = { dn: database, replace: { olcDbMaxSize: 200_000_000_000_000 } };
    await expect(carryOut(ldapModify, huge, server.ports)).rejects.toThrow(/more than 64 TiB/);
    expect(await valueAt(server.raw, suffix, 'dc')).toEqual(['example']);
    // It dies with the next thing that looks into the database: mostly a read, sometimes before its answer has left.
    await expect(modify(database, put('olcDbMaxSize', '200000000000000'))(server)).rejects.toThrow(
      /failed to reopen database|the connection ended/,
    );
    const read = () => valueAt(server.raw, suffix, 'dc').then(String, String);
    await expect.poll(read, { timeout: 5000 }).toMatch(/no ldapi socket answers/);
  });

  it('keeps its folder and its suffix: in another it shows none of its entries', async () => {
    const server = await oneSlapd();
    await newDatabase('cn=other')(server);
    const folder = join(server.slapd.dir, 'empty');
    const elsewhere = { suffix, directory: folder, 'root-dn': server.slapd.rootDn };
    await expect(carryOut(ldapDatabase, elsewhere, server.ports)).rejects.toThrow(
      /another suffix or folder: slapd takes that, and what it holds is gone from view/,
    );
    const renamed = { dn: database, replace: { olcSuffix: 'dc=other', olcRootDN: 'cn=admin,dc=other' } };
    await expect(carryOut(ldapModify, renamed, server.ports)).rejects.toThrow(/another suffix or folder/);
    const shared = { suffix: 'cn=third', directory: join(server.slapd.dir, 'data'), 'root-dn': 'cn=third' };
    await expect(carryOut(ldapDatabase, shared, server.ports)).rejects.toThrow(
      /olcDatabase=\{1\}mdb,cn=config and olcDatabase=mdb,cn=config would have one olcDbDirectory/,
    );
    await modify(database, put('olcDbDirectory', join(server.slapd.dir, 'cn-other')))(server);
    expect(await valueAt(server.raw, suffix, 'dc')).toBeUndefined();
  });
});

describe('an overlay that ends slapd', () => {
  it('syncprov does not come with olcSpSessionlogSource; set afterwards it stays through a restart', async () => {
    const server = await oneSlapd();
    await carryOut(ldapModule, { load: ['syncprov'] }, server.ports);
    await accesslog(server);
    const provider = { database, overlay: 'syncprov' };
    const both = { ...provider, attributes: { olcSpSessionlogSource: 'cn=accesslog' } };
    await expect(carryOut(ldapOverlay, both, server.ports)).rejects.toThrow(
      /olcSpSessionlogSource would come together with its overlay: slapd 2\.5 and 2\.6 die/,
    );
    await carryOut(ldapOverlay, provider, server.ports);
    await carryOut(ldapOverlay, both, server.ports);
    await server.restart();
    expect((await carryOut(ldapOverlay, both, server.ports)).changes).toEqual([]);

    const second = await oneSlapd();
    await inOrder(load('syncprov'), accesslog)(second);
    const raw = overlay('syncprov', 'olcSyncProvConfig', { olcSpSessionlogSource: ['cn=accesslog'] });
    await expect(raw(second)).rejects.toThrow(/the connection ended before the server answered/);
    await expect(valueAt(second.raw, suffix, 'dc')).rejects.toThrow(/no ldapi socket answers/);
  });
});

describe('a server ID or RID that is there twice', () => {
  it('slapd takes one ID for two URLs; lockstep does not', async () => {
    const server = await oneSlapd({ monitor: true });
    const url = `ldap://127.0.0.1:${server.slapd.port}/`;
    await modify('cn=config', add('olcServerID', `1 ${url}`))(server);
    const twin = { dn: 'cn=config', add: { olcServerID: '0x1 ldap://127.0.0.2:389/' } };
    await expect(carryOut(ldapModify, twin, server.ports)).rejects.toThrow(/two servers the same ID/);
    await modify('cn=config', add('olcServerID', '0x1 ldap://127.0.0.2:389/'))(server);
    await server.restart();
  });

  it('slapd takes one RID in two databases; lockstep does not', async () => {
    const server = await oneSlapd();
    await inOrder(newDatabase('dc=net', { olcRootDN: ['cn=admin,dc=net'] }))(server);
    await modify(database, add('olcSyncrepl', syncrepl('001')))(server);
    const other = syncrepl('1').replace(suffix, 'dc=net');
    const second = 'olcDatabase={2}mdb,cn=config';
    await expect(
      carryOut(ldapModify, { dn: second, add: { olcSyncrepl: other } }, server.ports),
    ).rejects.toThrow(/RID 001 would be of two agreements/);
    await modify(second, add('olcSyncrepl', other))(server);
    await server.restart();
  });
});

describe('an agreement that slapd takes and does not follow', () => {
  const bind = ` binddn="cn=admin,${suffix}" credentials="admin-password"`;

  async function provider(): Promise<OneSlapd> {
    const server = await oneSlapd();
    await inOrder(load('syncprov'), overlay('syncprov', 'olcSyncProvConfig'))(server);
    await modify('cn=config', add('olcServerID', '1'))(server);
    return server;
  }

  /** An empty server that pulls by this value from now on, whatever lockstep thinks of it. */
  async function pulling(from: OneSlapd, words: string, retry = '1 +'): Promise<OneSlapd> {
    const server = await oneSlapd({ people: 'not even a suffix', monitor: true });
    const line = `provider=ldap://127.0.0.1:${from.slapd.port} searchbase="${suffix}" type=refreshAndPersist`;
    const olcSyncrepl = `rid=001 ${line} retry="${retry}" bindmethod=simple${words}`;
    if (words !== bind || retry !== '1 +') {
      const wish = { dn: database, add: { olcSyncrepl } };
      await expect(carryOut(ldapModify, wish, server.ports)).rejects.toThrow(/rid 001 from|" inside a word/);
    }
    await modify(database, add('olcSyncrepl', olcSyncrepl))(server);
    return server;
  }

  const filled = async ({ raw }: OneSlapd) => (await valueAt(raw, suffix, 'dc')) !== undefined;
  const seen = async ({ raw }: OneSlapd, attribute: string) =>
    (await valueAt(raw, 'cn=Consumer 001,cn=Database 1,cn=Databases,cn=Monitor', attribute))?.[0];
  const persists = async (server: OneSlapd) => (await seen(server, 'olmSRSyncPhase')) === 'Persist';

  it('for a quote in its password, or for none', async () => {
    const from = await provider();
    const good = await pulling(from, bind);
    expect(await within(4000, () => filled(good))).toBe(true);
    await modify(database, put('olcRootPW', 'a"b'))(from);
    const bad: OneSlapd[] = [];
    for (const credentials of [' credentials="a"b"', ' credentials="a\\"b"', '']) {
      bad.push(await pulling(from, ` binddn="cn=admin,${suffix}"${credentials}`));
    }
    expect(await within(2000, async () => (await Promise.all(bad.map(filled))).includes(true))).toBe(false);
  });

  it('for syncdata without a logbase: it begins anew at each try', async () => {
    const from = await provider();
    const [good, bad] = [await pulling(from, bind), await pulling(from, `${bind} syncdata=accesslog`)];
    expect(await within(4000, () => persists(good))).toBe(true);
    expect(await within(2500, () => persists(bad))).toBe(false);
  });

  it('for a retry list that ends: it does not come back with its provider', async () => {
    const from = await provider();
    await from.slapd.stop();
    const [good, bad] = [await pulling(from, bind), await pulling(from, bind, '1 1')];
    // Never, as generalizedTime of slapd.
    expect(await within(8000, async () => (await seen(bad, 'olmSRNextConnect')) === '00000101000000Z')).toBe(
      true,
    );
    await from.slapd.start();
    expect(await within(4000, () => filled(good))).toBe(true);
    expect(await within(2000, () => filled(bad))).toBe(false);
  });

  it('ldap.agreement keeps a fault that was there, and adds none', async () => {
    const server = await oneSlapd();
    const faulty = syncrepl('004', 'ldap://old', `${bind} syncdata=accesslog`).replace('"5 +"', '"5 5"');
    await modify(database, add('olcSyncrepl', faulty))(server);
    const moved = { database, provider: 'ldap://new', was: 'ldap://old', 'keep-words': true };
    await carryOut(ldapAgreement, moved, server.ports);
    expect((await valueAt(server.raw, database, 'olcSyncrepl'))?.[0]).toMatch(/ldap:\/\/new .*retry="5 5"/);
    const worse = { database, provider: 'ldap://third', extra: { syncdata: 'accesslog' } };
    await expect(carryOut(ldapAgreement, worse, server.ports)).rejects.toThrow(
      /rid 001 from ldap:\/\/third has syncdata=accesslog without a logbase/,
    );
  });
});
