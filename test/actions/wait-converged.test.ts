import { describe, expect, it } from 'vitest';
import { waitConverged } from '../../src/actions/wait-converged.ts';
import { fakeDirectory, fakeHost, fakePorts } from '../ldap/fake-directory.ts';

const suffix = 'dc=example,dc=org';
const csn = (second: number, sid: number) =>
  `202611220100${String(second).padStart(2, '0')}.000000Z#000000#00${sid}#000000`;

type Content = Record<string, string>;

/** Servers with these CSNs and entries: DN prefix → entryCSN. */
async function look(
  servers: Record<string, { csns: readonly string[]; entries?: Content }>,
  more: { deep?: boolean } = {},
) {
  const directories = Object.fromEntries(
    Object.entries(servers).map(([name, { csns, entries = {} }]) => {
      const tree = Object.fromEntries(
        Object.entries(entries).map(([rdn, stamp]) => [
          `${rdn},${suffix}`,
          { entryUUID: [rdn], entryCSN: [stamp] },
        ]),
      );
      return [
        name,
        fakeDirectory({ [suffix]: { contextCSN: csns, entryUUID: ['root'], entryCSN: ['1'] }, ...tree }),
      ];
    }),
  );
  const params = { suffix, servers: Object.keys(servers).map(fakeHost), ...more };
  const facts = await waitConverged.read(params, fakePorts(directories));
  return { lacking: waitConverged.lacking(params, facts), result: waitConverged.result(params, facts) };
}

const csns = [csn(1, 1), csn(1, 2)];

describe('wait.converged', () => {
  it('holds when CSNs and every entry are the same', async () => {
    const entries = { 'cn=a': '1', 'cn=b': '2' };
    const { lacking, result } = await look({
      ldap1: { csns, entries },
      ldap2: { csns: csns.toReversed(), entries },
    });
    expect(lacking).toBeUndefined();
    expect(result).toEqual({ entries: 3, digest: expect.stringMatching(/^[0-9a-f]{64}$/), csns });
  });

  it('names who is behind whom in which SID', async () => {
    const { lacking } = await look({
      ldap1: { csns: [csn(2, 1), csn(1, 2)] },
      ldap2: { csns },
      ldap3: { csns: [csn(2, 1)] },
    });
    expect(lacking).toContain(`ldap2 is behind ldap1 in SID 001: has ${csn(1, 1)}, newest is ${csn(2, 1)}`);
    expect(lacking).toContain('ldap3 is behind ldap1 in SID 002: has nothing of it');
  });

  it('is not fooled by equal CSNs over different data', async () => {
    const { lacking } = await look({
      ldap1: { csns, entries: { 'cn=a': '1', 'cn=b': '1', 'cn=c': '1' } },
      ldap2: { csns, entries: { 'cn=b': '2', 'cn=c': '1', 'cn=d': '1' } },
    });
    expect(lacking?.split('; ')).toEqual([
      `1 entry only on ldap1, not on ldap2: cn=a,${suffix}`,
      `1 entry only on ldap2, not on ldap1: cn=d,${suffix}`,
      `1 entry not the same on ldap1 and ldap2: cn=b,${suffix}`,
    ]);
  });

  it('names at most five entries and counts them all', async () => {
    const entries = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`cn=e${at}`, '1']));
    const { lacking } = await look({ ldap1: { csns, entries }, ldap2: { csns } });
    expect(lacking).toMatch(/^7 entries only on ldap1.*cn=e4,[^|]* \| …$/);
  });

  it('counts entries only when it is not to look deep', async () => {
    const { lacking, result } = await look(
      { ldap1: { csns, entries: { 'cn=a': '1' } }, ldap2: { csns, entries: { 'cn=a': '2' } } },
      { deep: false },
    );
    expect(lacking).toBeUndefined();
    expect(result).toMatchObject({ entries: 2, digest: null });
    expect(
      (await look({ ldap1: { csns, entries: { 'cn=a': '1' } }, ldap2: { csns } }, { deep: false })).lacking,
    ).toBe('ldap1 has 2 entries, ldap2 has 1');
  });

  it('says that a server has no contextCSN rather than that it agrees', async () => {
    expect((await look({ ldap1: { csns: [] }, ldap2: { csns: [] } })).lacking).toMatch(
      /^ldap1, ldap2 has no contextCSN/,
    );
  });

  it('takes its patience from the parameters', () => {
    const params = waitConverged.params.parse({
      suffix,
      servers: [fakeHost('ldap1')],
      within: '2m',
      every: '5s',
      times: 3,
    });
    expect(waitConverged.patienceOf?.(params)).toEqual({ withinMs: 120_000, everyMs: 5000, times: 3 });
  });
});
