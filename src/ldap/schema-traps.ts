/** What a change of an entry of cn=schema,cn=config takes away, or puts where slapd cannot read it at its next start. */
import { valuesOf, withoutIndex } from './config-names.ts';
import { definedNames } from './schema-names.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

const DEFINITIONS = ['olcAttributeTypes', 'olcObjectClasses'];

/** Lower-case names that are defined before and no longer after. */
export function lostNames(before: Attributes, after: Attributes): readonly string[] {
  return DEFINITIONS.flatMap((attribute) => {
    const left = new Set(definedNames(valuesOf(after, attribute)));
    return definedNames(valuesOf(before, attribute)).filter((name) => !left.has(name));
  });
}

/** Names of definitions whose SUP comes only after them: slapd reads them in order. */
export function forwardNames(entry: Attributes): readonly string[] {
  return DEFINITIONS.flatMap((attribute) => {
    const definitions = valuesOf(entry, attribute).map(withoutIndex);
    const names = definitions.map((one) => definedNames([one]));
    return definitions.flatMap((definition, at) => {
      const later = new Set(names.slice(at + 1).flat());
      return superiors(definition).some((name) => later.has(name)) ? (names[at] ?? []).slice(0, 1) : [];
    });
  });
}

/** `SUP a` and `SUP ( a $ b )`, lower case. */
function superiors(definition: string): readonly string[] {
  const bare = definition.replace(/'[^']*'/g, '');
  const [, several, single = ''] = /\bSUP\s+(?:\(([^)]*)\)|([^\s)]+))/i.exec(bare) ?? [];
  return (several ?? single)
    .split('$')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}
