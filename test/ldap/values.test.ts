import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeKey, parseOrdered, valuesOf } from '../../src/ldap/config-names.ts';
import { moduleName, sameValue } from '../../src/ldap/config-values.ts';
import { digestStamps, type Stamp } from '../../src/ldap/digest.ts';
import { LdapError, redactDiagnostic } from '../../src/ldap/ldap-error.ts';
import { hashPassword, verifyPassword } from '../../src/ldap/password.ts';
import { definedNames, normaliseDefinition } from '../../src/ldap/schema-names.ts';
import { guarded } from '../../src/ldap/sensitive.ts';
import { freeServerId, parseServerId, readServerIds } from '../../src/ldap/server-id.ts';
import { Secret } from '../../src/secrets/secret.ts';

describe('server IDs', () => {
  it('compares numbers, decimal or hex, and reads both forms', () => {
    expect(['1', '0x1f', '{0}3'].map((text) => parseServerId(text).id)).toEqual([1, 31, 3]);
    expect(readServerIds(['2'])).toEqual({ kind: 'plain', id: 2 });
    expect(readServerIds(['1 ldap://a', '2 ldap://b'])).toMatchObject({ kind: 'urls' });
    expect(readServerIds([])).toEqual({ kind: 'none' });
    expect(() => parseServerId('4096')).toThrow('4095');
  });

  it('gives the lowest free ID and never 0', () => {
    expect(freeServerId([])).toBe(1);
    expect(freeServerId([0, 1, 3])).toBe(2);
    expect(freeServerId(Array.from({ length: 4096 }, (_, id) => id))).toBeUndefined();
  });
});

describe('names and values of cn=config', () => {
  it('takes olcMirrorMode and olcMultiProvider for one attribute', () => {
    expect(valuesOf({ olcmultiprovider: ['TRUE'] }, 'olcMirrorMode')).toEqual(['TRUE']);
    expect(attributeKey('OLCSYNCREPL')).toBe('olcsyncrepl');
    expect(parseOrdered('{-1}frontend')).toEqual({ index: -1, value: 'frontend' });
  });

  it.each([
    ['olcMultiProvider', 'TRUE', 'true', true],
    ['olcAccess', '{3}to *  by * read', 'to * by * read', true],
    ['olcLimits', 'dn.exact="cn=r" size=unlimited', '{0}dn.exact=cn=r  size=unlimited', true],
    ['olcAccess', 'to dn="cn=a b" by * read', 'to dn=cn=a b by * read', false],
    ['olcRootDN', 'cn=Admin,dc=X', 'CN=admin, dc=x', true],
    ['olcServerID', '0x1', '1', true],
    ['olcModuleLoad', '{1}/usr/lib/ldap/syncprov.la', 'syncprov.so', true],
    ['objectClass', 'organizationalRole', 'organizationalrole', true],
    ['description', 'A', 'a', false],
  ])('compares %s values %s and %s by their meaning', (attribute, a, b, same) => {
    expect(sameValue(attribute, a, b)).toBe(same);
  });

  it('knows a module by its bare name', () => {
    expect(
      ['back_mdb', '{0}back_mdb.la', 'back_mdb-2.5.so.0.1.8', 'x/argon2.so m=1'].map(moduleName),
    ).toEqual(['back_mdb', 'back_mdb', 'back_mdb-2.5', 'argon2']);
  });

  it('shows no stored secret', () => {
    expect(String(guarded('userPassword', '{SSHA}abc'))).toBe('[stored userPassword]');
    expect(guarded('olcSyncrepl', '{0}rid=1 credentials=abc')).toBe('{0}rid=1 credentials=[stored]');
    expect(guarded('cn', 'abc')).toBe('abc');
  });

  it('reads the names of schema definitions and compares them without numbers and spaces', () => {
    expect(definedNames(["{0}( 1.2 NAME ( 'A' 'b' ) SUP top )", "( 1.3 NAME 'c' )"])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(normaliseDefinition("{3}( 1.2  NAME 'aB' DESC 'x  y' MUST ( cn $ sn ) )")).toBe(
      normaliseDefinition("( 1.2 name 'aB' DESC 'x  y' MUST (cn$sn))"),
    );
    expect(normaliseDefinition("( 1.2 DESC 'x  y' )")).not.toBe(normaliseDefinition("( 1.2 DESC 'x y' )"));
  });
});

describe('passwords', () => {
  it('verifies what it hashed, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const stored = hashPassword(new Secret('p', a));
        expect(verifyPassword(stored, a)).toBe('same');
        expect(verifyPassword(stored, b)).toBe(Buffer.from(a).equals(Buffer.from(b)) ? 'same' : 'different');
      }),
    );
  });

  it('knows slapd’s own digests and clear values, and says so when it cannot know', () => {
    // From slappasswd -h '{SHA}' -s secret of OpenLDAP 2.5.13.
    expect(verifyPassword('{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'secret')).toBe('same');
    expect(verifyPassword('secret', 'secret')).toBe('same');
    expect(verifyPassword('{CLEARTEXT}secret', 'other')).toBe('different');
    expect(verifyPassword('{CRYPT}$6$x', 'secret')).toBe('unknown');
    expect(verifyPassword('{SSHA}AAAA', 'secret')).toBe('different');
  });
});

describe('digests of trees', () => {
  const stamps: Stamp[] = ['a', 'b', 'c'].map((name) => ({ dn: `cn=${name}`, uuid: name, csn: '1' }));

  it('does not depend on order, and on every entryCSN', () => {
    expect(digestStamps(stamps.toReversed())).toBe(digestStamps(stamps));
    expect(digestStamps(stamps.with(1, { dn: 'cn=b', uuid: 'b', csn: '2' }))).not.toBe(digestStamps(stamps));
  });
});

describe('LDAP errors', () => {
  it('name host, act, entry, code, the server’s words and what to do', () => {
    const error = new LdapError({
      host: 'ldap1',
      operation: 'modify',
      dn: 'cn=config',
      code: 53,
      diagnostic: 'shadow context',
    });
    expect(error.message).toMatch(
      /^ldap1 · modify "cn=config": unwillingToPerform \(53\): shadow context\. .*olcMultiProvider/,
    );
  });

  it('take out secrets, whole or quoted by slapd in part', () => {
    expect(redactDiagnostic('bad credentials="a b" at s3cr3t', ['s3cr3t'])).toBe(
      'bad credentials=[hidden] at [hidden]',
    );
  });
});
