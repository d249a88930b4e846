import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  differingWords,
  parseSyncrepl,
  plainWordOf,
  printSyncrepl,
  retriesForEver,
  ridOf,
  sameAgreement,
  sameProvider,
  showSyncrepl,
} from '../../src/ldap/syncrepl.ts';
import { reveal, Secret } from '../../src/secrets/secret.ts';

const full =
  '{2}rid=001 provider=ldap://ldap1.example.org:389 searchbase="dc=example,dc=org" type=refreshAndPersist ' +
  'retry="5 12 30 +" keepalive=240:10:30 bindmethod=simple binddn=cn=replicator,dc=example,dc=org ' +
  'credentials="pass word" attrsonly newword=x';

const plain = fc.string({ maxLength: 12, unit: fc.constantFrom(..."abc=,{}+*()#ä '") });

describe('syncrepl', () => {
  it('reads position, words in order, unknown words and bare words', () => {
    const parsed = parseSyncrepl(full);
    expect(parsed.index).toBe(2);
    expect(ridOf(parsed)).toBe(1);
    expect(parsed.words.map((word) => word.key).slice(-3)).toEqual(['credentials', 'attrsonly', 'newword']);
    expect(plainWordOf(parsed, 'RETRY')).toBe('5 12 30 +');
    expect(plainWordOf(parsed, 'newword')).toBe('x');
    expect(reveal(printSyncrepl(parsed))).toBe(full.slice(3));
  });

  it('reads back what it printed, whatever the words hold', () => {
    const keys = fc.constantFrom(
      'provider',
      'searchbase',
      'filter',
      'credentials',
      'tls_cacert',
      'future-word',
    );
    const words = fc.array(fc.tuple(keys, plain), { minLength: 1 });
    fc.assert(
      fc.property(words, (list) => {
        const printed = printSyncrepl({ words: list.map(([key, value]) => ({ key, value })) });
        expect(parseSyncrepl(printed).words.map((word) => [word.key, reveal(word.value ?? '')])).toEqual(
          list,
        );
      }),
    );
  });

  it('never prints a quote or a backslash, which slapd would read as something else', () => {
    for (const value of ['a"b', 'a\\b', 'a\nb']) {
      expect(() => printSyncrepl({ words: [{ key: 'credentials', value: new Secret('s', value) }] })).toThrow(
        /^olcSyncrepl: credentials must not/,
      );
    }
  });

  it('prints credentials as a secret and shows them by name only', () => {
    const printed = printSyncrepl(parseSyncrepl(full));
    expect(printed).toBeInstanceOf(Secret);
    expect(
      JSON.stringify(parseSyncrepl(full)) + showSyncrepl(parseSyncrepl(full)) + String(printed),
    ).not.toContain('pass word');
    expect(showSyncrepl(parseSyncrepl(full))).toContain('credentials=[stored] attrsonly newword=x');
    expect(showSyncrepl(parseSyncrepl('rid=1 credentials="a"b" c" d'))).not.toMatch(/[^a-z]c"|a"|\bd\b/);
  });

  it.each([
    ['ldap://LDAP1.example.org', 'ldap://ldap1.example.org:389/', true],
    ['ldaps://a', 'ldaps://a:636', true],
    ['ldap://a', 'ldaps://a', false],
    ['ldap://a:390', 'ldap://a', false],
    ['ldap://[::1]', 'ldap://[::1]:389', true],
  ])('compares the providers %s and %s as servers', (left, right, same) => {
    expect(sameProvider(parseSyncrepl(`provider=${left}`), parseSyncrepl(`provider=${right}`))).toBe(same);
  });

  it('takes agreements for the same by provider and searchbase, and names the words that differ', () => {
    const other = parseSyncrepl(
      'rid=1 PROVIDER=ldap://ldap1.example.org searchbase="DC=example, dc=org" type=refreshandpersist retry=5,12,30,+ ' +
        'keepalive=240:10:30 bindmethod=simple binddn="cn=Replicator,dc=example,dc=org" credentials=other attrsonly newword=x scope=sub',
    );
    expect(sameAgreement(parseSyncrepl(full), other)).toBe(true);
    expect(differingWords(parseSyncrepl(full), other)).toEqual(['credentials']);
    expect(
      differingWords(parseSyncrepl(full), parseSyncrepl(full.replace(' keepalive=240:10:30', ''))),
    ).toEqual(['keepalive']);
  });

  it('knows which retry lists end some day', () => {
    expect(['5 12 30 +', '60 +', '1 +'].map(retriesForEver)).toEqual([true, true, true]);
    expect(['5 5 300 5', '', '5 + 3 2', '+', '5'].map(retriesForEver)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
