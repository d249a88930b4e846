/**
 * Python literals, since Ansible reads INI values with `ast.literal_eval` and keeps what is no literal as a string:
 * `389` is a number, `True` a boolean, `true` a string, `[1, 2]` a list, `'a' # comment` is `a`.
 */
import type { Value } from '../engine/value.ts';

/** The value of an INI assignment's right side. Integers beyond 2^53 stay strings: they would lose digits. */
export function pythonLiteral(text: string): Value {
  const reader = new Reader(text);
  const value = reader.value(0);
  return value !== undefined && reader.atEnd() ? value : text;
}

const NUMBER = /(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d+(?:_\d+)*)?\.?\d*(?:[eE][+-]?\d+)?)/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  value(depth: number): Value | undefined {
    this.#skip();
    const char = this.#text[this.#at] ?? '';
    if (depth > 50) return undefined;
    if (char === '[') return this.#list(']', depth);
    if (char === '(') return this.#list(')', depth);
    if (char === '{') return this.#map(depth);
    if (char === '"' || char === "'") return this.#strings();
    if (/[uUrR]/.test(char) && /['"]/.test(this.#text[this.#at + 1] ?? '')) {
      this.#at += 1;
      return this.#string(/[rR]/.test(char));
    }
    if (/[0-9.+-]/.test(char)) return this.#number();
    for (const [word, value] of [
      ['True', true],
      ['False', false],
      ['None', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at) && !/\w/.test(this.#text[this.#at + word.length] ?? '')) {
        this.#at += word.length;
        return value;
      }
    }
    return undefined;
  }

  #skip(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    if (this.#text[this.#at] === '#' && this.#at > 0) this.#at = this.#text.length;
  }

  #take(char: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #list(end: string, depth: number): Value | undefined {
    this.#at += 1;
    const items: Value[] = [];
    while (!this.#take(end)) {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#take(',')) continue;
      if (!this.#take(end)) return undefined;
      // (1) is a number in brackets, not a tuple.
      return end === ')' && items.length === 1 ? item : items;
    }
    return items;
  }

  #map(depth: number): Value | undefined {
    this.#at += 1;
    const entries: [string, Value][] = [];
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (key === undefined || typeof key === 'object' || !this.#take(':')) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      entries.push([String(key), value]);
      if (!this.#take(',') && this.#text[this.#at] !== '}') return undefined;
    }
    return Object.fromEntries(entries);
  }

  #number(): Value | undefined {
    const sign = /[+-]/.test(this.#text[this.#at] ?? '') ? this.#text[this.#at] : '';
    if (sign) this.#at += 1;
    this.#skip();
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0] ?? '';
    const whole = /^[\d_]+$/.test(digits);
    // 0644 is a syntax error in Python 3, so it stays a string; 00 is zero.
    if (!/\d/.test(digits) || (whole && /^0\d*[1-9]/.test(digits.replaceAll('_', '')))) return undefined;
    this.#at += digits.length;
    if (/[\w.]/.test(this.#text[this.#at] ?? '')) return undefined;
    const value = Number(digits.replaceAll('_', ''));
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return undefined;
    return sign === '-' ? -value : value;
  }

  #strings(): string | undefined {
    let text = this.#string(false);
    for (this.#skip(); text !== undefined && /['"]/.test(this.#text[this.#at] ?? ''); this.#skip()) {
      const more = this.#string(false);
      text = more === undefined ? undefined : text + more;
    }
    return text;
  }

  #string(raw: boolean): string | undefined {
    const quote = this.#text[this.#at] ?? '';
    let text = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] ?? '';
      if (char === quote) {
        this.#at += 1;
        return text;
      }
      if (char === '\\' && !raw) {
        this.#at += 1;
        const next = this.#text[this.#at] ?? '';
        const hex = next === 'x' ? /^[0-9a-fA-F]{2}/.exec(this.#text.slice(this.#at + 1))?.[0] : undefined;
        if (hex !== undefined) this.#at += 2;
        text +=
          hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[next] ?? `\\${next}`);
      } else text += char;
    }
    return undefined;
  }
}
