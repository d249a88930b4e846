import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandRange } from '../../src/inventory/range.ts';

const names = (pattern: string): readonly string[] => {
  const expansion = expandRange(pattern);
  if ('problem' in expansion) throw new Error(expansion.problem);
  return expansion.names;
};

describe('a host range', () => {
  it.each([
    ['ldap1', ['ldap1']],
    ['ldap[1:3]', ['ldap1', 'ldap2', 'ldap3']],
    ['ldap[01:10:4]', ['ldap01', 'ldap05', 'ldap09']],
    ['[a:c].example.com', ['a.example.com', 'b.example.com', 'c.example.com']],
    ['r[1:2]-[a:b]', ['r1-a', 'r1-b', 'r2-a', 'r2-b']],
    ['x[:2]', ['x0', 'x1', 'x2']],
    ['n[8:11]', ['n8', 'n9', 'n10', 'n11']],
  ])('%s stands for its names in order', (pattern, expected) => {
    expect(names(pattern)).toEqual(expected);
  });

  it.each([
    'ldap[3:1]',
    'ldap[1]',
    'ldap[1:]',
    'ldap[1:3:0]',
    'ldap[1:c]',
    'ldap[01:100]',
    'ldap[1:3',
    'a[1:99999999]',
    'a[0:999][0:999]',
  ])('%s is refused with a reason', (pattern) => {
    expect(expandRange(pattern)).toHaveProperty('problem', expect.stringMatching(/.{10}/));
  });

  it('holds end - begin + 1 different names, each with the zeros of its begin', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.integer({ min: 3, max: 5 }), (begin, more, width) => {
        const pad = (value: number): string => String(value).padStart(width, '0');
        const found = names(`h[${pad(begin)}:${pad(begin + more)}]`);
        expect(found).toEqual(Array.from({ length: more + 1 }, (_, index) => `h${pad(begin + index)}`));
      }),
    );
  });
});
