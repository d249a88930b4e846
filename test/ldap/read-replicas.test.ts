import { describe, expect, it } from 'vitest';
import type { DirectoryReader, Entry } from '../../src/engine/ports.ts';
import { contentGap, csnLag } from '../../src/ldap/convergence.ts';
import { readReplicas } from '../../src/ldap/read-replicas.ts';

const suffix = 'dc=example,dc=org';
const csn = (second: number, sid = 1) =>
  `202611220100${String(second).padStart(2, '0')}.000000Z#000000#00${sid}#000000`;

type Content = Readonly<Record<string, string>>;

/** A server of which each look finds the next of these, the last one for ever; `looks` counts them. */
function server(
  host: string,
  positions: readonly (readonly string[])[],
  contents: readonly Content[] = [{ a: '1' }],
) {
  const looks = { positions: 0, contents: 0 };
  const next = <T>(list: readonly T[], at: number): T => list[Math.min(at, list.length - 1)] as T;
  const search: DirectoryReader['search'] = async ({ base, scope, attributes }) => {
    if (scope === 'base') {
      if (base !== suffix) return [];
      return [
        { dn: suffix, attributes: { contextCSN: next(positions, looks.positions++) } },
      ] satisfies Entry[];
    }
    const shown = attributes?.includes('entryCSN');
    return Object.entries(next(contents, looks.contents++)).map(([uuid, stamp]) => ({
      dn: `cn=${uuid}`,
      attributes: shown ? { entryUUID: [uuid], entryCSN: [stamp] } : {},
    }));
  };
  return { source: { host, directory: { search } as DirectoryReader }, looks };
}

async function look(
  servers: readonly ReturnType<typeof server>[],
  how: { deep?: boolean; always?: boolean } = {},
) {
  const slept: number[] = [];
  const reading = await readReplicas(
    servers.map(({ source }) => source),
    { suffix, deep: true, ...how, sleep: async (ms) => void slept.push(ms) },
  );
  return { reading, slept, said: [csnLag(reading), contentGap(reading)] };
}

describe('a look at several servers', () => {
  it('reads each once where all agree, and does not wait', async () => {
    const servers = [server('ldap1', [[csn(1)]]), server('ldap2', [[csn(1)]])];
    const { said, slept } = await look(servers);
    expect([said, slept]).toEqual([[undefined, undefined], []]);
    expect(servers.map(({ looks }) => looks)).toEqual([
      { positions: 1, contents: 1 },
      { positions: 1, contents: 1 },
    ]);
  });

  it('does not wait for what was written before the servers had their IDs, and still counts its entries', async () => {
    const early = csn(1, 0);
    const servers = [server('ldap1', [[early, csn(5)]]), server('ldap2', [[csn(5)]])];
    expect((await look(servers)).said).toEqual([undefined, undefined]);
    const only = [server('ldap1', [[early]]), server('ldap2', [[csn(0, 0)]])];
    expect((await look(only)).said[0]).toMatch(/^ldap2 is behind ldap1 in SID 000/);
    const apart = [server('ldap1', [[early, csn(5)]], [{ a: early }]), server('ldap2', [[csn(5)]], [{}])];
    expect((await look(apart)).said[1]).toMatch(/only on ldap1/);
  });

  it('asks again only who is behind, twenty times and 50 ms apart, and then says so', async () => {
    const servers = [server('ldap1', [[csn(5)]]), server('ldap2', [[csn(3)]])];
    const { said, slept } = await look(servers);
    expect(slept).toEqual(Array(20).fill(50));
    expect(servers.map(({ looks }) => looks.positions)).toEqual([1, 21]);
    expect(said[0]).toMatch(/^ldap2 is behind ldap1 in SID 001/);
  });

  it('stops asking as soon as all have what the newest had when it began', async () => {
    const servers = [
      server('ldap1', [[csn(5, 1)]]),
      server('ldap2', [
        [csn(3, 1), csn(7, 2)],
        [csn(5, 1), csn(7, 2)],
      ]),
    ];
    const { said, slept } = await look(servers);
    // ldap1 has nothing of SID 2, which ldap2 had from the beginning.
    expect(said[0]).toMatch(/^ldap1 is behind ldap2 in SID 002: has nothing of it/);
    expect(slept).toHaveLength(20);
  });

  it('waits for nobody where one has no contextCSN at all', async () => {
    const { said, slept } = await look([server('ldap1', [[csn(5)]]), server('ldap2', [[]])]);
    expect([said, slept]).toEqual([[expect.stringMatching(/^ldap2 has no contextCSN/), undefined], []]);
  });

  it('takes what was written since it began for no gap, though the numbers differ, nor a glue entry without stamps', async () => {
    const glue = { '': '' };
    const servers = [
      server('ldap1', [[csn(5)]], [{ ...glue, a: csn(1), new: csn(6) }]),
      server('ldap2', [[csn(5)]], [{ ...glue, a: csn(1) }]),
    ];
    const { said, slept } = await look(servers);
    expect([said, slept]).toEqual([[undefined, undefined], []]);
  });

  it('looks a second time, after 300 ms, before it calls anything a gap', async () => {
    const servers = [
      server('ldap1', [[csn(5)]], [{ a: csn(1), b: csn(2) }, { a: csn(1) }]),
      server('ldap2', [[csn(5)]], [{ a: csn(1) }]),
    ];
    const { said, slept } = await look(servers);
    expect([said[1], slept]).toEqual([undefined, [300]]);
  });

  it('counts twice, too, where it is not to look deep', async () => {
    const moving = [
      server('ldap1', [[csn(5)]], [{ a: '1', b: '1' }, { a: '1' }]),
      server('ldap2', [[csn(5)]]),
    ];
    expect((await look(moving, { deep: false })).said[1]).toBeUndefined();
    const standing = [server('ldap1', [[csn(5)]], [{ a: '1', b: '1' }]), server('ldap2', [[csn(5)]])];
    const { said, slept, reading } = await look(standing, { deep: false });
    expect(said[1]).toBe('ldap1 has 2 entries, ldap2 has 1');
    expect(slept).toEqual([300]);
    expect(reading.replicas[0]?.content).toEqual({ count: 2 });
  });

  it('reads what a server has that is behind, or empty, where it is always to', async () => {
    const servers = [
      server('ldap1', [[csn(5)]], [{ a: csn(1), b: csn(5) }]),
      server('ldap2', [[csn(3)]], [{ a: csn(1) }]),
    ];
    expect((await look(servers)).said[1]).toBeUndefined();
    const { said, reading } = await look(servers, { always: true });
    expect(said[0]).toMatch(/^ldap2 is behind ldap1/);
    expect(said[1]).toBe('1 entry only on ldap1, not on ldap2: cn=b');
    expect(reading.gaps).toHaveLength(1);
    const empty = await look([server('ldap1', [[csn(5)]]), server('ldap2', [[]], [{}])], { always: true });
    expect(empty.said).toEqual([
      expect.stringMatching(/^ldap2 has no contextCSN/),
      '1 entry only on ldap1, not on ldap2: cn=a',
    ]);
  });

  it('refuses to compare what an account cannot see: trees of one size would all be the same', async () => {
    const hidden = server('ldap2', [[csn(5)]], [{ '': '', ' ': '' }]);
    await expect(look([server('ldap1', [[csn(5)]]), hidden])).rejects.toThrow(
      'ldap2: this account sees no entryUUID and entryCSN below dc=example,dc=org: bind as one that does',
    );
    expect(
      (await look([server('ldap1', [[csn(5)]]), server('ldap2', [[csn(5)]], [{ '': '' }])], { deep: false }))
        .said,
    ).toEqual([undefined, undefined]);
  });
});
