import { expect, test } from 'vitest';
import { cut, pad, padStart, widthOf, wrap } from '../../src/tui/cells.ts';
import { foldNames } from '../../src/tui/name-range.ts';

test('wide letters take two cells, combining marks none', () => {
  expect(['abc', '日本', 'e\u0301', '✔ ─ ⠹'].map(widthOf)).toEqual([3, 4, 1, 5]);
});

test('what is cut ends with a sign, and never in the middle of a letter', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abcde…');
  expect(cut('日本語', 5)).toBe('日本…');
  expect(cut('日本語', 4)).toBe('日…');
  expect(cut('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  expect([pad('日', 4), padStart('日', 4), cut('abc', 0)]).toEqual(['日  ', '  日', '']);
});

test('lines are broken between words, long words within, and no more than asked for', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(wrap('日本語', 3)).toEqual(['日', '本', '語']);
  expect(wrap('a b c d e f', 3, 2)).toEqual(['a b', 'c …']);
  expect(wrap('one\ntwo', 8)).toEqual(['one', 'two']);
});

test('names that differ in one number are one word', () => {
  expect(foldNames(['ldap1', 'ldap2', 'ldap3', 'ldap7'])).toBe('ldap[1-3,7]');
  expect(foldNames(['ldap1', 'mail', 'ldap2'])).toBe('ldap[1,2] mail');
  expect(foldNames(['m01.a.org', 'm02.a.org', 'm03.a.org', 'm1.b.org'])).toBe('m[01-03].a.org m1.b.org');
  expect(foldNames(['h9', 'h10', 'h11'])).toBe('h[9-11]');
  expect(foldNames([])).toBe('');
});
