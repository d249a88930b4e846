import { describe, expect, it } from 'vitest';
import type { DirectoryReader, Entry } from '../../src/engine/ports.ts';
import { contentGap, csnLag, gapsBetween, newestOf, type Replica } from '../../src/ldap/convergence.ts';
import { latestPerSid } from '../../src/ldap/csn.ts';
import { digestStamps } from '../../src/ldap/digest.ts';
import { readReplicas } from '../../src/ldap/read-replicas.ts';

const suffix = 'dc=example,dc=org';
const csn = (second: number, sid = 1) =>
  `202611220100${String(second).padStart(2, '0')}.000000Z#000000#00${sid}#000000`;

type Content = Readonly<Record<string, string>>;

/** A server at this CSN, with entries of these entryUUIDs and entryCSNs. */
function replica(host: string, at: string, content: Content): Replica {
  const stamps = Object.entries(content).map(([uuid, stamp]) => ({ dn: `cn=${uuid}`, uuid, csn: stamp }));
  const digest = digestStamps(stamps);
  return { host, csns: latestPerSid([at]), content: { count: stamps.length, digest, stamps } };
}

describe('the gap between servers', () => {
  const target = latestPerSid([csn(5)]);

  it('names what is missing on either side, and what is not the same', () => {
    const left = replica('ldap1', csn(5), { a: csn(1), b: csn(1), c: csn(1) });
    const right = replica('ldap2', csn(5), { b: csn(2), c: csn(1), d: csn(1) });
    const gaps = gapsBetween([left, right], target);
    expect(gaps.map(({ uuid, onLeft, onRight }) => [uuid, onLeft, onRight])).toEqual([
      ['a', csn(1), undefined],
      ['b', csn(1), csn(2)],
      ['d', undefined, csn(1)],
    ]);
    expect(contentGap({ target, replicas: [left, right], gaps })?.split('; ')).toEqual([
      '1 entry only on ldap1, not on ldap2: cn=a',
      '1 entry only on ldap2, not on ldap1: cn=d',
      '1 entry not the same on ldap1 and ldap2: cn=b',
    ]);
  });

  it('is not what was written after the look began, on whichever side it is', () => {
    const left = replica('ldap1', csn(5), { a: csn(1), new: csn(6), changed: csn(7) });
    const right = replica('ldap2', csn(5), { a: csn(1), changed: csn(2), newer: csn(8) });
    expect(gapsBetween([left, right], target)).toEqual([]);
  });

  it('counts what carries a server ID that nobody has reached, or no CSN at all', () => {
    const left = replica('ldap1', csn(5), { stray: csn(9, 2), odd: 'none' });
    expect(gapsBetween([left, replica('ldap2', csn(5), {})], target)).toHaveLength(2);
  });
});

it('the newest of several servers is taken for each server ID by itself', () => {
  const one = latestPerSid([csn(5, 1), csn(1, 2)]);
  const two = latestPerSid([csn(4, 1), csn(3, 2)]);
  expect(newestOf([one, two])).toEqual(latestPerSid([csn(5, 1), csn(3, 2)]));
});

/** A server that is written to: each look at it finds what `states` says, the last one for ever. */
function busy(host: string, positions: readonly string[], contents: readonly Content[]) {
  let looks = 0;
  let reads = 0;
  const next = <T>(list: readonly T[], at: number): T => list[Math.min(at, list.length - 1)] as T;
  const search: DirectoryReader['search'] = async ({ scope }) => {
    if (scope === 'base')
      return [{ dn: suffix, attributes: { contextCSN: [next(positions, looks++)] } }] satisfies Entry[];
    return Object.entries(next(contents, reads++)).map(([uuid, stamp]) => ({
      dn: `cn=${uuid}`,
      attributes: { entryUUID: [uuid], entryCSN: [stamp] },
    }));
  };
  return { host, directory: { search } as DirectoryReader };
}

describe('a look at servers that are written to all the time', () => {
  const slept: number[] = [];
  const look = { suffix, deep: true, sleep: async (ms: number) => void slept.push(ms) };

  it('waits for what was written before it began, and for nothing that came later', async () => {
    const one = busy('ldap1', [csn(5), csn(9)], [{ a: csn(5), b: csn(9) }]);
    const two = busy('ldap2', [csn(3), csn(4), csn(6)], [{ a: csn(5) }]);
    const reading = await readReplicas([one, two], look);
    expect([csnLag(reading), contentGap(reading)]).toEqual([undefined, undefined]);
  });

  it('an entry that was deleted between two reads is no gap, one that stays away is', async () => {
    const both = { a: csn(1), b: csn(2) };
    const deleted = busy('ldap1', [csn(5)], [both, { a: csn(1) }]);
    const after = busy('ldap2', [csn(5)], [{ a: csn(1) }]);
    expect(contentGap(await readReplicas([deleted, after], look))).toBeUndefined();
    const whole = busy('ldap1', [csn(5)], [both]);
    expect(contentGap(await readReplicas([whole, after], look))).toBe(
      '1 entry only on ldap1, not on ldap2: cn=b',
    );
  });

  it('whoever does not catch up within a second is behind, and its entries are not read', async () => {
    const stuck = busy('ldap2', [csn(3)], [{}]);
    const reading = await readReplicas([busy('ldap1', [csn(5)], [{ a: csn(5) }]), stuck], look);
    expect(csnLag(reading)).toBe(`ldap2 is behind ldap1 in SID 001: has ${csn(3)}, newest is ${csn(5)}`);
    expect(reading.replicas.map(({ content }) => content)).toEqual([undefined, undefined]);
  });
});
