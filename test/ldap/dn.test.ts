import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeValue, formatDn, isUnder, normaliseDn, parentDn, parseDn, sameDn } from '../../src/ldap/dn.ts';

const value = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed());

describe('dn', () => {
  it('reads back what it wrote, whatever the values hold', () => {
    const rdn = fc.array(fc.record({ attribute: fc.constantFrom('cn', 'OU', 'dc', '2.5.4.3'), value }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(rdn, { maxLength: 5 }), (dn) => {
        expect(parseDn(formatDn(dn))).toEqual(dn);
      }),
    );
  });

  it('escapes a value so that it is one RDN, and finds its parent again', () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(parentDn(`cn=${escapeValue(text)},dc=example`)).toBe('dc=example');
        expect(parseDn(`cn=${escapeValue(text)},dc=example`)[0]?.[0]?.value).toBe(text);
      }),
    );
  });

  it.each([
    ['cn=Lu\\C4\\8Di\\C4\\87', 'Lučić'],
    ['cn=a\\,b\\+c', 'a,b+c'],
    ['cn= spaced  in \\ ', 'spaced  in  '],
    ['cn=\\#1', '#1'],
  ])('reads the escapes of RFC 4514 in %s', (text, clear) => {
    expect(parseDn(text)[0]?.[0]?.value).toBe(clear);
  });

  it('keeps a hex value as it is and not as text that looks like it', () => {
    expect(parseDn('1.2.3=#04024869')).toEqual([[{ attribute: '1.2.3', value: '#04024869', hex: true }]]);
    expect(sameDn('1.2.3=#04024869', '1.2.3=\\#04024869')).toBe(false);
  });

  it('calls names the same whatever case, spaces, escapes and order of a joined RDN', () => {
    expect(sameDn('CN=Admin , DC=Example,dc=org', 'cn=admin,dc=example,dc=org')).toBe(true);
    expect(sameDn('cn=a+uid=b,dc=x', 'UID=B+CN=A,DC=X')).toBe(true);
    expect(sameDn('cn=a\\2Cb', 'cn=a\\,b')).toBe(true);
    expect(sameDn('cn=a,dc=x', 'cn=a,dc=y')).toBe(false);
    expect(normaliseDn('CN=A  B')).toBe('cn=a b');
  });

  it('knows what lies under what, by whole names and not by the ends of texts', () => {
    expect(isUnder('cn=a,dc=Example,dc=org', 'DC=example,dc=org')).toBe(true);
    expect(isUnder('dc=example,dc=org', 'dc=example,dc=org')).toBe(true);
    expect(isUnder('xdc=example,dc=org', 'dc=example,dc=org')).toBe(false);
    expect(isUnder('dc=org', 'dc=example,dc=org')).toBe(false);
    expect(isUnder('dc=org', '')).toBe(true);
    expect(parentDn('')).toBeUndefined();
  });

  it.each(['cn', 'cn=a,', '=a', 'cn=a\\', 'cn=a\\zz', 'cn=#0', 'cn="a"'])(
    'refuses %s and says where',
    (text) => {
      expect(() => parseDn(text)).toThrow(/character \d+/);
    },
  );
});
