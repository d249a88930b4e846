import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapDatabase } from '../../src/actions/ldap-database.ts';
import { ldapRestore } from '../../src/actions/ldap-restore.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { oneSlapd, suffix, valueAt } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

const log = { suffix: 'cn=accesslog', directory: '/var/lib/ldap/accesslog', 'root-dn': `cn=admin,${suffix}` };
const there: Tree = {
  ...configTree(),
  'olcDatabase={2}mdb,cn=config': {
    objectClass: ['olcDatabaseConfig', 'olcMdbConfig'],
    olcDatabase: ['{2}mdb'],
    olcSuffix: ['cn=another', 'CN=AccessLog'],
    olcDbDirectory: ['/var/lib/ldap/accesslog'],
    olcRootDN: [`cn=admin,${suffix}`],
    olcDbIndex: ['reqStart eq'],
  },
};

function server(tree: Tree = configTree()) {
  const directory = fakeDirectory(structuredClone(tree));
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

const lines = (changes: readonly { lines: readonly { op: string; text: string }[] }[]) =>
  changes.flatMap((change) => change.lines.map(({ op, text }) => op + text));

describe('ldap.database', () => {
  it('adds one whose number slapd chooses, with what it is given and nothing for an empty list', async () => {
    const { directory, ports } = server();
    const attributes = { olcDbMaxSize: 1073741824, olcDbNoSync: true, olcLimits: [] };
    const { changes } = await carryOut(ldapDatabase, { ...log, attributes }, ports);
    expect(lines(changes)).toEqual([
      '+objectClass: olcDatabaseConfig',
      '+objectClass: olcMdbConfig',
      '+olcDatabase: mdb',
      '+olcSuffix: cn=accesslog',
      '+olcDbDirectory: /var/lib/ldap/accesslog',
      `+olcRootDN: cn=admin,${suffix}`,
      '+olcDbMaxSize: 1073741824',
      '+olcDbNoSync: TRUE',
    ]);
    expect(directory.log).toEqual(['add olcDatabase=mdb,cn=config']);
  });

  it('knows the one that is there by its suffix, in any spelling, and gives its DN', async () => {
    const { directory, ports } = server(there);
    const { changes, result } = await carryOut(ldapDatabase, log, ports);
    expect([changes, directory.log]).toEqual([[], []]);
    expect(result).toEqual({ dn: 'olcDatabase={2}mdb,cn=config' });
  });

  it('makes listed attributes exact in one modify, and leaves the others alone', async () => {
    const { directory, ports } = server(there);
    const wish = { ...log, 'root-dn': 'cn=other', attributes: { olcDbIndex: [], olcSizeLimit: 500 } };
    const { changes } = await carryOut(ldapDatabase, wish, ports);
    expect(lines(changes)).toEqual([
      `-olcRootDN: cn=admin,${suffix}`,
      '+olcRootDN: cn=other',
      '-olcDbIndex: reqStart eq',
      '+olcSizeLimit: 500',
    ]);
    expect(directory.log).toEqual(['modify olcDatabase={2}mdb,cn=config']);
  });

  it('shows no password that it sets or takes the place of', async () => {
    const attributes = { olcRootPW: new Secret('root', 'sesame') };
    const added = await carryOut(
      ldapDatabase,
      { ...log, 'root-dn': 'cn=accesslog', attributes },
      server().ports,
    );
    expect(lines(added.changes)).toContain('+olcRootPW: [root]');
    const tree = structuredClone(there);
    tree['olcDatabase={2}mdb,cn=config'] = { ...there['olcDatabase={2}mdb,cn=config'], olcRootPW: ['old'] };
    const { ports } = server(tree);
    const wish = ldapDatabase.params.parse({ ...log, 'root-dn': 'cn=accesslog', attributes });
    const facts = await ldapDatabase.read(wish, ports);
    const changes = ldapDatabase.diff(wish, facts);
    expect(lines(changes).filter((line) => line.includes('PW'))).toEqual([
      '-olcRootPW: [stored olcRootPW]',
      '+olcRootPW: [root]',
    ]);
    const inverse = ldapDatabase.undo?.inverse(wish, changes, facts);
    expect(inverse?.cannot).toEqual([expect.stringMatching(/^olcRootPW of .* the old value is a secret/)]);
    expect(JSON.stringify([changes, inverse])).not.toMatch(/sesame|"old"/);
  });

  it('brings back the values of one that was there, and says that one that was added stays', async () => {
    const { directory, ports } = server(there);
    const wish = ldapDatabase.params.parse({
      ...log,
      attributes: { olcDbIndex: ['reqEnd eq'], olcSizeLimit: 5 },
    });
    const facts = await ldapDatabase.read(wish, ports);
    const changes = ldapDatabase.diff(wish, facts);
    const inverse = ldapDatabase.undo?.inverse(wish, changes, facts);
    await ldapDatabase.write(wish, changes, ports);
    expect(directory.tree).not.toEqual(there);
    for (const call of inverse?.calls ?? [])
      await carryOut(ldapRestore, ldapRestore.params.parse(call.params), ports);
    expect(directory.tree).toEqual(there);

    const fresh = server();
    const none = await ldapDatabase.read(wish, fresh.ports);
    expect(ldapDatabase.undo?.inverse(wish, ldapDatabase.diff(wish, none), none)).toEqual({
      calls: [],
      cannot: [
        'the database of cn=accesslog stays; empty it takes no room, and nobody reads it unless told to',
      ],
    });
  });

  it.each([
    [
      'a folder that is no absolute path',
      { directory: 'accesslog' },
      'directory',
      /must be an absolute path/,
    ],
    ['a folder with a slash at its end', { directory: '/var/lib/ldap/' }, 'directory', /no \/ at its end/],
    ['no rootDN', { 'root-dn': undefined }, 'root-dn', /./],
    ['an unknown key', { overlay: 'x' }, undefined, /overlay/],
  ] as const)('refuses %s by name', (_, wrong, path, message) => {
    const issue = ldapDatabase.params.safeParse({ ...log, ...wrong }).error?.issues[0];
    expect(issue?.path[0]).toBe(path);
    expect(issue?.message).toMatch(message);
  });
});

describe('on a real slapd', () => {
  beforeAll(obtainSlapd, 300_000);

  it('makes one that stays through a restart, with a second run that finds nothing to do', async () => {
    const server = await oneSlapd();
    const directory = join(server.slapd.dir, 'log');
    const wish = {
      suffix: 'cn=accesslog',
      directory,
      'root-dn': server.slapd.rootDn,
      attributes: {
        olcDbIndex: ['default eq', 'entryCSN,objectClass'],
        olcLimits: 'dn.exact="cn=r" size=unlimited',
      },
    };
    await expect(carryOut(ldapDatabase, wish, server.ports)).rejects.toThrow(
      /ldap1 · add "olcDatabase=mdb,cn=config": other \(80\): olcDbDirectory: .* No such file or directory/,
    );
    // Whoever may not see cn=config is told so, and not that there is no such database.
    const nobody = { ...wish, server: { url: 'ldap://localhost' } };
    await expect(carryOut(ldapDatabase, nobody, server.ports)).rejects.toThrow(
      /insufficientAccessRights \(50\): cn=config is hidden from this account/,
    );
    await mkdir(directory);
    const { result } = await carryOut(ldapDatabase, wish, server.ports);
    expect(result).toEqual({ dn: 'olcDatabase={2}mdb,cn=config' });
    await server.restart();
    expect((await carryOut(ldapDatabase, wish, server.ports)).changes).toEqual([]);
    expect(await valueAt(server.raw, 'olcDatabase={2}mdb,cn=config', 'olcSuffix')).toEqual(['cn=accesslog']);
  });
});
