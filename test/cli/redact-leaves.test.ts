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
