/** How many entries may somebody get? olcLimits of a database: the first value that is about him counts (slapd's limits.c). */
import { withoutIndex } from '../ldap/config-names.ts';
import { isUnder, parentDn, sameDn } from '../ldap/dn.ts';

export type SizeLimit =
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'number'; readonly entries: number }
  /** It hangs on a group or a pattern. */
  | { readonly kind: 'unclear' };

/** slapd's own, where nothing is said. */
const DEFAULT = 500;

/** `fallback`: olcSizeLimit. */
export function sizeLimitFor(dn: string, limits: readonly string[], fallback: string | undefined): SizeLimit {
  for (const value of limits) {
    const [who = '', ...words] = wordsOf(value);
    const isHim = concerns(who, dn);
    if (isHim === undefined) return { kind: 'unclear' };
    if (isHim)
      return softOf(words) ?? softOf(wordsOf(fallback ?? '')) ?? { kind: 'number', entries: DEFAULT };
  }
  return softOf(wordsOf(fallback ?? '')) ?? { kind: 'number', entries: DEFAULT };
}

/** Quotes hold a word together, and are no part of it. */
function wordsOf(value: string): readonly string[] {
  const words = withoutIndex(value).match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}

/** Undefined where it cannot be told from here. */
function concerns(who: string, dn: string): boolean | undefined {
  if (who === '*' || who === 'users') return true;
  if (who === 'anonymous') return false;
  const match = /^dn(?:\.(?:this\.|self\.)?(\w+))?=(.*)$/is.exec(who);
  if (!match) return undefined;
  const [, style = 'exact', name = ''] = match;
  try {
    switch (style.toLowerCase()) {
      case 'exact':
      case 'base':
      case 'this':
      case 'self':
        return sameDn(name, dn);
      case 'subtree':
      case 'sub':
        return isUnder(dn, name);
      case 'children':
        return isUnder(dn, name) && !sameDn(dn, name);
      case 'one':
      case 'onelevel':
        return sameDn(parentDn(dn) ?? '', name);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** The soft limit counts for one who asks for none. A bare value is that of olcSizeLimit. */
function softOf(words: readonly string[]): SizeLimit | undefined {
  const values = words.flatMap(
    (word) => /^(?:size(?:\.soft)?=)?(-?\d+|unlimited|none)$/i.exec(word)?.[1] ?? [],
  );
  const value = values.at(-1)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === 'unlimited' || value === 'none' || value.startsWith('-')) return { kind: 'unlimited' };
  return { kind: 'number', entries: Number(value) };
}
