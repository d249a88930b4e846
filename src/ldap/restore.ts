/** From what an entry has to exactly what it had: one modify that leaves alone what is right already. */
import type { Modification } from '../engine/ports.ts';
import { reveal, type Text } from '../secrets/secret.ts';
import { attributeKey, isOrdered, valuesOf, withoutIndex } from './config-names.ts';
import { sameValue } from './config-values.ts';
import { inSafeOrder } from './modifications.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

/**
 * `[]` when all is as it was. Values that are right stay where they are, so that an agreement is not begun anew for the
 * sake of another, and an attribute of cn=config keeps its place in the entry.
 */
export function restoreModifications(
  current: Attributes,
  wanted: Readonly<Record<string, readonly Text[]>>,
): readonly Modification[] {
  return inSafeOrder(
    Object.entries(wanted).flatMap(([attribute, values]) => {
      const stored = valuesOf(current, attribute);
      return isOrdered(attribute)
        ? inOrder(attribute, values, stored)
        : withoutOrder(attribute, values, stored);
    }),
  );
}

function withoutOrder(
  attribute: string,
  wanted: readonly Text[],
  stored: readonly string[],
): readonly Modification[] {
  const same = (text: Text, value: string) => sameValue(attribute, reveal(text), value);
  const gone = stored.filter((value) => !wanted.some((text) => same(text, value)));
  const missing = wanted.filter((text) => !stored.some((value) => same(text, value)));
  if (gone.length === 0 && missing.length === 0) return [];
  // By value only in cn=config: elsewhere an attribute may have no equality rule, and then only a replace works.
  const partly = attributeKey(attribute).startsWith('olc') && gone.length < stored.length;
  if (!partly) return [{ op: 'replace', attribute, values: wanted }];
  return [
    ...(gone.length > 0 ? [{ op: 'delete' as const, attribute, values: gone }] : []),
    ...(missing.length > 0 ? [{ op: 'add' as const, attribute, values: missing }] : []),
  ];
}

/** Deletes from the last position to the first, then each missing value at its own. */
function inOrder(
  attribute: string,
  wanted: readonly Text[],
  stored: readonly string[],
): readonly Modification[] {
  const kept = common(wanted, stored, (text, value) => sameValue(attribute, reveal(text), value));
  const gone = stored.flatMap((_, at) => (kept.some((pair) => pair.stored === at) ? [] : [at]));
  const missing = wanted.flatMap((text, at) =>
    kept.some((pair) => pair.wanted === at) ? [] : [{ text, at }],
  );
  return [
    ...gone.reverse().map((at): Modification => ({ op: 'delete', attribute, values: [`{${at}}`] })),
    ...missing.map(({ text, at }): Modification => ({ op: 'add', attribute, values: [placed(text, at)] })),
  ];
}

function placed(text: Text, at: number): Text {
  const put = (clear: string) => `{${at}}${withoutIndex(clear)}`;
  return typeof text === 'string' ? put(text) : text.map(put);
}

interface Pair {
  readonly wanted: number;
  readonly stored: number;
}

/** The longest run of values that both have in the same order. */
function common(
  wanted: readonly Text[],
  stored: readonly string[],
  same: (text: Text, value: string) => boolean,
): readonly Pair[] {
  const best: (readonly Pair[])[][] = [];
  for (let w = wanted.length; w >= 0; w--) {
    best[w] = [];
    for (let s = stored.length; s >= 0; s--) {
      const row = best[w] as (readonly Pair[])[];
      if (w === wanted.length || s === stored.length) row[s] = [];
      else if (same(wanted[w] ?? '', stored[s] ?? ''))
        row[s] = [{ wanted: w, stored: s }, ...(best[w + 1]?.[s + 1] ?? [])];
      else row[s] = longer(best[w + 1]?.[s] ?? [], row[s + 1] ?? []);
    }
  }
  return best[0]?.[0] ?? [];
}

function longer(a: readonly Pair[], b: readonly Pair[]): readonly Pair[] {
  return a.length >= b.length ? a : b;
}
