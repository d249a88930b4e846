import { expect, test } from 'vitest';
import { offerOn } from './person.ts';

test('a question is known by what it offers, on plain lines', () => {
  expect(offerOn(['grave', '  type ldap2 to go on, anything else holds:', ''])).toEqual({
    typed: 'ldap2',
    full: false,
  });
  expect(offerOn(['  y yes   s skip it with a reason   N no, hold (default):'])).toEqual({
    typed: undefined,
    full: false,
  });
});

test('one that has been answered is none', () => {
  expect(offerOn(['  type ldap2 to go on, anything else holds: ldap2', '  changed'])).toBeUndefined();
});

test('a question is known by what it offers, on the full screen', () => {
  expect(offerOn(['', ' │ y yes   N no (default)   s skip with a reason   d diff │', ''])).toEqual({
    typed: undefined,
    full: true,
  });
  expect(offerOn([' │ y yes: type ldap2   N no (default)   d diff │'])).toEqual({
    typed: 'ldap2',
    full: true,
  });
  expect(offerOn([' r retry   s skip   h hold'])).toBeUndefined();
});
