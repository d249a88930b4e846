/** Distinguished names as RFC 4514 writes them. Comparison ignores case and runs of spaces, as caseIgnoreMatch does. */

/** One attribute and value of an RDN. `hex` marks a value that is kept as `#…` BER text, undecoded. */
export interface Ava {
  readonly attribute: string;
  readonly value: string;
  readonly hex?: true;
}

/** A relative name: one pair, or several joined by `+`. */
export type Rdn = readonly Ava[];

/** Most specific first; `[]` is the root (the rootDSE). */
export type Dn = readonly Rdn[];

const ATTRIBUTE = /^(?:[A-Za-z][A-Za-z0-9-]*|(?:[Oo][Ii][Dd]\.)?\d+(?:\.\d+)*)$/;

/** Reads an RFC 4514 text, escapes and `#hex` values included. Throws an Error that names the place. */
export function parseDn(text: string): Dn {
  const reader = { text, at: 0 };
  skipSpaces(reader);
  if (reader.at === text.length) return [];
  const rdns: Rdn[] = [];
  for (;;) {
    const avas: Ava[] = [readAva(reader)];
    while (text[reader.at] === '+') {
      reader.at++;
      avas.push(readAva(reader));
    }
    rdns.push(avas);
    if (reader.at === text.length) return rdns;
    // `;` separates too in RFC 1779, which slapd still reads.
    reader.at++;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

function skipSpaces(reader: Reader): void {
  while (reader.text[reader.at] === ' ') reader.at++;
}

function readAva(reader: Reader): Ava {
  const { text } = reader;
  const equals = text.indexOf('=', reader.at);
  const attribute = equals < 0 ? '' : text.slice(reader.at, equals).trim();
  if (!ATTRIBUTE.test(attribute)) {
    throw new Error(`DN "${text}": expected attribute=value at character ${reader.at + 1}`);
  }
  reader.at = equals + 1;
  skipSpaces(reader);
  if (text[reader.at] === '#') return { attribute, ...readHex(reader) };
  return { attribute, value: readValue(reader) };
}

const ENDS = new Set([',', ';', '+', undefined]);

function readHex(reader: Reader): { value: string; hex: true } {
  const match = /^#((?:[0-9A-Fa-f]{2})+) *(?=[,;+]|$)/.exec(reader.text.slice(reader.at));
  if (match?.[1] === undefined) {
    throw new Error(
      `DN "${reader.text}": expected pairs of hex digits after # at character ${reader.at + 1}`,
    );
  }
  reader.at += match[0].length;
  return { value: `#${match[1].toLowerCase()}`, hex: true };
}

const encoder = new TextEncoder();

function readValue(reader: Reader): string {
  const { text } = reader;
  const bytes: number[] = [];
  // Spaces at the end count only if escaped: remember where the last one that counts stands.
  let kept = 0;
  while (!ENDS.has(text[reader.at])) {
    if (text[reader.at] !== '\\') {
      const character = String.fromCodePoint(text.codePointAt(reader.at) ?? 0);
      if (character === '"') throw new Error(`DN "${text}": unescaped " at character ${reader.at + 1}`);
      bytes.push(...encoder.encode(character));
      reader.at += character.length;
      if (character !== ' ') kept = bytes.length;
      continue;
    }
    const pair = /^[0-9A-Fa-f]{2}/.exec(text.slice(reader.at + 1, reader.at + 3));
    const single = text[reader.at + 1];
    if (pair) bytes.push(Number.parseInt(pair[0], 16));
    else if (single !== undefined && ' "#+,;<=>\\'.includes(single)) bytes.push(single.charCodeAt(0));
    else throw new Error(`DN "${text}": bad escape at character ${reader.at + 1}`);
    reader.at += pair ? 3 : 2;
    kept = bytes.length;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes.slice(0, kept)));
}

/** Writes a DN; `parseDn` reads back the same. */
export function formatDn(dn: Dn): string {
  return dn
    .map((rdn) =>
      rdn.map((ava) => `${ava.attribute}=${ava.hex ? ava.value : escapeValue(ava.value)}`).join('+'),
    )
    .join(',');
}

/** Escapes one attribute value for use in a DN (RFC 4514, 2.4). */
export function escapeValue(value: string): string {
  return value
    .replace(/[\\"+,;<>=]/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/^[ #]/, '\\$&')
    .replace(/(?<!\\) $/, '\\ ');
}

/** A text equal for equal names: lower case, single spaces, the pairs of a multi-valued RDN sorted. */
export function normaliseDn(text: string): string {
  const dn = parseDn(text).map((rdn) =>
    rdn
      .map((ava) => ({
        ...ava,
        attribute: ava.attribute.toLowerCase().replace(/^oid\./, ''),
        value: fold(ava.value),
      }))
      .sort((a, b) => compareText(`${a.attribute}=${a.value}`, `${b.attribute}=${b.value}`)),
  );
  return formatDn(dn);
}

function fold(value: string): string {
  return value.normalize('NFKC').toLowerCase().replace(/ +/g, ' ').trim();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Do both name the same entry? False when one of them is no DN at all. */
export function sameDn(a: string, b: string): boolean {
  try {
    return normaliseDn(a) === normaliseDn(b);
  } catch {
    return false;
  }
}

/** The DN one level up; `''` for a one-RDN name, undefined for the root. */
export function parentDn(text: string): string | undefined {
  const dn = parseDn(text);
  return dn.length === 0 ? undefined : formatDn(dn.slice(1));
}

/** The name of an entry right below another; that below the root, `''`, is the RDN alone. */
export function childDn(rdn: string, parent: string): string {
  return parent === '' ? rdn : `${rdn},${parent}`;
}

/** Is `dn` at or below `ancestor`? */
export function isUnder(dn: string, ancestor: string): boolean {
  const below = parseDn(normaliseDn(dn));
  const above = parseDn(normaliseDn(ancestor));
  return formatDn(below.slice(Math.max(0, below.length - above.length))) === formatDn(above);
}
