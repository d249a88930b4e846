/** LDIF without folded lines (`-o ldif-wrap=no`), as far as slapcat writes it. */
export type Entries = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

export function readLdif(text: string): Entries {
  const entries = new Map<string, ReadonlyMap<string, readonly string[]>>();
  for (const block of text.split('\n\n')) {
    const attributes = new Map<string, string[]>();
    for (const line of block.split('\n')) {
      const [, name = '', colons = '', value = ''] = /^([^:#]+)(::?) ?(.*)$/.exec(line) ?? [];
      if (name) attributes.set(name, [...(attributes.get(name) ?? []), decode(colons, value)]);
    }
    const [dn] = attributes.get('dn') ?? [];
    if (dn !== undefined) entries.set(dn, attributes);
  }
  return entries;
}

function decode(colons: string, value: string): string {
  return colons === '::' ? Buffer.from(value, 'base64').toString() : value;
}

/** The values of an attribute, none when there is no such entry or attribute. */
export function valuesOf(entries: Entries, dn: string, attribute: string): readonly string[] {
  return entries.get(dn)?.get(attribute) ?? [];
}
