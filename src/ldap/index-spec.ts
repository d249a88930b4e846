/**
 * olcDbIndex: `attr,attr types`. slapd merges nothing: adding an attribute that has a definition already is error 80
 * "duplicate index definition", and the rejected modify leaves the new definitions behind in memory until a restart.
 * So what is added must be exactly what is missing.
 */
import type { Modification } from '../engine/ports.ts';
import { attributeKey } from './config-names.ts';

interface Spec {
  readonly stored: string;
  readonly attributes: readonly string[];
  /** Sorted; empty means "the default types", `pres,eq` unless `default` says otherwise. */
  readonly types: readonly string[];
}

function parseSpec(stored: string): Spec {
  const [names = '', types = ''] = stored.trim().split(/\s+/);
  const list = (text: string) => text.split(',').filter((part) => part !== '');
  return { stored, attributes: list(names), types: list(types.toLowerCase()) };
}

/** What to modify so that each wanted attribute has at least the wanted types. `[]` when it has. */
export function indexModifications(
  wanted: readonly string[],
  stored: readonly string[],
): readonly Modification[] {
  const present = stored.map(parseSpec);
  const added: string[] = [];
  const touched = new Map<Spec, Map<string, readonly string[]>>();
  for (const [key, { attribute, types }] of byAttribute(wanted.map(parseSpec))) {
    const spec = present.find((candidate) => candidate.attributes.some((name) => attributeKey(name) === key));
    if (!spec) added.push([attribute, types.join(',')].join(' ').trim());
    else if (!types.every((type) => spec.types.includes(type))) {
      const union = [...new Set([...spec.types, ...types])];
      touched.set(spec, (touched.get(spec) ?? new Map()).set(key, union));
    }
  }
  const deleted = [...touched.keys()].map((spec) => spec.stored);
  for (const [spec, wider] of touched) {
    for (const attribute of spec.attributes) {
      added.push([attribute, (wider.get(attributeKey(attribute)) ?? spec.types).join(',')].join(' ').trim());
    }
  }
  const modifications: Modification[] = [];
  if (deleted.length > 0) modifications.push({ op: 'delete', attribute: 'olcDbIndex', values: deleted });
  if (added.length > 0) modifications.push({ op: 'add', attribute: 'olcDbIndex', values: added });
  return modifications;
}

/** Each attribute once, with the types of every value that names it. */
function byAttribute(
  specs: readonly Spec[],
): ReadonlyMap<string, { attribute: string; types: readonly string[] }> {
  const merged = new Map<string, { attribute: string; types: readonly string[] }>();
  for (const { attributes, types } of specs) {
    for (const attribute of attributes) {
      const known = merged.get(attributeKey(attribute));
      const union = [...new Set([...(known?.types ?? []), ...types])];
      merged.set(attributeKey(attribute), { attribute: known?.attribute ?? attribute, types: union });
    }
  }
  return merged;
}
