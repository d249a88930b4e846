/** Which changes of a directory may be seen by which searches. */
import { describe, expect, test } from 'vitest';
import { overlap, type Place } from '../../src/engine/place.ts';
import type { Search } from '../../src/engine/ports.ts';
import { entryPlace, searchPlaces, touchedPlaces } from '../../src/ldap/places.ts';

const DB = 'olcDatabase={1}mdb,cn=config';
const seen = (search: Search, touched: readonly Place[], host = 'h1'): boolean =>
  searchPlaces(host, search).some((at) => touched.some((place) => overlap(at, place)));
const modify = (dn: string, ...attributes: string[]) => touchedPlaces('h1', dn, attributes);

describe('a change of the configuration is seen', () => {
  test.each<[string, Search, boolean]>([
    ['by a read of that attribute', { base: DB, scope: 'base', attributes: ['olcAccess'] }, true],
    ['by a read of another attribute', { base: DB, scope: 'base', attributes: ['olcSyncrepl'] }, false],
    ['in any case of letters', { base: DB.toUpperCase(), scope: 'base', attributes: ['OLCACCESS'] }, true],
    ['by a read of all attributes', { base: DB, scope: 'base' }, true],
    ['by a read of all operational ones too', { base: DB, scope: 'base', attributes: ['*', '+'] }, true],
    ['from above, if it looks below', { base: 'cn=config', attributes: ['olcAccess'] }, true],
    ['not from above, if it looks at that entry only', { base: 'cn=config', scope: 'base' }, false],
    [
      'by a filter on it',
      { base: DB, scope: 'base', filter: '(&(objectClass=*)(olcAccess=*))', attributes: ['cn'] },
      true,
    ],
    ['by who asks when it was changed', { base: 'cn=config', attributes: ['modifyTimestamp'] }, true],
    ['by what is read of the data', { base: 'dc=example,dc=com' }, true],
    ['by the rootDSE, which tells of anything', { base: '', scope: 'base' }, true],
    ['not by a read of another entry', { base: 'cn=module{0},cn=config', scope: 'base' }, false],
  ])('%s', (_what, search, is) => {
    expect(seen(search, modify(DB, 'olcAccess'))).toBe(is);
  });

  test('on its own host only', () => {
    expect(seen({ base: DB, scope: 'base' }, modify(DB, 'olcAccess'), 'h2')).toBe(false);
    expect(seen({ base: 'dc=example,dc=com' }, modify(DB, 'olcAccess'), 'h2')).toBe(false);
  });

  test('under its old name and its new one', () => {
    expect(
      seen({ base: DB, scope: 'base', attributes: ['olcMirrorMode'] }, modify(DB, 'olcMultiProvider')),
    ).toBe(true);
  });
});

test('an entry that comes or goes is seen by who looks below its parent', () => {
  const added = touchedPlaces('h1', `olcOverlay=syncprov,${DB}`);
  expect(seen({ base: DB, scope: 'one' }, added)).toBe(true);
  expect(seen({ base: DB, scope: 'base' }, added)).toBe(false);
});

test('data goes to every server, and its change is not seen in a configuration', () => {
  const added = touchedPlaces('h1', 'cn=x,dc=example,dc=com');
  expect(seen({ base: 'dc=example,dc=com' }, added, 'h2')).toBe(true);
  expect(seen({ base: 'cn=config' }, added)).toBe(false);
});

test('what stands right there is not what is below it', () => {
  expect(overlap(entryPlace('h1', 'cn=config'), entryPlace('h1', DB))).toBe(false);
  expect(
    overlap({ host: 'h1', path: ['files', 'etc'] }, { host: 'h1', path: ['files', 'etc', 'ldap'] }),
  ).toBe(true);
  expect(overlap({ host: 'h1', path: ['files', 'etc'] }, { host: 'h1', path: ['files', 'var'] })).toBe(false);
  expect(overlap({ host: '*', path: [] }, { host: 'h9', path: ['units', 'slapd'] })).toBe(true);
});
