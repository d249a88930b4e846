import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapCanary } from '../../src/actions/ldap-canary.ts';
import { ldapConfigAge } from '../../src/actions/ldap-config-age.ts';
import { ldapEntry } from '../../src/actions/ldap-entry.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { ldapModule } from '../../src/actions/ldap-module.ts';
import { ldapOverlay } from '../../src/actions/ldap-overlay.ts';
import { ldapRead } from '../../src/actions/ldap-read.ts';
import { ldapSchemaDigest } from '../../src/actions/ldap-schema-digest.ts';
import { addressOf } from '../../src/actions/ldap-server.ts';
import { ldapServerId } from '../../src/actions/ldap-server-id.ts';
import { waitConverged } from '../../src/actions/wait-converged.ts';
import { hashPassword, verifyPassword } from '../../src/ldap/password.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { awaitGate, carryOut } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';

function server(tree: Tree = configTree()) {
  const directory = fakeDirectory(tree);
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

const lines = (changes: readonly { lines: readonly { op: string; text: string }[] }[]) =>
  changes.flatMap((change) => change.lines.map(({ op, text }) => op + text));

describe('parameters of LDAP actions', () => {
  const actions = [
    ldapAgreement,
    ldapCanary,
    ldapConfigAge,
    ldapEntry,
    ldapModify,
    ldapModule,
    ldapOverlay,
    ldapRead,
    ldapSchemaDigest,
    ldapServerId,
    waitConverged,
  ];

  it.each(actions.map((action) => [action.name, action] as const))(
    '%s becomes a JSON schema that refuses unknown keys',
    (_, action) => {
      expect(z.toJSONSchema(action.params)).toMatchObject({ type: 'object', additionalProperties: false });
    },
  );

  it('say where the directory is', () => {
    expect(addressOf(undefined)).toEqual({ kind: 'ldapi', path: 'auto' });
    expect(addressOf({ url: 'ldapi://%2ftmp%2fldapi', as: 'zimbra' })).toEqual({
      kind: 'ldapi',
      path: '/tmp/ldapi',
      as: 'zimbra',
    });
    expect(addressOf({ url: 'ldaps://LDAP1', 'bind-dn': 'cn=a' })).toEqual({
      kind: 'tcp',
      host: 'ldap1',
      port: 636,
      tls: 'ldaps',
      bindDn: 'cn=a',
    });
    expect(addressOf({ url: 'ldap://a:1389', starttls: true })).toMatchObject({
      port: 1389,
      tls: 'starttls',
    });
    expect(addressOf({ 'bind-dn': 'cn=a', password: 'b' })).toEqual({
      kind: 'ldapi',
      path: 'auto',
      bindDn: 'cn=a',
      password: 'b',
    });
    expect(() => addressOf({ starttls: true })).toThrow(/ldapi needs no TLS/);
    expect(() => addressOf({ url: 'ldaps://a', starttls: true })).toThrow(/starttls is for/);
  });
});

describe('ldap.read', () => {
  it('gives entries without their secrets, and nothing for a missing base', async () => {
    const { ports } = server({
      'cn=a': { objectClass: ['x'], userPassword: ['{SSHA}abc'], olcSyncrepl: ['{0}rid=1 credentials=abc'] },
    });
    const { result } = await awaitGate(ldapRead, { base: 'cn=a' }, ports);
    expect(result).toMatchObject({
      count: 1,
      first: { dn: 'cn=a', attributes: { olcSyncrepl: ['{0}rid=1 credentials=[stored]'] } },
    });
    expect(JSON.stringify(result)).not.toContain('abc');
    expect((await awaitGate(ldapRead, { base: 'cn=b' }, ports)).result).toEqual({
      entries: [],
      count: 0,
      first: null,
    });
  });
});

describe('ldap.entry', () => {
  const dn = 'cn=replicator,dc=example';
  const password = new Secret('replicator', 'clear');

  it('adds an entry with its RDN and a hashed password, and then finds nothing to do', async () => {
    const { directory, ports } = server({});
    const { changes } = await carryOut(
      ldapEntry,
      { dn, attributes: { objectClass: ['organizationalRole'] }, password },
      ports,
    );
    expect(lines(changes)).toEqual([
      '+objectClass: organizationalRole',
      '+cn: replicator',
      '+userPassword: [replicator]',
    ]);
    expect(verifyPassword(directory.tree[dn]?.['userPassword']?.[0] ?? '', 'clear')).toBe('same');
  });

  it('adds what is missing and leaves the rest, or makes the listed attributes exact', async () => {
    const { directory, ports } = server({
      [dn]: { objectClass: ['organizationalRole'], cn: ['Replicator'], description: ['old'] },
    });
    expect(
      lines(
        (await carryOut(ldapEntry, { dn, attributes: { cn: 'replicator', description: 'new' } }, ports))
          .changes,
      ),
    ).toEqual(['+description: new']);
    expect(directory.tree[dn]?.['description']).toEqual(['old', 'new']);
    await carryOut(ldapEntry, { dn, exact: true, attributes: { description: 'new' } }, ports);
    expect(directory.tree[dn]).toMatchObject({ description: ['new'], cn: ['Replicator'] });
  });

  it.each(['{CRYPT}$6$x', '{SSHA}AAAA', 'old'])(
    'rewrites a password stored as %s, and keeps one that verifies',
    async (userPassword) => {
      const { directory, ports } = server({ [dn]: { cn: ['replicator'], userPassword: [userPassword] } });
      await carryOut(ldapEntry, { dn, password }, ports);
      expect(directory.modifications).toHaveLength(1);
      directory.tree[dn] = { cn: ['replicator'], userPassword: [hashPassword(password).reveal()] };
      expect((await carryOut(ldapEntry, { dn, password }, ports)).changes).toEqual([]);
    },
  );

  it('removes an entry once', async () => {
    const { directory, ports } = server({ [dn]: { cn: ['replicator'] } });
    await carryOut(ldapEntry, { dn, state: 'absent' }, ports);
    expect((await carryOut(ldapEntry, { dn, state: 'absent' }, ports)).changes).toEqual([]);
    expect(directory.log).toEqual([`delete ${dn}`]);
  });
});

describe('ldap.modify', () => {
  it('does all of it in one modify and nothing twice', async () => {
    const { directory, ports } = server(
      configTree({ olcAccess: ['{0}to * by * read'], olcDbIndex: ['objectClass eq'], olcReadOnly: ['TRUE'] }),
    );
    const params = {
      dn: database,
      add: { olcAccess: '{0}to dn.base="" by * read', olcDbIndex: ['objectClass,entryCSN eq'] },
      delete: { olcReadOnly: 'all' as const },
      replace: { olcDbMaxSize: 1073741824 },
    };
    const { changes } = await carryOut(ldapModify, params, ports);
    expect(lines(changes)).toEqual([
      '-olcReadOnly: TRUE',
      '+olcDbMaxSize: 1073741824',
      '+olcAccess: {0}to dn.base="" by * read',
      '+olcDbIndex: entryCSN eq',
    ]);
    expect(directory.log).toEqual([`modify ${database}`]);
    expect((await carryOut(ldapModify, params, ports)).changes).toEqual([]);
  });

  it('shows what it would do to an entry that is not there yet, but no delete from one', async () => {
    const { ports } = server();
    const add = { dn: 'cn=later', add: { description: 'x' } };
    expect(lines(ldapModify.diff(add, await ldapModify.read(add, ports)))).toEqual([
      ' the entry is not there yet',
      '+description: x',
    ]);
    await expect(
      carryOut(ldapModify, { dn: 'cn=later', delete: { description: 'all' } }, ports),
    ).rejects.toThrow('there is no entry cn=later');
  });

  it('shows of the values of an attribute those that it takes away only', async () => {
    const { ports } = server(configTree({ olcLimits: ['{0}* size=1', '{1}users size=2'] }));
    const { changes } = await carryOut(
      ldapModify,
      { dn: database, delete: { olcLimits: 'users size=2' } },
      ports,
    );
    expect(lines(changes)).toEqual(['-olcLimits: {1}users size=2']);
  });

  it('shows no stored credentials when it takes values away', async () => {
    const { ports } = server(
      configTree({ olcSyncrepl: ['{0}rid=1 provider=ldap://a credentials=abc'], olcRootPW: ['abc'] }),
    );
    const { changes } = await carryOut(
      ldapModify,
      { dn: database, delete: { olcSyncrepl: 'all', olcRootPW: 'all' } },
      ports,
    );
    expect(lines(changes)).toEqual([
      '-olcSyncrepl: {0}rid=1 provider=ldap://a credentials=[stored]',
      '-olcRootPW: [stored olcRootPW]',
    ]);
  });
});

describe('ldap.module', () => {
  it('loads what is neither loaded under any spelling nor built in', async () => {
    const { directory, ports } = server();
    const { changes } = await carryOut(
      ldapModule,
      { load: ['back_mdb', 'syncprov', 'accesslog.la', 'syncprov'] },
      ports,
    );
    expect(lines(changes)).toEqual(['+olcModuleLoad: syncprov', '+olcModuleLoad: accesslog.la']);
    directory.tree['cn=schema,cn=config'] = {
      ...directory.tree['cn=schema,cn=config'],
      olcObjectClasses: ["( 1 NAME 'olcMemberOf' )", "( 1 NAME 'olcUniqueConfig' )"],
    };
    expect((await carryOut(ldapModule, { load: ['unique.so'] }, ports)).changes).toEqual([]);
  });

  it('makes the list with its path where there is none', async () => {
    const { 'cn=module{0},cn=config': _, ...tree } = configTree();
    const { changes } = await carryOut(
      ldapModule,
      { load: ['syncprov'], path: '/usr/lib/ldap' },
      server(tree).ports,
    );
    expect(lines(changes)).toContain('+olcModulePath: /usr/lib/ldap');
  });
});

describe('ldap.overlay', () => {
  const params = {
    database,
    overlay: 'syncprov',
    attributes: { olcSpCheckpoint: '100 10', olcSpNoPresent: true },
  };

  it('adds the overlay with its object classes, then changes only what differs', async () => {
    const { directory, ports } = server();
    expect(lines((await carryOut(ldapOverlay, params, ports)).changes)).toContain(
      '+objectClass: olcSyncProvConfig',
    );
    const { changes } = await carryOut(
      ldapOverlay,
      { ...params, attributes: { olcSpCheckpoint: '200 5' } },
      ports,
    );
    expect(lines(changes)).toEqual(['-olcSpCheckpoint: 100 10', '+olcSpCheckpoint: 200 5']);
    expect(directory.log.map((line) => line.split(' ')[0])).toEqual(['add', 'modify']);
  });

  it('takes an overlay with a position for the same, and stops at two of them', async () => {
    const one = {
      objectClass: ['olcOverlayConfig'],
      olcOverlay: ['{0}syncprov'],
      olcSpCheckpoint: ['100  10'],
      olcSpNoPresent: ['true'],
    };
    const tree = { ...configTree(), [`olcOverlay={0}syncprov,${database}`]: one };
    expect((await carryOut(ldapOverlay, params, server(tree).ports)).changes).toEqual([]);
    const twice = {
      ...tree,
      [`olcOverlay={1}syncprov,${database}`]: { ...one, olcOverlay: ['{1}syncprov'] },
    };
    await expect(carryOut(ldapOverlay, params, server(twice).ports)).rejects.toThrow(
      /overlay syncprov twice/,
    );
  });

  it('asks for the object class of an overlay it does not know', async () => {
    await expect(carryOut(ldapOverlay, { database, overlay: 'rwm' }, server().ports)).rejects.toThrow(
      /object class of rwm is not known/,
    );
  });
});

describe('ldap.server-id', () => {
  it.each([
    ['sets the one asked for', [], { id: 7 }, 7],
    ['keeps the same number in hex', ['0x7'], { id: 7 }, 7],
    ['takes the lowest that is free', [], { id: 'free' as const, among: [1, 2, 4] }, 3],
    ['keeps one that is not among the others', ['9'], { id: 'free' as const, among: [1, 2] }, 9],
    ['leaves 0, which is no valid ID', ['0'], { id: 'free' as const, among: [1] }, 2],
    ['leaves one that another has', ['1'], { id: 'free' as const, among: [1] }, 2],
    ['replaces the URL form when told to', ['1 ldap://a', '2 ldap://b'], { id: 2, replace: true }, 2],
  ])('%s', async (_, stored, params, id) => {
    const tree = configTree();
    tree['cn=config'] = { ...tree['cn=config'], olcServerID: stored };
    const { directory, ports } = server(tree);
    expect((await carryOut(ldapServerId, params, ports)).result).toEqual({ id });
    expect(Number(directory.tree['cn=config']?.['olcServerID']?.[0])).toBe(id);
  });

  it('refuses an ID that another master has, and the URL form without a word', async () => {
    await expect(carryOut(ldapServerId, { id: 1, among: [1] }, server().ports)).rejects.toThrow(
      /server ID 1 is taken/,
    );
    const tree = configTree();
    tree['cn=config'] = { olcServerID: ['1 ldap://a'] };
    await expect(carryOut(ldapServerId, { id: 1 }, server(tree).ports)).rejects.toThrow(/URL form/);
  });
});

describe('ldap.config-age and ldap.schema-digest', () => {
  it('give the newest change of cn=config', async () => {
    const tree = configTree();
    tree['cn=config'] = {
      entryCSN: ['20261122020150.340674Z#000000#000#000000'],
      modifyTimestamp: ['20261122020150Z'],
    };
    tree[database] = { modifyTimestamp: ['20261122020151Z'] };
    const { result } = await awaitGate(ldapConfigAge, {}, server(tree).ports);
    expect(result).toEqual({
      changed: Date.UTC(2026, 10, 22, 2, 1, 51),
      time: '20261122020151Z',
      dn: database,
    });
    await expect(awaitGate(ldapConfigAge, {}, server({}).ports)).rejects.toThrow(/cn=config cannot be read/);
  });

  it('give one digest for the same schema in another order, and another for another', async () => {
    const digest = async (...classes: string[]) => {
      const tree = {
        ...configTree(),
        'cn={0}core,cn=schema,cn=config': { cn: ['{0}core'], olcObjectClasses: classes },
      };
      return (await awaitGate(ldapSchemaDigest, {}, server(tree).ports)).result as {
        digest: string;
        names: string[];
      };
    };
    const a = await digest("{0}( 1 NAME 'a' )", "{1}( 2 NAME 'b' )");
    expect(a.names).toEqual(['core']);
    expect(await digest("{0}( 2  NAME 'b' )", "{1}( 1 NAME 'a' )")).toEqual(a);
    expect((await digest("{0}( 1 NAME 'a' )")).digest).not.toBe(a.digest);
  });
});
