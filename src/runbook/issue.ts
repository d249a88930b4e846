/** Puts zod's issues into words: subject, fact, next step. */
import type { z } from 'zod';
import { knownKeys } from './known-keys.ts';
import type { Path } from './position.ts';
import { didYouMean, didYouMeanExactly } from './suggestion.ts';

export type Issue = z.core.$ZodIssue;

/** An issue in words, with the path it is about. `key`: it is about the key and not about the value. */
export interface Wording {
  readonly path: Path;
  readonly key: boolean;
  readonly message: string;
  readonly hint: string;
}

/** All issues of one check. A missing key is not said again where a misspelt one was meant to be it. */
export function wordIssues(issues: readonly Issue[], value: unknown, schema: z.ZodType): Wording[] {
  const all = issues.flatMap((issue) => wordIssue(issue, value, schema));
  const meant = new Set(all.map(({ path, hint }) => JSON.stringify([path.slice(0, -1), hint])));
  return all.filter(({ path, message }) => {
    const hint = didYouMeanExactly(String(path.at(-1)));
    return message !== missing || !meant.has(JSON.stringify([path.slice(0, -1), hint]));
  });
}

const missing = 'is missing';

/** `value` is what was checked, to quote from; `schema` is what it was checked against, for the keys it knows. */
function wordIssue(issue: Issue, value: unknown, schema: z.ZodType): Wording[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const found = valueAt(value, path);
  const one = (message: string, hint: string, key = false): Wording[] => [{ path, key, message, hint }];
  const own = /^(Invalid|Too|Unrecognized|Unknown)/.test(issue.message) ? undefined : issue.message;
  if (issue.code !== 'unrecognized_keys' && issue.code !== 'invalid_key' && found === undefined) {
    return one(missing, missingHint(issue, String(path.at(-1) ?? 'document')), true);
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => ({
        path: [...path, name],
        key: true,
        message: `unknown key ${JSON.stringify(name)}`,
        hint: didYouMean(name, knownKeys(schema, path), keysHint(knownKeys(schema, path))),
      }));
    case 'invalid_key':
      return one(`${quote(path.at(-1))} ${issue.issues[0]?.message ?? 'is no name'}`, 'rename it', true);
    case 'invalid_value': {
      const words = issue.values.map(String);
      const message = own ?? `must be ${oneOf(words)}`;
      return one(
        `${message}, got ${quote(found)}`,
        didYouMean(plain(found) ?? '', words, `write ${oneOf(words)}`),
      );
    }
    case 'invalid_type':
      return one(
        `${own ?? `must be ${aType(issue.expected)}`}, got ${quote(found)}`,
        keyHint(path, found) ?? typeHint(issue.expected, found),
      );
    case 'invalid_union':
      return own
        ? one(`${own}, got ${quote(found)}`, 'write it in one of these forms')
        : union(issue, value, schema, path);
    case 'too_small':
    case 'too_big':
      return one(own ?? `${bound(issue)}, got ${quote(found)}`, 'change it to a value in range');
    default:
      return one(
        `${own ?? 'is not of the right form'}, got ${quote(found)}`,
        keyHint(path, found) ?? 'change it to that form',
      );
  }
}

/** The branch that fits best speaks for a union: one whose type fits, else all the types are named. */
function union(
  issue: Issue & { code: 'invalid_union' },
  value: unknown,
  schema: z.ZodType,
  path: Path,
): Wording[] {
  const fitting = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.path.length === 0 && ofType(inner)),
  );
  const [best] = fitting.sort((a, b) => a.length - b.length);
  if (best && fitting.length === 1) {
    return best.flatMap((inner) =>
      wordIssue({ ...inner, path: [...path, ...inner.path] } as Issue, value, schema),
    );
  }
  const forms = issue.errors.flatMap((branch) => branch.map(form)).filter((text) => text !== undefined);
  const message = `must be ${oneOf([...new Set(forms)])}, got ${quote(valueAt(value, path))}`;
  return [{ path, key: false, message, hint: 'write it in one of these forms' }];
}

function ofType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function form(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return aType(issue.expected);
  if (issue.code === 'invalid_value') return oneOf(issue.values.map((word) => JSON.stringify(word)));
  if (issue.code === 'too_small' || issue.code === 'too_big') return bound(issue).replace('must be ', '');
  return undefined;
}

function bound(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  return issue.origin === 'string'
    ? `must be ${limit} characters`
    : issue.origin === 'array'
      ? `must have ${limit} items`
      : `must be ${limit}`;
}

function missingHint(issue: Issue, name: string): string {
  if (issue.code === 'invalid_value') return `add ${name}: ${String(issue.values[0])}`;
  return `add ${name}: …${issue.code === 'invalid_type' ? ` (${aType(issue.expected)})` : ''}`;
}

function keysHint(keys: readonly string[]): string {
  return keys.length === 0 || keys.length > 16 ? 'remove it' : `known here: ${keys.join(', ')}`;
}

function typeHint(expected: string, found: unknown): string {
  if (expected === 'string' && typeof found === 'number') return `quote it: "${found}"`;
  if (expected === 'array') return 'write a list: [ … ]';
  if (expected === 'object' || expected === 'record') return 'write a map: key: value';
  return `write ${aType(expected)}`;
}

/** The cure for keys that many get wrong. */
function keyHint(path: Path, found: unknown): string | undefined {
  const text = plain(found);
  switch (path.at(-1)) {
    case 'version':
      return 'write three numbers: version: 1.2.0';
    case 'id': {
      const words = text?.toLowerCase().match(/[a-z0-9]+/g);
      return words ? `write id: ${words.join('-')}` : undefined;
    }
    case 'mode':
      return text === undefined ? undefined : `quote it, with its zero: mode: "${text.padStart(4, '0')}"`;
    default:
      return undefined;
  }
}

/** What was found as text; a list or a map has none, and asking it for one may throw. */
function plain(found: unknown): string | undefined {
  return typeof found === 'object' ? undefined : String(found);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

export function aType(expected: string): string {
  return typeNames[expected] ?? expected;
}

export function oneOf(words: readonly string[]): string {
  return words.length < 2
    ? (words[0] ?? 'something else')
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A value as it stands in a message: short, on one line. */
export function quote(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}
