/** From what an entry has and what it should have to the one modify that is missing. */
import type { Modification } from '../engine/ports.ts';
import { reveal, type Text } from '../secrets/secret.ts';
import { attributeKey, isOrdered, type Ordered, parseOrdered, valuesOf } from './config-names.ts';
import { sameValue } from './config-values.ts';
import { indexModifications } from './index-spec.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;
type Wanted = Readonly<Record<string, readonly Text[]>>;

export interface Wishes {
  /** These values are there. An explicit `{n}` also asks for that position. */
  readonly add?: Wanted;
  /** These values are not there. */
  readonly delete?: Readonly<Record<string, readonly Text[] | 'all'>>;
  /** Exactly these values are there; `[]` means none. */
  readonly replace?: Wanted;
  /** Attributes whose values compare without case, beyond those that are known to. */
  readonly caseless?: readonly string[];
}

/** One modify's worth, holding only what is missing; `[]` when all is as wished. Deletes come first. */
export function missingModifications(attributes: Attributes, wishes: Wishes): readonly Modification[] {
  const { caseless = [] } = wishes;
  const same = (attribute: string) => (a: Text, b: string) => sameValue(attribute, reveal(a), b, caseless);
  const found: Modification[] = [];
  for (const [attribute, values] of Object.entries(wishes.delete ?? {})) {
    found.push(...deletions(attribute, values, valuesOf(attributes, attribute), same(attribute)));
  }
  for (const [attribute, values] of Object.entries(wishes.replace ?? {})) {
    found.push(...replacement(attribute, values, valuesOf(attributes, attribute), same(attribute)));
  }
  for (const [attribute, values] of Object.entries(wishes.add ?? {})) {
    found.push(...additions(attribute, values, valuesOf(attributes, attribute), same(attribute)));
  }
  return inSafeOrder(found);
}

type Same = (wanted: Text, stored: string) => boolean;

function deletions(
  attribute: string,
  wanted: readonly Text[] | 'all',
  stored: readonly string[],
  same: Same,
): Modification[] {
  if (wanted === 'all') return stored.length > 0 ? [{ op: 'delete', attribute, values: [] }] : [];
  const gone = stored.filter((value) => wanted.some((text) => same(text, value)));
  return remove(attribute, gone);
}

/** By position from the last to the first: each delete shifts the values behind it. */
function remove(attribute: string, stored: readonly string[]): Modification[] {
  if (stored.length === 0) return [];
  if (!isOrdered(attribute)) return [{ op: 'delete', attribute, values: stored }];
  const byPosition = [...stored].sort((a, b) => (parseOrdered(b).index ?? 0) - (parseOrdered(a).index ?? 0));
  return byPosition.map((value) => ({ op: 'delete', attribute, values: [value] }));
}

function replacement(
  attribute: string,
  wanted: readonly Text[],
  stored: readonly string[],
  same: Same,
): Modification[] {
  const ordered = isOrdered(attribute);
  const equal =
    wanted.length === stored.length &&
    wanted.every((text, at) =>
      ordered ? same(text, stored[at] ?? '') : stored.some((value) => same(text, value)),
    );
  if (equal) return [];
  // slapd 2.4 dies of a replace of an olcSpSessionlog that is not there (syncprov.c, sp_cf_gen); an add is the same elsewhere.
  return [{ op: stored.length === 0 ? 'add' : 'replace', attribute, values: wanted }];
}

function additions(
  attribute: string,
  wanted: readonly Text[],
  stored: readonly string[],
  same: Same,
): Modification[] {
  if (attributeKey(attribute) === 'olcdbindex') return [...indexModifications(wanted.map(reveal), stored)];
  const last = stored.length - 1;
  const misplaced: string[] = [];
  const missing = wanted.filter((text, at) => {
    // The same value twice in one add is error 20.
    if (wanted.slice(0, at).some((earlier) => same(earlier, reveal(text)))) return false;
    const there = stored.find((value) => same(text, value));
    if (there === undefined) return true;
    if (!isOrdered(attribute) || inPlace(parseOrdered(reveal(text)), parseOrdered(there), last)) return false;
    misplaced.push(there);
    return true;
  });
  const added: Modification[] = missing.length > 0 ? [{ op: 'add', attribute, values: missing }] : [];
  return [...remove(attribute, misplaced), ...added];
}

/** A position past the end means the end: slapd renumbers. */
function inPlace(wanted: Ordered, stored: Ordered, last: number): boolean {
  if (wanted.index === undefined || wanted.index === stored.index) return true;
  return stored.index === last && wanted.index > last;
}

/** olcMultiProvider before the first olcSyncrepl is error 80, "database is not a shadow". */
export function inSafeOrder(modifications: readonly Modification[]): readonly Modification[] {
  const isSwitch = (modification: Modification) =>
    attributeKey(modification.attribute) === 'olcmultiprovider';
  return [...modifications.filter((one) => !isSwitch(one)), ...modifications.filter(isSwitch)];
}

/** The attributes after the modify, positions renumbered. What slapd would have; it does not check the schema. */
export function applyModifications(
  attributes: Attributes,
  modifications: readonly Modification[],
): Attributes {
  const after: Record<string, readonly string[]> = { ...attributes };
  for (const { op, attribute, values } of modifications) {
    const spelling =
      Object.keys(after).find((name) => attributeKey(name) === attributeKey(attribute)) ?? attribute;
    const clear = values.map(reveal);
    const before = after[spelling] ?? [];
    let next: readonly string[] = op === 'add' ? before : [];
    if (op === 'delete' && clear.length > 0)
      next = before.filter((value) => !clear.some((text) => matches(text, value)));
    if (op !== 'delete') next = isOrdered(attribute) ? clear.reduce(insert, next) : [...next, ...clear];
    if (next.length === 0) delete after[spelling];
    else
      after[spelling] = isOrdered(attribute)
        ? next.map((value, at) => `{${at}}${parseOrdered(value).value}`)
        : next;
  }
  return after;
}

function matches(asked: string, stored: string): boolean {
  const { index, value } = parseOrdered(asked);
  const there = parseOrdered(stored);
  return (
    asked === stored ||
    ((index === undefined || index === there.index) && (value === '' || value === there.value))
  );
}

function insert(values: readonly string[], added: string): readonly string[] {
  return values.toSpliced(parseOrdered(added).index ?? values.length, 0, added);
}
