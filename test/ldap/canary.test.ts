import { describe, expect, it } from 'vitest';
import { type CanaryReading, sharedSids, unproven } from '../../src/ldap/canary.ts';
import { latestPerSid } from '../../src/ldap/csn.ts';

const csn = (second: number, sid: number) =>
  `202611220100${String(second).padStart(2, '0')}.000000Z#000000#00${sid}#000000`;
const at = (second: number) => Date.UTC(2026, 10, 22, 1, 0, second);
const reading = (sid: number, ...csns: string[]): CanaryReading => ({
  host: `ldap${sid}`,
  sid,
  csns: latestPerSid(csns),
});

describe('a write of a server is proven to reach all', () => {
  it.each([
    ['others have the very same', 0, [csn(5, 1)], [csn(5, 1)], undefined],
    ['others are further', 0, [csn(5, 1)], [csn(6, 1)], undefined],
    ['others have an older one', 0, [csn(5, 1)], [csn(4, 1)], /^its last own write, .* is not on ldap2$/],
    ['others have none of it', 0, [csn(5, 1)], [csn(5, 2)], /is not on ldap2$/],
    ['it has never written', 0, [csn(5, 2)], [csn(5, 1)], 'it has never taken a write as SID 001'],
    [
      'its last write is too old',
      at(6),
      [csn(5, 1)],
      [csn(5, 1)],
      /is older than the change that is to be proven$/,
    ],
    ['its last write is of that very time', at(5), [csn(5, 1)], [csn(5, 1)], undefined],
    // It writes all the time: what counts is that some write since then has come over.
    ['others lack only its newest', at(5), [csn(9, 1)], [csn(6, 1)], undefined],
    ['others lack all since then', at(5), [csn(9, 1)], [csn(4, 1)], /is not on ldap2$/],
  ] as const)('where %s', (_, since, own, theirs, why) => {
    const one = reading(1, ...own);
    const found = unproven(one, [one, reading(2, ...theirs)], since);
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(why);
  });

  it('names all that lack it, and no other', () => {
    const one = reading(1, csn(5, 1));
    const all = [one, reading(2), reading(3, csn(5, 1)), reading(4, csn(4, 1))];
    expect(unproven(one, all, 0)).toMatch(/is not on ldap2, ldap4$/);
  });
});

it('servers with one ID are named two by two', () => {
  expect(sharedSids([reading(1), reading(2)])).toEqual([]);
  const twin = { ...reading(1), host: 'twin' };
  expect(sharedSids([reading(1), reading(2), twin])).toEqual(['ldap1 and twin both have server ID 1']);
});
