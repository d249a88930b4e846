import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventoryHost } from '../../src/inventory/model.ts';
import { select } from '../../src/inventory/selector.ts';

const host = (name: string): InventoryHost => ({
  name,
  address: name,
  platform: '',
  groups: [],
  vars: {},
  access: {},
});
const order = ['ldap3', 'ldap1', 'ldap2', 'mail1', 'mail2', '2001:db8::7'];
const inventory = {
  hosts: Object.fromEntries(order.map((name) => [name, host(name)])),
  groups: {
    all: order,
    masters: ['ldap3', 'ldap1', 'ldap2'],
    mailstores: ['mail1', 'mail2'],
    site_a: ['ldap1', 'mail1'],
    empty: [],
    ungrouped: ['2001:db8::7'],
  },
};

const chosen = (selector: string): readonly string[] => {
  const selection = select(inventory, selector);
  if (!selection.ok) throw new Error(selection.problems.map((problem) => problem.message).join());
  return selection.hosts;
};

describe('a selector', () => {
  it.each([
    ['all', order],
    ['masters', ['ldap3', 'ldap1', 'ldap2']],
    ['ldap2,ldap1', ['ldap1', 'ldap2']],
    ['ldap1:mail2', ['ldap1', 'mail2']],
    ['masters:!ldap3', ['ldap1', 'ldap2']],
    ['!ldap3:masters', ['ldap1', 'ldap2']],
    ['mailstores:&site_a', ['mail1']],
    ['masters:mailstores:&site_a:!mail1', ['ldap1']],
    ['!masters', ['mail1', 'mail2', '2001:db8::7']],
    ['ldap*', ['ldap3', 'ldap1', 'ldap2']],
    ['m*s:!mail*', ['ldap3', 'ldap1', 'ldap2']],
    ['ldap?', ['ldap3', 'ldap1', 'ldap2']],
    ['ldap[!3]', ['ldap1', 'ldap2']],
    ['ldap[1:2]', ['ldap1', 'ldap2']],
    ['ldap[1:2]:mail1', ['ldap1', 'ldap2', 'mail1']],
    ['2001:db8::7', ['2001:db8::7']],
    ['2001:db8::7,mail1', ['mail1', '2001:db8::7']],
    [' ldap1 , ', ['ldap1']],
    ['empty', []],
    ['masters:&mailstores', []],
    ['zz*', []],
  ])('%s chooses %j, in the order of the inventory', (selector, expected) => {
    expect(chosen(selector)).toEqual(expected);
  });

  it('names each unknown host or group with the nearest known name', () => {
    expect(select(inventory, 'mastres:!ldpa1')).toEqual({
      ok: false,
      problems: [
        {
          message: '"mastres" is neither a host nor a group of the inventory',
          hint: 'did you mean "masters"?',
        },
        { message: '"ldpa1" is neither a host nor a group of the inventory', hint: 'did you mean "ldap1"?' },
      ],
    });
  });

  it.each(['', ' , ', '~ldap.*', 'ldap[1:9]', 'ldap[2:1]', 'constructor', '__proto__'])(
    '"%s" is an error',
    (selector) => {
      expect(select(inventory, selector).ok).toBe(false);
    },
  );

  it('never depends on the order of its terms, and excluding always wins', () => {
    const term = fc.tuple(
      fc.constantFrom('', '&', '!'),
      fc.constantFrom('masters', 'mailstores', 'site_a', 'ldap1', 'mail*'),
    );
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), fc.gen(), (terms, gen) => {
        const texts = terms.map(([sign, name]) => sign + name);
        const shuffled = gen(fc.shuffledSubarray, texts, { minLength: texts.length });
        const hosts = chosen(texts.join(':'));
        expect(chosen(shuffled.join(','))).toEqual(hosts);
        expect(hosts).toEqual(order.filter((name) => hosts.includes(name)));
        for (const [sign, name] of terms) {
          if (sign === '!') expect(chosen(name).filter((each) => hosts.includes(each))).toEqual([]);
        }
      }),
    );
  });
});
