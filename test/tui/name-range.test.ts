import { expect, test } from 'vitest';
import { foldNames } from '../../src/tui/name-range.ts';

test.each([
  ['ldap1 ldap2 ldap3 ldap7', 'ldap[1-3,7]'],
  ['ldap9 ldap10 ldap11', 'ldap[9-11]'],
  ['ldap08 ldap09 ldap10 ldap11', 'ldap[08-11]'],
  ['ldap08 ldap8', 'ldap08 ldap8'],
  ['ldap1.a.example ldap2.a.example ldap1.b.example', 'ldap[1,2].a.example ldap1.b.example'],
  ['db2.dc1.example db3.dc1.example', 'db[2,3].dc1.example'],
  ['mail ldap1', 'mail ldap1'],
])('%s is %s', (names, folded) => {
  expect(foldNames(names.split(' '))).toBe(folded);
});
