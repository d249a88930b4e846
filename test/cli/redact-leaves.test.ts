import { expect, test } from 'vitest';
import { redactLeaves } from '../../src/cli/redact-leaves.ts';
import { Secret } from '../../src/secrets/secret.ts';

const redact = (text: string): string => text.replaceAll('ldap1', '[pw]');

test('texts are redacted wherever they stand, and our own words are not', () => {
  const input = {
    type: 'looked',
    task: 'a@ldap1',
    look: { kind: 'fails', failure: { what: 'said ldap1', tail: ['x ldap1'] } },
  };
  expect(redactLeaves(input, redact)).toEqual({
    type: 'looked',
    task: 'a@ldap1',
    look: { kind: 'fails', failure: { what: 'said [pw]', tail: ['x [pw]'] } },
  });
});

test('a secret stays what it is', () => {
  const secret = new Secret('pw', 'ldap1');
  expect(redactLeaves({ captured: secret }, redact).captured).toBe(secret);
});

test('below what came from a target no word is ours, and a key is a text as well', () => {
  const input = { type: 'wrote', task: 'a@ldap1', captured: { found: { host: 'ldap1', ldap1: 'x' } } };
  expect(redactLeaves(input, redact)).toEqual({
    type: 'wrote',
    task: 'a@ldap1',
    captured: { found: { host: '[pw]', '[pw]': 'x' } },
  });
});

test('a secret that runs over the lines of a list is found in it', () => {
  const lines = ['first', 'ld', ' ap1 and', 'last'];
  const folded = (text: string): string => text.replaceAll('ld\n ap1', '[pw]');
  expect(redactLeaves({ tail: lines }, folded).tail).toEqual(['first', '[pw] and', 'last']);
  expect(redactLeaves({ tail: ['a\nb', 'c'] }, redact).tail).toEqual(['a\nb', 'c']);
});
