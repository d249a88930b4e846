/** Names and values as cn=config spells them: two names of one attribute, case, and the `{n}` of X-ORDERED values. */

/** 2.5 calls it olcMultiProvider and still answers to olcMirrorMode; reading gives the new name. */
const SAME: Readonly<Record<string, string>> = { olcmirrormode: 'olcmultiprovider' };

/** A key equal for equal attribute names; options such as `;binary` are kept. */
export function attributeKey(name: string): string {
  const lower = name.toLowerCase();
  return SAME[lower] ?? lower;
}

/** The values under any spelling of `name`; `[]` when there are none. */
export function valuesOf(
  attributes: Readonly<Record<string, readonly string[]>>,
  name: string,
): readonly string[] {
  const key = attributeKey(name);
  const found = Object.keys(attributes).filter((spelling) => attributeKey(spelling) === key);
  return found.flatMap((spelling) => attributes[spelling] ?? []);
}

/** A value with its position, if it has one: `{0}to * by * read` is index 0. */
export interface Ordered {
  readonly index?: number;
  readonly value: string;
}

export function parseOrdered(text: string): Ordered {
  const match = /^\{(-?\d+)\}/.exec(text);
  if (!match) return { value: text };
  return { index: Number(match[1]), value: text.slice(match[0].length) };
}

/** The value without its `{n}`. */
export function withoutIndex(text: string): string {
  return parseOrdered(text).value;
}

/** Attributes of cn=config that keep an order (X-ORDERED 'VALUES' in bconfig.c, 2.4 to 2.6). */
const ORDERED = new Set(
  [
    'olcAccess',
    'olcAttributeTypes',
    'olcAuthzRegexp',
    'olcAuthIDRewrite',
    'olcDitContentRules',
    'olcLdapSyntaxes',
    'olcLimits',
    'olcModuleLoad',
    'olcObjectClasses',
    'olcObjectIdentifier',
    'olcSyncrepl',
    'olcRwmRewrite',
  ].map((name) => name.toLowerCase()),
);

export function isOrdered(attribute: string): boolean {
  return ORDERED.has(attribute.toLowerCase());
}

/** Truth as slapd reads it. Undefined when the text is neither. */
export function parseBoolean(text: string | undefined): boolean | undefined {
  const lower = text?.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : undefined;
}
