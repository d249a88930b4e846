import { describe, expect, test } from 'vitest';
import { idsGivenTwice, ownSid } from '../../src/health/own-sid.ts';
import { isOwnUrl } from '../../src/ldap/listeners.ts';
import { configOf, healthySite, seen, serverOf } from './site.ts';

describe('a URL is slapd’s own', () => {
  test.each([
    [
      'LDAP://ldap1.example.org',
      ['ldap://ldap1.example.org'],
      true,
      'as a listener to the letter, whatever its case',
    ],
    [
      'ldap://10.0.0.1',
      ['ldap://10.0.0.1/'],
      false,
      'but for a slash that is missing, where it is an address',
    ],
    ['ldap://ldap1.example.org:389', ['ldap:///'], true, 'by the name of the host, on any address'],
    ['ldap://vm:20389', ['ldap://:20389'], false, 'not by another name'],
    ['ldap://ldap1.example.org', ['ldap://:20389'], false, 'not at another port'],
    ['ldaps://ldap1.example.org', ['ldap://:636'], false, 'not by another scheme'],
    ['ldap://10.0.0.1', ['ldap:///'], false, 'not by an address on a listener for any'],
    ['ldap://localhost.localdomain', ['ldap:///'], true, 'by a name that begins with localhost'],
    ['ldap:///', ['ldap://10.0.0.1'], true, 'without a name, at whatever address it listens'],
    [
      'ldap://ldap1.example.org',
      ['ldap://10.0.0.1'],
      false,
      'not by its name where it listens at an address',
    ],
    [
      'ldap://ldap1.example.org',
      ['ldap://ldap1.example.org:389/'],
      true,
      'by its name where it listens at that',
    ],
    ['nonsense', ['ldap:///'], false, 'not when it is none'],
  ])('%s on %j: %s, %s', (url, listeners, expected, _how) => {
    expect(isOwnUrl(url, listeners, ['ldap1.example.org'])).toBe(expected);
  });
});

describe('the server ID in force', () => {
  const of = (serverIds: readonly string[], listeners: readonly string[] = ['ldap:///', 'ldapi:///']) => {
    const { installation } = serverOf(healthySite(), 'ldap1');
    if ('unknown' in installation) throw new Error('not known');
    return ownSid(
      seen({ ...configOf(healthySite(), 'ldap1'), serverIds }),
      seen({ ...installation.value, listeners }),
    );
  };

  test('is the plain number, decimal or hex', () => {
    expect(of(['17'])).toEqual({ kind: 'known', id: 17, form: 'number' });
    expect(of(['0x1F'])).toEqual({ kind: 'known', id: 31, form: 'number' });
  });

  test('is 0 where there is none', () => {
    expect(of([])).toEqual({ kind: 'known', id: 0, form: 'default' });
  });

  test('is that of the URL that is a listener', () => {
    expect(of(['1 ldap://ldap1.example.org', '2 ldap://ldap2.example.org'])).toEqual({
      kind: 'known',
      id: 1,
      form: 'url',
    });
  });

  test('is none where no URL matches, or two do, and says why', () => {
    expect(of(['1 ldap://10.0.0.1'])).toEqual({
      kind: 'refused',
      why: 'of olcServerID 1 ldap://10.0.0.1, none is a listener (ldap:/// ldapi:///)',
    });
    expect(of(['1 ldap://ldap1.example.org', '2 ldap://localhost'])).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('more than one is a listener'),
    });
  });

  test('is unknown where configuration, listeners or the number cannot be read', () => {
    const { installation, config } = serverOf(healthySite(), 'ldap1');
    expect(ownSid({ unknown: 'no such object' }, installation)).toEqual({
      kind: 'unknown',
      why: 'no such object',
    });
    expect(of(['1 ldap://ldap1.example.org'], [])).toMatchObject({ kind: 'unknown' });
    expect(of(['4096'])).toMatchObject({ kind: 'unknown', why: expect.stringContaining('"4096"') });
    // A plain number needs no listeners.
    expect(ownSid(config, { unknown: 'no ps' })).toMatchObject({ kind: 'known', id: 1 });
  });
});

test('IDs that a list gives twice are found by their number', () => {
  expect(idsGivenTwice(['1 ldap://a', '0x1 ldap://b', '2 ldap://c', 'x'])).toEqual([1]);
});
