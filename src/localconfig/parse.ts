/**
 * localconfig.xml as its products write it. Strict: what is not understood is refused with its line, since the same
 * reading serves a change, and the tools that read the file after it have other parsers. Pure.
 */

/** Offsets count UTF-16 units of the text, as strings do. */
export interface LocalconfigKey {
  readonly name: string;
  readonly value: string;
  /** From `<key` to behind `</key>`. */
  readonly start: number;
  readonly end: number;
  /** From `<value` to behind `</value>`. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface Localconfig {
  /** In the order in which they stand; each name once. */
  readonly keys: readonly LocalconfigKey[];
  /** Where `</localconfig>` begins. */
  readonly close: number;
}

/** What about the text is not understood. Holds no value of it. */
export class LocalconfigSyntax extends Error {
  override readonly name = 'LocalconfigSyntax';
  /** From 1. */
  readonly line: number;

  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
    this.line = line;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Throws LocalconfigSyntax. */
export function parseLocalconfig(text: string): Localconfig {
  return new Reader(text).document();
}

/** A value or a name as text of the file. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[one] ?? '&quot;');
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Localconfig {
    const encoding =
      this.#take(/<\?xml\s[^?]*\?>/y)?.[0].match(/encoding\s*=\s*["']([^"']*)/)?.[1] ?? 'UTF-8';
    if (!/^(utf-8|us-ascii)$/i.test(encoding))
      this.#refuse(`encoding ${encoding}, where UTF-8 is expected`, 0);
    this.#blanks();
    this.#must(/<localconfig\s*>/y, '<localconfig>');
    const keys = new Map<string, LocalconfigKey>();
    for (this.#blanks(); !this.#sees(/<\/localconfig\s*>/y); this.#blanks()) {
      const key = this.#key();
      if (keys.has(key.name)) this.#refuse(`key ${key.name} stands there a second time`, key.start);
      keys.set(key.name, key);
    }
    const close = this.#at;
    this.#must(/<\/localconfig\s*>/y, '</localconfig>');
    this.#blanks();
    if (this.#at < this.#text.length) this.#refuse('something stands behind </localconfig>');
    return { keys: [...keys.values()], close };
  }

  #key(): LocalconfigKey {
    const start = this.#at;
    const [, double, single] = this.#must(
      /<key\s+name\s*=\s*(?:"([^"<]*)"|'([^'<]*)')\s*>/y,
      '<key name="…">',
    );
    const name = this.#unescape(double ?? single ?? '', start);
    this.#blanks();
    const valueStart = this.#at;
    const value = this.#value();
    const valueEnd = this.#at;
    this.#blanks();
    this.#must(/<\/key\s*>/y, '</key>');
    return { name, value, start, end: this.#at, valueStart, valueEnd };
  }

  #value(): string {
    if (this.#take(/<value\s*\/>/y)) return '';
    const start = this.#at;
    const [, raw = ''] = this.#must(/<value\s*>([^<]*)<\/value\s*>/y, '<value>…</value> with text only');
    return this.#unescape(raw, start);
  }

  #unescape(raw: string, at: number): string {
    return raw.replace(/&([^;&\s]*)(;?)/g, (whole, word: string, end: string) => {
      if (end === '') return this.#refuse('& that begins no entity', at);
      const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(word) ?? [];
      const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
      if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
      return (
        (Object.hasOwn(ENTITIES, word) ? ENTITIES[word] : undefined) ?? this.#refuse(`entity ${whole}`, at)
      );
    });
  }

  /** White space and comments. */
  #blanks(): void {
    while (this.#take(/\s+|<!--(?:(?!--)[\s\S])*-->/y));
  }

  #sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found ?? undefined;
  }

  #must(pattern: RegExp, what: string): RegExpExecArray {
    return this.#take(pattern) ?? this.#refuse(`${what} is expected here`);
  }

  #refuse(what: string, at = this.#at): never {
    throw new LocalconfigSyntax(this.#text.slice(0, at).split('\n').length, what);
  }
}
