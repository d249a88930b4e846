import { describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { parseSyncrepl, ridOf } from '../../src/ldap/syncrepl.ts';
import { reveal, Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { carryOut } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';
const params = {
  database,
  provider: 'ldap://ldap2.example.org',
  'bind-dn': 'cn=replicator,dc=example,dc=org',
  credentials: new Secret('replicator', 'clear-text'),
};

const stored = (rid: number, host: string) =>
  `rid=${rid} provider=ldap://${host}:389 searchbase="dc=example,dc=org" type=refreshAndPersist retry="5 12 30 +" ` +
  'keepalive=240:10:30 bindmethod=simple binddn=cn=replicator,dc=example,dc=org credentials=clear-text';

function server(
  olcSyncrepl: readonly string[],
  more: Record<string, readonly string[]> = {},
  version?: '2.4' | '2.5',
) {
  const values = olcSyncrepl.map((value, at) => `{${at}}${value}`);
  const multi: Record<string, readonly string[]> =
    values.length > 0 ? { olcSyncrepl: values, olcMultiProvider: ['TRUE'] } : {};
  const tree: Tree = configTree({ ...multi, ...more }, version);
  const directory = fakeDirectory(tree);
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

describe('ldap.agreement', () => {
  it('makes the agreement and the switch in one modify, in the order slapd needs, with a free RID', async () => {
    const { directory, ports } = server([]);
    const { changes, result } = await carryOut(ldapAgreement, params, ports);
    expect(directory.log).toEqual([`modify ${database}`]);
    expect(directory.modifications[0]?.map(({ op, attribute }) => [op, attribute])).toEqual([
      ['add', 'olcSyncrepl'],
      ['replace', 'olcMultiProvider'],
    ]);
    expect(reveal(directory.modifications[0]?.[0]?.values[0] ?? '')).toBe(
      stored(1, 'ldap2.example.org').replace('rid=1', 'rid=001').replace(':389', ''),
    );
    expect(result).toEqual({ rid: 1 });
    expect(JSON.stringify(changes)).not.toContain('clear-text');
    expect(changes[0]?.lines[0]?.text).toContain('credentials=[replicator]');
  });

  it('takes the place of one with another provider, in one modify, and keeps its RID', async () => {
    const { directory, ports } = server([stored(3, 'other'), stored(5, 'old')]);
    const { result } = await carryOut(ldapAgreement, { ...params, was: 'ldap://old' }, ports);
    expect(result).toEqual({ rid: 5 });
    expect(directory.log).toEqual([`modify ${database}`]);
    expect(directory.tree[database]?.['olcSyncrepl']).toHaveLength(2);
    expect((await carryOut(ldapAgreement, { ...params, was: 'ldap://old' }, ports)).changes).toEqual([]);
  });

  it('is not in the way of itself when it gets another RID', async () => {
    const { ports } = server([stored(5, 'old')]);
    const moved = { ...params, was: 'ldap://old', rid: 5 };
    expect((await carryOut(ldapAgreement, moved, ports)).result).toEqual({ rid: 5 });
    expect((await carryOut(ldapAgreement, { ...params, rid: 9 }, ports)).result).toEqual({ rid: 9 });
  });

  it('takes the referral of a read-only consumer away with the switch, in one modify', async () => {
    const { directory, ports } = server([stored(1, 'ldap2.example.org')], {
      olcMultiProvider: [],
      olcUpdateRef: ['ldap://ldap2.example.org'],
    });
    const { changes } = await carryOut(ldapAgreement, params, ports);
    expect(changes[0]?.lines).toEqual([
      { op: '+', text: 'olcMultiProvider: TRUE' },
      { op: '-', text: 'olcUpdateRef: ldap://ldap2.example.org' },
    ]);
    expect(directory.modifications.map((list) => list.map(({ attribute }) => attribute))).toEqual([
      ['olcMultiProvider', 'olcUpdateRef'],
    ]);
  });

  it('two at once never get the same RID: the second is refused, since it was shown another one', async () => {
    const { directory, ports } = server([]);
    const both = [params, { ...params, provider: 'ldap://ldap3.example.org' }];
    const facts = await Promise.all(both.map((one) => ldapAgreement.read(one, ports)));
    const writes = await Promise.allSettled(
      both.map((one, at) => ldapAgreement.write(one, ldapAgreement.diff(one, facts[at] as never), ports)),
    );
    expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(directory.tree[database]?.['olcSyncrepl']).toHaveLength(1);
  });

  it('writes olcMirrorMode where the schema knows no other name', async () => {
    const { directory, ports } = server([], {}, '2.4');
    await carryOut(ldapAgreement, params, ports);
    expect(directory.modifications[0]?.at(-1)?.attribute).toBe('olcMirrorMode');
  });

  it('does nothing when the same agreement is there in another spelling', async () => {
    const { directory, ports } = server([stored(7, 'LDAP2.example.org')]);
    const { changes, result } = await carryOut(ldapAgreement, params, ports);
    expect([changes, directory.log, result]).toEqual([[], [], { rid: 7 }]);
  });

  it('takes the lowest RID that no database of the server uses', async () => {
    const { directory, ports } = server([stored(1, 'a'), stored(3, 'b')]);
    directory.tree['olcDatabase={2}mdb,cn=config'] = {
      objectClass: ['olcDatabaseConfig'],
      olcSyncrepl: [`{0}${stored(2, 'c')}`],
    };
    expect((await carryOut(ldapAgreement, { ...params, rid: 'free' as const }, ports)).result).toEqual({
      rid: 4,
    });
  });

  it('changes an agreement that differs under its own RID, by one replace of all', async () => {
    const { directory, ports } = server([stored(1, 'a'), stored(5, 'ldap2.example.org'), stored(9, 'b')]);
    const { changes, result } = await carryOut(
      ldapAgreement,
      { ...params, credentials: new Secret('next', 'other') },
      ports,
    );
    expect(directory.modifications).toHaveLength(1);
    expect(
      directory.modifications[0]?.map(({ op, values }) => [
        op,
        values.map((one) => parseSyncrepl(one)).map(ridOf),
      ]),
    ).toEqual([['replace', [1, 9, 5]]]);
    const [, , changed = ''] = directory.tree[database]?.['olcSyncrepl'] ?? [];
    expect(changed).toContain('credentials=other');
    expect(changes[0]?.lines.map(({ op, text }) => op + text.split(' ').at(-1))).toEqual([
      '-credentials=[stored]',
      '+credentials=[next]',
    ]);
    expect(result).toEqual({ rid: 5 });
  });

  it('keeps olcMultiProvider as long as another agreement is left, and takes it away with the last', async () => {
    const { directory, ports } = server([stored(1, 'ldap2.example.org'), stored(2, 'b')]);
    await carryOut(ldapAgreement, { ...params, state: 'absent' as const }, ports);
    expect(directory.tree[database]?.['olcMultiProvider']).toEqual(['TRUE']);
    const last = await carryOut(
      ldapAgreement,
      { ...params, provider: 'ldap://b', state: 'absent' as const },
      ports,
    );
    expect(last.changes[0]?.lines.at(-1)).toEqual({ op: '-', text: 'olcMultiProvider: TRUE' });
    expect(directory.tree[database]).not.toHaveProperty('olcMultiProvider');
    expect(directory.log).toHaveLength(2);
  });

  it('takes away two agreements with one provider by one replace, and leaves the one between', async () => {
    const { directory, ports } = server([
      stored(1, 'ldap2.example.org'),
      stored(2, 'b'),
      stored(3, 'ldap2.example.org'),
    ]);
    await carryOut(ldapAgreement, { ...params, state: 'absent' as const }, ports);
    expect(directory.modifications.map((mods) => mods.map(({ op }) => op))).toEqual([['replace']]);
    expect(directory.tree[database]?.['olcSyncrepl']).toEqual([`{0}${stored(2, 'b')}`]);
  });

  it('finds the position again when it writes, and stops when the list is not what was shown', async () => {
    const { directory, ports } = server([stored(1, 'a'), stored(2, 'ldap2.example.org')]);
    const absent = { ...params, state: 'absent' as const };
    const changes = ldapAgreement.diff(absent, await ldapAgreement.read(absent, ports));
    await directory.modify(database, [{ op: 'delete', attribute: 'olcSyncrepl', values: ['{0}'] }]);
    await expect(ldapAgreement.write(absent, changes, ports)).rejects.toThrow(
      /changed after this step was shown/,
    );
    const again = ldapAgreement.diff(absent, await ldapAgreement.read(absent, ports));
    await ldapAgreement.write(absent, again, ports);
    expect(directory.tree[database]).not.toHaveProperty('olcSyncrepl');
  });

  it.each([
    ['a provider that is the server itself', { provider: 'ldap://10.0.0.1' }, /is this server itself/],
    ['a provider on loopback', { provider: 'ldap://localhost' }, /is this server itself/],
    ['a retry list that ends', { retry: '5 5 300 5' }, /stops trying/],
    ['a RID that another agreement has', { rid: 1 }, /RID 1 is in use: rid 001 from ldap:\/\/a/],
    [
      'a password that slapd cannot read back',
      { credentials: new Secret('p', 'a"b') },
      /credentials holds a "/,
    ],
    ['a bind DN without credentials', { credentials: undefined }, /belong together/],
    ['a database that is not there', { database: 'olcDatabase={2}mdb,cn=config' }, /there is no database/],
  ])('refuses %s', async (_, wrong, message) => {
    const { directory, ports } = server([stored(1, 'a')]);
    await expect(carryOut(ldapAgreement, { ...params, ...wrong } as typeof params, ports)).rejects.toThrow(
      message,
    );
    expect(directory.log).toEqual([]);
  });

  it('refuses a database without olcRootDN, and a server with one RID twice', async () => {
    const rootless = server([], { olcRootDN: [] });
    await expect(carryOut(ldapAgreement, params, rootless.ports)).rejects.toThrow(/no olcRootDN/);
    const twice = server([stored(1, 'a'), stored(1, 'b')]);
    await expect(carryOut(ldapAgreement, params, twice.ports)).rejects.toThrow(
      /RID 001 is used by more than one/,
    );
  });
});
