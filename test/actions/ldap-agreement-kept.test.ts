/** What of an agreement that is there stays: `was`, `keep-words`, `starttls: as-is`; and how it all comes back. */
import { describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapRestore } from '../../src/actions/ldap-restore.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts } from '../ldap/fake-directory.ts';
import { carryOut } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';
const replicator = new Secret('replicator', 'sesame');
const params = {
  database,
  provider: 'ldap://ldap2.example.org',
  'bind-dn': 'cn=replicator,dc=example,dc=org',
  credentials: replicator,
};

/** Words in no order that lockstep would write, some of them in forms of their own. */
const stored = (rid: number, host: string, more = '') =>
  `rid=${rid} provider=ldap://${host}:389 bindmethod=simple binddn="cn=old,dc=example,dc=org" credentials="hidden one" ` +
  `searchbase="dc=example,dc=org" type=refreshOnly interval=00:00:05:00 retry="60 +" keepalive=0:0:0${more}`;
const TLS = ' starttls=critical tls_cacert=/etc/ssl/ca.pem tls_reqcert=allow';

function server(values: readonly string[], more: Record<string, readonly string[]> = {}) {
  const olcSyncrepl = values.map((value, at) => `{${at}}${value}`);
  const directory = fakeDirectory(configTree({ olcSyncrepl, olcMultiProvider: ['TRUE'], ...more }));
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

type Wish = Partial<Parameters<typeof ldapAgreement.diff>[0]>;

/** Carries it out; gives the agreements that are there then, what was shown, and whether a second run finds nothing. */
async function done(values: readonly string[], wish: Wish, more?: Record<string, readonly string[]>) {
  const { directory, ports } = server(values, more);
  const { changes, result } = await carryOut(ldapAgreement, { ...params, ...wish }, ports);
  const again = await carryOut(ldapAgreement, { ...params, ...wish }, ports);
  expect(again.changes).toEqual([]);
  const shown = changes.flatMap(({ lines }) => lines.map(({ op, text }) => op + text));
  expect(shown.join('\n')).not.toMatch(/sesame|hidden/);
  return { agreements: directory.tree[database]?.['olcSyncrepl'] ?? [], shown, result, directory };
}

const word = (value: string | undefined, key: string) =>
  new RegExp(`(?:^|\\s|\\})${key}=(?:"([^"]*)"|(\\S+))`)
    .exec(value ?? '')
    ?.slice(1)
    .find((text) => text !== undefined);

describe('ldap.agreement with keep-words', () => {
  it('changes what it is given, and leaves the rest as it is there', async () => {
    const { agreements, result } = await done(
      [stored(7, 'ldap2.example.org', ' exattrs="memberOf" lazycommit')],
      {
        'keep-words': true,
        keepalive: '240:10:30',
      },
    );
    const [value] = agreements;
    const kept = {
      rid: '007',
      type: 'refreshOnly',
      interval: '00:00:05:00',
      retry: '60 +',
      exattrs: 'memberOf',
    };
    const given = {
      keepalive: '240:10:30',
      credentials: 'sesame',
      binddn: 'cn=replicator,dc=example,dc=org',
    };
    for (const [key, text] of Object.entries({ ...kept, ...given })) expect(word(value, key), key).toBe(text);
    expect(value).toMatch(/ lazycommit(?: |$)/);
    for (const key of ['rid', 'provider', 'credentials', 'retry'])
      expect(value?.match(new RegExp(`\\b${key}=`, 'g')), key).toHaveLength(1);
    expect(result).toEqual({ rid: 7 });
  });

  it('knows words in capitals, as slapd does', async () => {
    const capitals = stored(7, 'ldap2.example.org', TLS).replace(/(\w+)=(?=\S)/g, (key) => key.toUpperCase());
    for (const wish of [
      { 'keep-words': true, retry: '1 +', 'tls-cacert': '/b' },
      { starttls: 'as-is', 'tls-cacert': '/b' },
    ] as const) {
      const { agreements } = await done([capitals], wish);
      for (const key of ['rid', 'provider', 'retry', 'credentials', 'starttls', 'tls_cacert'])
        expect(agreements[0]?.match(new RegExp(`\\b${key}=`, 'gi')), key).toHaveLength(1);
    }
  });

  it('keeps a password that it does not know, and never shows it', async () => {
    const { agreements, shown } = await done([stored(7, 'ldap2.example.org')], {
      'keep-words': true,
      'bind-dn': undefined,
      credentials: undefined,
      starttls: 'critical',
    });
    expect(word(agreements[0], 'credentials')).toBe('hidden one');
    expect(word(agreements[0], 'starttls')).toBe('critical');
    expect(shown[1]).toMatch(/^\+olcSyncrepl: rid=007 .*credentials=\[stored\]/);
  });

  it('without it brings the defaults back, and turns TLS off by saying so only', async () => {
    const { agreements } = await done([stored(7, 'ldap2.example.org', TLS)], {});
    expect(word(agreements[0], 'retry')).toBe('5 12 30 +');
    expect(word(agreements[0], 'type')).toBe('refreshAndPersist');
    expect(word(agreements[0], 'starttls')).toBeUndefined();
    const kept = await done([stored(7, 'ldap2.example.org', TLS)], { 'keep-words': true, starttls: 'no' });
    expect(word(kept.agreements[0], 'starttls')).toBe('no');
  });

  it('makes a new agreement with the defaults where there is none', async () => {
    const { agreements } = await done([stored(1, 'other')], { 'keep-words': true });
    expect(word(agreements[1], 'retry')).toBe('5 12 30 +');
    expect(word(agreements[1], 'rid')).toBe('002');
  });
});

describe('ldap.agreement with starttls: as-is', () => {
  it('leaves TLS as it is, and all else as it is asked for', async () => {
    const { agreements } = await done([stored(7, 'ldap2.example.org', TLS)], { starttls: 'as-is' });
    expect(['starttls', 'tls_cacert', 'tls_reqcert', 'type'].map((key) => word(agreements[0], key))).toEqual([
      'critical',
      '/etc/ssl/ca.pem',
      'allow',
      'refreshAndPersist',
    ]);
    const other = await done([stored(7, 'ldap2.example.org', TLS)], {
      starttls: 'as-is',
      'tls-reqcert': 'demand',
    });
    expect(word(other.agreements[0], 'tls_reqcert')).toBe('demand');
    expect(word(other.agreements[0], 'starttls')).toBe('critical');
  });

  it('turns no TLS on where there is none, nor for a new agreement', async () => {
    const { agreements } = await done([stored(7, 'ldap2.example.org')], { starttls: 'as-is' });
    expect(agreements[0]).not.toMatch(/starttls|tls_/);
    expect((await done([], { starttls: 'as-is' }, { olcMultiProvider: [] })).agreements[0]).not.toMatch(
      /starttls|as-is/,
    );
  });
});

describe('ldap.agreement with was', () => {
  const moved = { was: 'ldap://old:389', provider: 'ldap://ldap2.example.org' };

  it('takes words and RID over to the new provider, in the place of the old one', async () => {
    const { agreements, shown, directory } = await done(
      [stored(3, 'a'), stored(5, 'old', TLS), stored(6, 'b')],
      {
        ...moved,
        'keep-words': true,
      },
    );
    expect(agreements.map((value) => [word(value, 'rid'), word(value, 'provider')])).toEqual([
      ['3', 'ldap://a:389'],
      ['6', 'ldap://b:389'],
      ['005', 'ldap://ldap2.example.org'],
    ]);
    expect(word(agreements[2], 'tls_cacert')).toBe('/etc/ssl/ca.pem');
    expect(shown.map((line) => line[0])).toEqual(['-', '+']);
    expect(directory.log).toEqual([`modify ${database}`]);
  });

  it('only takes the old one away where the new one is there already, as it should be', async () => {
    const first = await done([stored(3, 'a')], {});
    const { agreements, shown } = await done(
      [...first.agreements.map((value) => value.slice(3)), stored(5, 'old')],
      moved,
    );
    expect(agreements).toEqual(first.agreements);
    expect(shown).toEqual([expect.stringMatching(/^-olcSyncrepl: rid=5 provider=ldap:\/\/old:389/)]);
  });

  it('is no error where there is no such agreement: it may have been done', async () => {
    const { agreements } = await done([stored(3, 'a')], moved);
    expect(agreements.map((value) => word(value, 'provider'))).toEqual([
      'ldap://a:389',
      'ldap://ldap2.example.org',
    ]);
  });

  it('is about the same tree only', async () => {
    const other = stored(5, 'old').replace('searchbase="dc=example', 'searchbase="ou=x,dc=example');
    const { agreements } = await done([other], moved);
    expect(agreements.map((value) => word(value, 'provider'))).toEqual([
      'ldap://old:389',
      'ldap://ldap2.example.org',
    ]);
  });
});

describe('ldap.agreement at the same time', () => {
  it('in two databases of one server never gives both the same RID', async () => {
    const { directory, ports } = server([], { olcMultiProvider: [] });
    const second = 'olcDatabase={2}mdb,cn=config';
    directory.tree[second] = {
      objectClass: ['olcDatabaseConfig'],
      olcDatabase: ['{2}mdb'],
      olcSuffix: ['dc=net'],
      olcRootDN: ['cn=admin,dc=net'],
    };
    const both = [params, { ...params, database: second }];
    const changes = await Promise.all(
      both.map(async (one) => ldapAgreement.diff(one, await ldapAgreement.read(one, ports))),
    );
    const writes = await Promise.allSettled(
      both.map((one, at) => ldapAgreement.write(one, changes[at] ?? [], ports)),
    );
    expect(writes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((writes[1] as PromiseRejectedResult).reason).toMatchObject({
      message: `ldap1: the agreements of ${second} changed after this step was shown`,
      next: 'Run the step again and look at its new difference.',
    });
    // And the next in turn is not held up by one that failed.
    await carryOut(ldapAgreement, both[1] ?? params, ports);
    expect(word(directory.tree[second]?.['olcSyncrepl']?.[0], 'rid')).toBe('002');
  });
});

describe('what ldap.agreement did comes back', () => {
  async function thereAndBack(
    values: readonly string[],
    wish: Wish,
    more?: Record<string, readonly string[]>,
  ) {
    const { directory, ports } = server(values, more);
    const before = structuredClone(directory.tree);
    const checked = ldapAgreement.params.parse({ ...params, ...wish });
    const facts = await ldapAgreement.read(checked, ports);
    const changes = ldapAgreement.diff(checked, facts);
    const inverse = ldapAgreement.undo?.inverse(checked, changes, facts);
    await ldapAgreement.write(checked, changes, ports);
    expect(directory.tree).not.toEqual(before);
    for (const call of inverse?.calls ?? [])
      await carryOut(ldapRestore, ldapRestore.params.parse(call.params), ports);
    expect(JSON.stringify(inverse)).not.toMatch(/sesame|hidden/);
    return { before, after: directory.tree, inverse };
  }

  const known = stored(5, 'old', TLS).replace('hidden one', 'sesame');

  it('with the referral that went with the switch', async () => {
    const values = [known.replace('ldap://old:389', 'ldap://ldap2.example.org')];
    const more = { olcMultiProvider: [], olcUpdateRef: ['ldap://a', 'ldap://b'] };
    const { before, after, inverse } = await thereAndBack(values, { 'keep-words': true }, more);
    // An empty attribute is none.
    const { olcMultiProvider: _, ...database1 } = before[database] ?? {};
    expect(after[database]).toEqual(database1);
    expect(inverse?.cannot).toEqual([]);
  });

  it('with the provider that it had, where its password is the secret that the step was given', async () => {
    const wish = { was: 'ldap://old', 'keep-words': true };
    const { before, after } = await thereAndBack([stored(3, 'a'), known], wish);
    const meaning = (tree: typeof before) =>
      (tree[database]?.['olcSyncrepl'] ?? []).map((value) => value.replace(/"/g, ''));
    expect(meaning(after)).toEqual(meaning(before));
  });

  it('not where nobody knows its password; it is said, and the new agreement stays', async () => {
    const { inverse, after } = await thereAndBack([stored(5, 'old')], { was: 'ldap://old' });
    expect(inverse?.cannot).toEqual([
      expect.stringMatching(/^olcSyncrepl of olcDatabase=\{1\}mdb,cn=config: the old value is a secret/),
    ]);
    expect(word(after[database]?.['olcSyncrepl']?.[0], 'provider')).toBe('ldap://ldap2.example.org');
  });
});

describe('parameters of ldap.agreement', () => {
  it.each([
    [{ starttls: 'yes' }, 'starttls'],
    [{ 'keep-words': 'yes' }, 'keep-words'],
    [{ was: 5 }, 'was'],
    [{ rid: 1000 }, 'rid'],
    [{ 'tls-reqcert': 'sometimes' }, 'tls-reqcert'],
  ])('%j is refused by its name', (wrong, name) => {
    const issue = ldapAgreement.params.safeParse({ ...params, ...wrong }).error?.issues[0];
    expect(issue?.path).toEqual([name]);
  });
});
