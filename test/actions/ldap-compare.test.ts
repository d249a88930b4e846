import { describe, expect, it } from 'vitest';
import { ldapCompare } from '../../src/actions/ldap-compare.ts';
import { fakeDirectory, fakeHost, fakePorts, type Tree } from '../ldap/fake-directory.ts';

const suffix = 'dc=example,dc=org';
const csn = (second: number, sid: number) =>
  `202611220100${String(second).padStart(2, '0')}.000000Z#000000#00${sid}#000000`;

interface Held {
  readonly csns: readonly string[];
  /** RDN → entryCSN; the RDN is the entryUUID too. */
  readonly entries?: Readonly<Record<string, string>>;
}

/** ldap1 holds the one, ldap2 the other. */
async function compare(left: Held, right: Held, server?: { url: string }) {
  const directories = [left, right].map(({ csns, entries = {} }) => {
    const tree: Tree = { [suffix]: { contextCSN: csns, entryUUID: ['root'], entryCSN: [csn(1, 1)] } };
    for (const [rdn, stamp] of Object.entries(entries))
      tree[`${rdn},${suffix}`] = { entryUUID: [rdn], entryCSN: [stamp], userPassword: ['{SSHA}hidden'] };
    return fakeDirectory(tree);
  });
  const [ldap1, ldap2] = directories;
  if (!ldap1 || !ldap2) throw new Error('two servers');
  const ports = fakePorts({ ldap1, ldap2 });
  const params = { suffix, left: fakeHost('ldap1'), right: fakeHost('ldap2'), ...(server && { server }) };
  const checked = ldapCompare.params.parse(params);
  const facts = await ldapCompare.read(checked, ports);
  expect(ldapCompare.lacking(checked, facts)).toBeUndefined();
  expect([ldap1.log, ldap2.log]).toEqual([[], []]);
  return ldapCompare.result(checked, facts);
}

const csns = [csn(5, 1), csn(5, 2)];
const same = { same: true, why: '', left_lacks: [], right_lacks: [], only_left: 0, only_right: 0, differ: 0 };

describe('ldap.compare', () => {
  it('says that two servers hold the same', async () => {
    const entries = { 'cn=a': csn(2, 1) };
    expect(await compare({ csns, entries }, { csns: csns.toReversed(), entries })).toEqual(same);
  });

  it('counts on which side what is missing, and how many are not the same', async () => {
    const left = { 'cn=a': csn(2, 1), 'cn=b': csn(2, 1), 'cn=c': csn(2, 1), 'cn=d': csn(2, 1) };
    const right = { 'cn=c': csn(3, 1), 'cn=d': csn(2, 1), 'cn=e': csn(2, 1) };
    expect(await compare({ csns, entries: left }, { csns, entries: right })).toEqual({
      ...same,
      same: false,
      why: [
        `2 entries only on ldap1, not on ldap2: cn=a,${suffix} | cn=b,${suffix}`,
        `1 entry only on ldap2, not on ldap1: cn=e,${suffix}`,
        `1 entry not the same on ldap1 and ldap2: cn=c,${suffix}`,
      ].join('; '),
      only_left: 2,
      only_right: 1,
      differ: 1,
    });
  });

  it('names by server ID what each lacks, and still compares their entries', async () => {
    const found = await compare(
      { csns: [csn(5, 1), csn(3, 2)], entries: { 'cn=a': csn(5, 1) } },
      { csns: [csn(4, 1), csn(5, 2), csn(1, 3)], entries: {} },
    );
    expect(found).toMatchObject({ same: false, left_lacks: [2, 3], right_lacks: [1], only_left: 1 });
    expect((found as { why: string }).why).toMatch(
      /^ldap2 is behind ldap1 in SID 001: .*; ldap1 is behind ldap2 in SID 002: .*; 1 entry only on ldap1/,
    );
  });

  it('holds whatever it finds: a server without contextCSN, an empty one', async () => {
    expect(await compare({ csns: [] }, { csns })).toMatchObject({
      same: false,
      why: expect.stringMatching(
        /^ldap1 has no contextCSN: syncprov is not on its database, or it has no data yet/,
      ),
      left_lacks: [1, 2],
      right_lacks: [],
    });
  });

  it('reads through the account that it is given, and fails where that sees too little', async () => {
    await expect(compare({ csns }, { csns }, { url: 'nonsense' })).rejects.toThrow(/is not an LDAP URL/);
    const blind = fakeDirectory({ [suffix]: { contextCSN: csns }, [`cn=a,${suffix}`]: {} });
    const ports = fakePorts({ ldap1: blind, ldap2: blind });
    const params = { suffix, left: fakeHost('ldap1'), right: fakeHost('ldap2') };
    await expect(ldapCompare.read(params, ports)).rejects.toThrow(/ldap1: this account sees no entryUUID/);
  });

  it('wants two hosts and a suffix', () => {
    const missing = ldapCompare.params.safeParse({ suffix, left: fakeHost('ldap1') }).error?.issues[0];
    expect(missing?.path).toEqual(['right']);
    expect(ldapCompare.params.safeParse({ suffix, left: 'ldap1', right: fakeHost('ldap2') }).success).toBe(
      false,
    );
  });
});
