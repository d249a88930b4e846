import { afterEach, describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapCanary } from '../../src/actions/ldap-canary.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { ldapModule } from '../../src/actions/ldap-module.ts';
import { ldapServerId } from '../../src/actions/ldap-server-id.ts';
import { waitConverged } from '../../src/actions/wait-converged.ts';
import type { DirectoryWriter } from '../../src/engine/ports.ts';
import { LdapError } from '../../src/ldap/ldap-error.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { makeSlapd, peopleLdif, type Slapd, type SlapdOptions } from '../slapd.ts';
import { carryOut, hostNamed, type SlapdPorts, slapdPorts } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';
const suffix = 'dc=example,dc=org';
let slapds: Record<string, Slapd> = {};
let ports: SlapdPorts;

async function boot(people: number, options: SlapdOptions = {}, names = ['ldap1']): Promise<Slapd> {
  for (const name of names) {
    const slapd = await makeSlapd(options);
    slapds[name] = slapd;
    await slapd.slapadd(peopleLdif(suffix, people));
    await slapd.start();
  }
  ports = slapdPorts(slapds);
  const [first] = Object.values(slapds);
  if (!first) throw new Error('no slapd');
  return first;
}

const raw = async (): Promise<DirectoryWriter> =>
  await ports.on('ldap1').directory({ kind: 'ldapi', path: 'auto' });

async function data(slapd: Slapd): Promise<DirectoryWriter> {
  return await ports.on('ldap1').directory({
    kind: 'tcp',
    host: 'localhost',
    port: 389,
    tls: 'none',
    bindDn: slapd.rootDn,
    password: slapd.rootPassword,
  });
}

const agreement = {
  database,
  provider: 'ldap://127.0.0.1:9',
  'bind-dn': `cn=replicator,${suffix}`,
  credentials: new Secret('replicator', 'clear'),
};

const write = { op: 'replace', attribute: 'description', values: ['x'] } as const;
const line = 'provider=ldap://127.0.0.1:9 searchbase="dc=example,dc=org" bindmethod=simple';

afterEach(async () => {
  await ports?.close();
  for (const slapd of Object.values(slapds)) await slapd.dispose();
  slapds = {};
});

describe('traps of slapd, seen and avoided', () => {
  it('a lone delete of the last agreement is taken and then slapd does not start; the action keeps it startable', async () => {
    const slapd = await boot(1);
    await carryOut(ldapAgreement, agreement, ports.on('ldap1'));
    const facts = await ldapModify.read({ dn: database }, ports.on('ldap1'));
    expect(() => ldapModify.diff({ dn: database, delete: { olcSyncrepl: 'all' } }, facts)).toThrow(
      /olcMultiProvider would be TRUE/,
    );
    await carryOut(ldapAgreement, { ...agreement, state: 'absent' }, ports.on('ldap1'));
    await slapd.stop();
    await slapd.start();
    await carryOut(ldapAgreement, agreement, ports.on('ldap1'));
    await (await raw()).modify(database, [{ op: 'delete', attribute: 'olcSyncrepl', values: ['{0}'] }]);
    await slapd.stop();
    await expect(slapd.start()).rejects.toThrow(/database is not a shadow/);
  });

  it('olcSyncrepl without olcMultiProvider refuses writes with 53; the action sets both in one modify', async () => {
    const slapd = await boot(1);
    await (await raw()).modify(database, [
      { op: 'add', attribute: 'olcSyncrepl', values: [`rid=001 ${line}`] },
    ]);
    const refused = await (await data(slapd)).modify(suffix, [write]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LdapError);
    expect((refused as LdapError).failure.code).toBe(53);
    await (await raw()).modify(database, [{ op: 'delete', attribute: 'olcSyncrepl', values: [] }]);
    const { changes } = await carryOut(ldapAgreement, agreement, ports.on('ldap1'));
    expect(changes).toHaveLength(1);
    await (await data(slapd)).modify(suffix, [write]);
  });

  it('the URL form of olcServerID is taken online and then slapd does not start; both actions refuse it', async () => {
    const slapd = await boot(1);
    const url = `1 ldap://127.0.0.2:${slapd.port}`;
    const facts = await ldapModify.read({ dn: 'cn=config' }, ports.on('ldap1'));
    expect(() => ldapModify.diff({ dn: 'cn=config', add: { olcServerID: url } }, facts)).toThrow(/URL form/);
    await (await raw()).modify('cn=config', [{ op: 'add', attribute: 'olcServerID', values: [url] }]);
    await expect(carryOut(ldapServerId, { id: 1 }, ports.on('ldap1'))).rejects.toThrow(/has the URL form/);
    await carryOut(ldapServerId, { id: 1, replace: true }, ports.on('ldap1'));
    await slapd.stop();
    await slapd.start();
    await (await raw()).modify('cn=config', [{ op: 'replace', attribute: 'olcServerID', values: [url] }]);
    await slapd.stop();
    await expect(slapd.start()).rejects.toThrow(/no serverID \/ URL match found/);
  });

  it('two agreements with one RID are taken by slapd; the action finds that', async () => {
    await boot(1);
    for (const port of [9, 10]) {
      const values = [`rid=001 ${line.replace(':9', `:${port}`)}`];
      await (await raw()).modify(database, [{ op: 'add', attribute: 'olcSyncrepl', values }]);
    }
    const third = { ...agreement, provider: 'ldap://127.0.0.1:11' };
    await expect(carryOut(ldapAgreement, third, ports.on('ldap1'))).rejects.toThrow(
      /RID 001 is used by more than one/,
    );
  });

  it('a refused index leaves slapd with a definition it then calls a duplicate; the action adds only what is missing', async () => {
    await boot(1, { database: ['olcDbIndex: entryCSN eq', 'olcDbIndex: cn eq'] });
    const add = (values: readonly string[]) => async () =>
      (await raw()).modify(database, [{ op: 'add', attribute: 'olcDbIndex', values }]);
    const wanted = { dn: database, add: { olcDbIndex: ['entryCSN,entryUUID eq', 'cn,sn eq,sub'] } };
    const { changes } = await carryOut(ldapModify, wanted, ports.on('ldap1'));
    expect(changes[0]?.lines.map(({ op, text }) => op + text)).toEqual([
      '-olcDbIndex: cn eq',
      '+olcDbIndex: entryUUID eq',
      '+olcDbIndex: sn eq,sub',
      '+olcDbIndex: cn eq,sub',
    ]);
    await expect(add(['uid,entryCSN eq'])()).rejects.toThrow(
      /duplicate index definition for attr "entryCSN"/,
    );
    await expect(add(['uid eq'])()).rejects.toThrow(/duplicate index definition for attr "uid"/);
  });

  it('the default size limit stops a read at 500 with an error that says what to do, and never with half the entries', async () => {
    await boot(600);
    await carryOut(ldapModule, { load: ['syncprov'] }, ports.on('ldap1'));
    const directory = await raw();
    await expect(directory.search({ base: suffix })).rejects.toThrow(/sizeLimitExceeded \(4\).*olcLimits/s);
    const external = 'gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth';
    await carryOut(
      ldapModify,
      { dn: database, add: { olcLimits: `dn.exact="${external}" size=unlimited` } },
      ports.on('ldap1'),
    );
    expect(await directory.search({ base: suffix })).toHaveLength(602);
    await carryOut(
      ldapModify,
      { dn: database, replace: { olcLimits: `dn.exact="${external}" size=unlimited size.prtotal=disabled` } },
      ports.on('ldap1'),
    );
    expect(await directory.search({ base: suffix })).toHaveLength(602);
  });

  it('a position given in olcAccess is where the value ends up, whatever was there', async () => {
    await boot(1);
    const mine = 'to * by dn.exact="cn=r,dc=example,dc=org" read by * break';
    await carryOut(ldapModify, { dn: database, add: { olcAccess: mine } }, ports.on('ldap1'));
    const { changes } = await carryOut(
      ldapModify,
      { dn: database, add: { olcAccess: `{0}${mine}` } },
      ports.on('ldap1'),
    );
    expect(changes[0]?.lines.map(({ op }) => op)).toEqual(['-', '+']);
    const [entry] = await (await raw()).search({ base: database, scope: 'base' });
    expect(entry?.attributes['olcAccess']?.map((value) => value.slice(0, 20))).toEqual([
      '{0}to * by dn.exact=',
      '{1}to attrs=userPass',
      '{2}to * by * read',
    ]);
  });

  it('equal server IDs are refused by the canary, and a server without contextCSN is not converged', async () => {
    await boot(1, {}, ['ldap1', 'ldap2']);
    const servers = ['ldap1', 'ldap2'].map(hostNamed);
    for (const name of ['ldap1', 'ldap2']) await carryOut(ldapServerId, { id: 1 }, ports.on(name));
    await expect(carryOut(ldapCanary, { suffix, servers }, ports.on('ldap1'))).rejects.toThrow(
      'ldap1 and ldap2 both have server ID 1',
    );
    const facts = await waitConverged.read({ suffix, servers }, ports.on('ldap1'));
    expect(waitConverged.lacking({ suffix, servers }, facts)).toMatch(/^ldap1, ldap2 has no contextCSN/);
  });

  it('knows that a provider is the server itself, by its listeners in cn=monitor', async () => {
    const slapd = await boot(1, { monitor: true });
    const self = { ...agreement, provider: `ldap://127.0.0.1:${slapd.port}` };
    await expect(carryOut(ldapAgreement, self, ports.on('ldap1'))).rejects.toThrow(/is this server itself/);
  });
});
