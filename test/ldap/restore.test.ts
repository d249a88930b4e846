import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Modification } from '../../src/engine/ports.ts';
import { applyModifications } from '../../src/ldap/modifications.ts';
import { restoreModifications } from '../../src/ldap/restore.ts';
import { filled, keepable } from '../../src/ldap/sensitive.ts';
import { reveal, Secret } from '../../src/secrets/secret.ts';

type Attributes = Record<string, readonly string[]>;

const names = ['olcAccess', 'olcLimits', 'olcDbIndex', 'description', 'member'] as const;
const ORDERED = ['olcAccess', 'olcLimits'];
const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');

function spelled(name: string, letter: string): string {
  if (name === 'olcDbIndex') return `attr-${letter} eq`;
  return name === 'member' ? `cn=${letter},dc=example` : `to ${letter}`;
}

/** An entry as slapd shows it: no value twice, ordered ones with their positions. */
const entry = fc.record(Object.fromEntries(names.map((name) => [name, fc.uniqueArray(word)]))).map((lists) =>
  Object.fromEntries(
    Object.entries(lists)
      .filter(([, letters]) => letters.length > 0)
      .map(([name, letters]) => [
        name,
        letters.map((letter, at) => `${ORDERED.includes(name) ? `{${at}}` : ''}${spelled(name, letter)}`),
      ]),
  ),
);

/** Order counts where slapd keeps one. */
function meaning(attributes: Attributes): Attributes {
  return Object.fromEntries(
    names.map((name) => {
      const values = attributes[name] ?? [];
      return [name, ORDERED.includes(name) ? values : [...values].sort()];
    }),
  );
}

describe('what restores an entry', () => {
  test('leaves exactly what was there before, whatever became of it since', () => {
    fc.assert(
      fc.property(entry, entry, (before, now) => {
        const wanted = Object.fromEntries(names.map((name) => [name, before[name] ?? []]));
        const restored = applyModifications(now, restoreModifications(now, wanted));
        expect(meaning(restored)).toEqual(meaning(before));
        expect(restoreModifications(restored, wanted)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('leaves alone what it does not name', () => {
    fc.assert(
      fc.property(entry, entry, fc.subarray([...names]), (before, now, touched) => {
        const wanted = Object.fromEntries(touched.map((name) => [name, before[name] ?? []]));
        const restored = applyModifications(now, restoreModifications(now, wanted));
        for (const name of names) if (!touched.includes(name)) expect(restored[name]).toEqual(now[name]);
      }),
    );
  });

  test('touches no value that stays: an agreement is not begun anew for the sake of another', () => {
    const now = { olcSyncrepl: ['{0}rid=001 provider=ldap://a', '{1}rid=002 provider=ldap://b'] };
    const modifications = restoreModifications(now, { olcSyncrepl: ['{0}rid=002 provider=ldap://b'] });
    expect(modifications).toEqual([{ op: 'delete', attribute: 'olcSyncrepl', values: ['{0}'] }]);
  });

  test('turns multi-provider off after the last agreement, in the same modify', () => {
    const now = { olcMultiProvider: ['TRUE'], olcSyncrepl: ['{0}rid=001 provider=ldap://a'] };
    const modifications = restoreModifications(now, { olcMultiProvider: [], olcSyncrepl: [] });
    expect(modifications.map(({ attribute }: Modification) => attribute)).toEqual([
      'olcSyncrepl',
      'olcMultiProvider',
    ]);
  });
});

describe('an old value that is kept', () => {
  const own = new Secret('replicator', 'sesame open');
  const stored = '{0}rid=001 provider=ldap://a credentials="sesame open" retry="5 +"';

  test('has the name of a secret that the step was given in the place of its credentials', () => {
    const kept = keepable('olcSyncrepl', stored, [own], false);
    expect(kept).toBeInstanceOf(Secret);
    const pieces = kept instanceof Secret ? kept.pieces : [];
    expect(pieces.map(String).join('')).toBe(stored.replace('sesame open', '[replicator]'));
    expect(pieces).toContain(own);
    expect(kept && reveal(kept)).toBe(stored);
  });

  test('is not kept with credentials that nobody gave, unless it stays on the server', () => {
    expect(keepable('olcSyncrepl', stored, [new Secret('replicator', 'other')], false)).toBeUndefined();
    const mark = keepable('olcSyncrepl', stored, [], true) ?? '';
    expect(mark).toBe('{0}rid=001 provider=ldap://a credentials="[stored]" retry="5 +"');
    const back = filled('olcSyncrepl', mark, [
      '{3}rid=001 provider=ldap://a credentials="sesame open" retry="5 +"',
    ]);
    expect(back && reveal(back)).toBe(stored);
    expect(filled('olcSyncrepl', mark, []), 'it is gone, and its credentials with it').toBeUndefined();
  });

  test.each(['userPassword', 'olcRootPW', 'pwdHistory', 'userPassword;x-old'])(
    'is never kept of %s',
    (name) => {
      expect(keepable(name, '{SSHA}abc', [own], true)).toBeUndefined();
    },
  );

  test('is not kept when it is bytes that no text brings back', () => {
    expect(keepable('jpegPhoto', 'base64:/9j/4AAQ', [], false)).toBeUndefined();
  });

  test('is not kept where credentials cannot be told from the rest', () => {
    for (const odd of ['credentials=a credentials=b', 'rid=1 credentials="a'])
      expect(keepable('olcSyncrepl', odd, [own], true), odd).toBeUndefined();
  });
});
