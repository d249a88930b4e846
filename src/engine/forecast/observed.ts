import type { Observed } from './forecast.ts';
import type { Glimpse } from './glimpse.ts';

/** What changes by itself while nobody changes the configuration. */
const PASSING =
  /^(contextcsn|entrycsn|(modify|create)timestamp|(modifiers|creators)name|structuralobjectclass)$/i;

/** The entries of cn=config that the looks have read. `shown`: a value without its secrets. */
export function observedOf(
  glimpses: readonly Glimpse[],
  shown: (attribute: string, value: string) => string,
): Observed {
  const found: Record<string, Record<string, Record<string, readonly string[]>>> = {};
  for (const { record } of glimpses)
    for (const { host, entry } of record.entries) {
      if (!/(^|,)\s*cn=config$/i.test(entry.dn)) continue;
      const on = found[host] ?? {};
      const attributes = { ...on[entry.dn] };
      for (const [name, values] of Object.entries(entry.attributes))
        if (!PASSING.test(name)) attributes[name] = values.map((value) => shown(name, value)).sort();
      found[host] = { ...on, [entry.dn]: attributes };
    }
  return found;
}
