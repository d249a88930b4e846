/** Turns what is wrong with a native inventory into problems, each with its place. */
import type { z } from 'zod';
import { didYouMean } from '../runbook/suggestion.ts';
import type { YamlSource } from './document.ts';
import { type Draft, report } from './draft.ts';
import { expandRange } from './range.ts';

/** An issue of the schema. `base` is the path of the union it was found in. */
export function reportIssue(
  draft: Draft,
  source: YamlSource,
  issue: z.core.$ZodIssue,
  base: readonly PropertyKey[] = [],
): void {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const hint = didYouMean(key, keysAt(path), `known here: ${keysAt(path).join(', ')}`);
      report(
        draft,
        'error',
        source.placeOf([...path, key], true),
        dotted([...path, key]),
        `unknown key "${key}"`,
        hint,
      );
    }
    return;
  }
  // A union's own message says nothing; its last member is the one that was meant.
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined;
  if (inner && inner.length > 0) {
    for (const nested of inner) reportIssue(draft, source, nested, path);
    return;
  }
  report(
    draft,
    'error',
    source.placeOf(path),
    dotted(path),
    issue.message,
    'see docs/inventory.md for what may stand here',
  );
}

const ACCESS = [
  'port',
  'user',
  'transport',
  'identity',
  'known-hosts',
  'jump',
  'password',
  'passphrase',
  'become',
  'receipts',
];

/** The keys that may stand at a path, for suggestions. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return ['format', 'vars', 'access', 'groups', 'hosts'];
  if (path.at(-1) === 'become') return ['method', 'user', 'password'];
  if (path.at(-1) === 'access') return ACCESS;
  return path[0] === 'hosts'
    ? ['address', 'connect', 'platform', 'vars', ...ACCESS]
    : ['hosts', 'children', 'vars', 'access'];
}

function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** Names that are no range and children that are no group; looked at whether or not the rest is right. */
export function reportNames(draft: Draft, source: YamlSource, raw: unknown): void {
  const groups = mapAt(raw, 'groups');
  for (const [name, group] of Object.entries(groups)) {
    for (const [index, pattern] of listAt(group, 'hosts').entries()) {
      reportRange(draft, source, ['groups', name, 'hosts', index], pattern);
    }
    for (const [index, child] of listAt(group, 'children').entries()) {
      if (typeof child !== 'string' || Object.hasOwn(groups, child)) continue;
      const at = ['groups', name, 'children', index];
      const hint = didYouMean(child, Object.keys(groups), 'declare it under groups');
      report(
        draft,
        'error',
        source.placeOf(at),
        dotted(at),
        `group ${name} has the child ${child}, which is no group`,
        hint,
      );
    }
  }
  for (const [pattern, spec] of Object.entries(mapAt(raw, 'hosts'))) {
    const at = ['hosts', pattern];
    const count = reportRange(draft, source, at, pattern);
    const fixed = memberOf(spec, 'address') ?? memberOf(spec, 'connect');
    if (count > 1 && fixed !== undefined) {
      const message = `${pattern} gives ${count} hosts the one address ${String(fixed)}`;
      report(draft, 'error', source.placeOf(at, true), dotted(at), message, 'give each host its own entry');
    }
  }
}

function reportRange(draft: Draft, source: YamlSource, at: readonly PropertyKey[], pattern: unknown): number {
  if (typeof pattern !== 'string') return 0;
  const expansion = expandRange(pattern);
  if ('names' in expansion) return expansion.names.length;
  report(
    draft,
    'error',
    source.placeOf(at, true),
    dotted(at),
    expansion.problem,
    'write a name, or a range such as ldap[1:3]',
  );
  return 0;
}

function memberOf(value: unknown, key: string): unknown {
  const known = value !== null && typeof value === 'object' && Object.hasOwn(value, key);
  return known ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function mapAt(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const member = memberOf(value, key);
  return member !== null && typeof member === 'object' ? (member as Readonly<Record<string, unknown>>) : {};
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const member = memberOf(value, key);
  return Array.isArray(member) ? member : [];
}
