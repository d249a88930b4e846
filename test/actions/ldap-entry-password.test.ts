/** `other-passwords`: a password that is changed while both the old one and the new one are in use. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapEntry } from '../../src/actions/ldap-entry.ts';
import { ldapRestore } from '../../src/actions/ldap-restore.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { hashPassword, verifyPassword } from '../../src/ldap/password.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { fakeDirectory, fakePorts } from '../ldap/fake-directory.ts';
import { oneSlapd, suffix } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut, pipeTo } from '../slapd-ports.ts';

const dn = `cn=replicator,${suffix}`;
const old = new Secret('replicator', 'old sesame');
const next = new Secret('next', 'new sesame');

function server(...stored: readonly Secret[]) {
  const userPassword = stored.map((secret) => hashPassword(secret).reveal());
  const directory = fakeDirectory({
    [dn]: { objectClass: ['person'], cn: ['replicator'], ...(userPassword.length > 0 && { userPassword }) },
  });
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

type Others = 'keep' | 'drop' | undefined;

/** Which passwords let in afterwards, and what was done for it. */
async function after(stored: readonly Secret[], others: Others) {
  const { directory, ports } = server(...stored);
  const wish = { dn, password: next, ...(others && { 'other-passwords': others }) };
  const { changes } = await carryOut(ldapEntry, wish, ports);
  const values = directory.tree[dn]?.['userPassword'] ?? [];
  const letsIn = (secret: Secret) => values.some((value) => verifyPassword(value, secret) === 'same');
  const shown = changes.flatMap(({ lines }) => lines.map(({ op, text }) => op + text));
  expect(JSON.stringify(changes)).not.toContain('sesame');
  expect((await carryOut(ldapEntry, wish, ports)).changes).toEqual([]);
  const ops = directory.modifications.map((list) =>
    list.map(({ op, attribute }) => `${op} ${attribute}`).join(),
  );
  return { old: letsIn(old), next: letsIn(next), ops, shown };
}

const nothing = { ops: [], shown: [] };
const rewritten = { ops: ['replace userPassword'], shown: ['+userPassword: [next]'] };
const added = { ops: ['add userPassword'], shown: ['+userPassword: [next]'] };

describe('ldap.entry with a password where others may be stored', () => {
  it.each([
    ['none', [], undefined, { old: false, next: true, ...rewritten }],
    ['none', [], 'keep', { old: false, next: true, ...added }],
    ['none', [], 'drop', { old: false, next: true, ...rewritten }],
    ['the old one', [old], undefined, { old: false, next: true, ...rewritten }],
    ['the old one', [old], 'keep', { old: true, next: true, ...added }],
    ['the old one', [old], 'drop', { old: false, next: true, ...rewritten }],
    ['both', [old, next], undefined, { old: true, next: true, ...nothing }],
    ['both', [old, next], 'keep', { old: true, next: true, ...nothing }],
    ['both', [old, next], 'drop', { old: false, next: true, ...rewritten }],
    ['this one', [next], undefined, { old: false, next: true, ...nothing }],
    ['this one', [next], 'keep', { old: false, next: true, ...nothing }],
    ['this one', [next], 'drop', { old: false, next: true, ...nothing }],
  ] as const)('%s stored (%#), others %3$s', async (_, stored, others, expected) => {
    expect(await after(stored, others)).toEqual(expected);
  });

  it('takes the place of a value that nobody can verify, beside which keep leaves it', async () => {
    for (const [others, count] of [
      [undefined, 1],
      ['keep', 2],
      ['drop', 1],
    ] as const) {
      const { directory, ports } = server();
      directory.tree[dn] = { ...directory.tree[dn], userPassword: ['{CRYPT}$6$x'] };
      await carryOut(ldapEntry, { dn, password: next, ...(others && { 'other-passwords': others }) }, ports);
      expect(directory.tree[dn]?.['userPassword'], others).toHaveLength(count);
    }
  });

  it('makes a new entry with this password only, whatever is said of others', async () => {
    const directory = fakeDirectory({});
    const wish = {
      dn,
      attributes: { objectClass: 'person' },
      password: next,
      'other-passwords': 'keep' as const,
    };
    await carryOut(ldapEntry, wish, fakePorts({ ldap1: directory }));
    expect(directory.log).toEqual([`add ${dn}`]);
    expect(directory.tree[dn]?.['userPassword']).toHaveLength(1);
  });

  it('cannot bring back a password that nobody knows, and says so; the other attributes come back', async () => {
    const { directory, ports } = server(old);
    const checked = ldapEntry.params.parse({
      dn,
      attributes: { description: 'x' },
      password: next,
      'other-passwords': 'keep',
    });
    const entry = await ldapEntry.read(checked, ports);
    const changes = ldapEntry.diff(checked, entry);
    const inverse = ldapEntry.undo?.inverse(checked, changes, entry);
    expect(inverse?.cannot).toEqual([
      expect.stringMatching(/^userPassword of cn=replicator,.* the old value is a secret/),
    ]);
    expect(JSON.stringify(inverse)).not.toMatch(/sesame|SSHA/);
    await ldapEntry.write(checked, changes, ports);
    for (const call of inverse?.calls ?? [])
      await carryOut(ldapRestore, ldapRestore.params.parse(call.params), ports);
    expect(directory.tree[dn]).not.toHaveProperty('description');
    expect(directory.tree[dn]?.['userPassword']).toHaveLength(2);
  });

  it('of a database in cn=config is that of its rootDN', async () => {
    const config = 'olcDatabase={0}config,cn=config';
    const directory = fakeDirectory({
      [config]: { objectClass: ['olcDatabaseConfig'], olcRootPW: ['{SSHA}x'] },
    });
    const ports = fakePorts({ ldap1: directory });
    await carryOut(ldapEntry, { dn: config, password: next }, ports);
    const [stored = ''] = directory.tree[config]?.['olcRootPW'] ?? [];
    expect(verifyPassword(stored, next)).toBe('same');
    expect(directory.tree[config]).not.toHaveProperty('userPassword');
    await carryOut(ldapEntry, { dn: config, password: next }, ports);
    expect(directory.log).toEqual([`modify ${config}`]);
  });

  it('takes keep or drop, and nothing else', () => {
    const issue = ldapEntry.params.safeParse({ dn, 'other-passwords': 'some' }).error?.issues[0];
    expect(issue?.path).toEqual(['other-passwords']);
  });
});

describe('on a real slapd', () => {
  beforeAll(obtainSlapd, 300_000);

  it('both let in between keep and drop, and the new one alone afterwards', async () => {
    const { slapd, ports } = await oneSlapd();
    const server = { url: 'ldap://localhost', 'bind-dn': slapd.rootDn, password: slapd.rootPassword };
    const letsIn = async (password: Secret): Promise<boolean> => {
      const address = {
        kind: 'tcp',
        host: 'localhost',
        port: 389,
        tls: 'none',
        bindDn: dn,
        password,
      } as const;
      return await openDirectory(address, pipeTo(slapd)).then(
        async (directory) => {
          await directory.close();
          return true;
        },
        () => false,
      );
    };
    const attributes = { objectClass: ['organizationalRole', 'simpleSecurityObject'] };
    await carryOut(ldapEntry, { server, dn, attributes, password: old }, ports);
    expect([await letsIn(old), await letsIn(next)]).toEqual([true, false]);
    await carryOut(ldapEntry, { server, dn, password: next, 'other-passwords': 'keep' }, ports);
    expect([await letsIn(old), await letsIn(next)]).toEqual([true, true]);
    await carryOut(ldapEntry, { server, dn, password: next, 'other-passwords': 'drop' }, ports);
    expect([await letsIn(old), await letsIn(next)]).toEqual([false, true]);
  });
});
