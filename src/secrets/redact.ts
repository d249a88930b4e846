/** Replaces known secrets in text by their names, before anything is stored or drawn. */
import { formsOf } from './redact-forms.ts';
import type { Secret } from './secret.ts';

export interface Redactor {
  /** From now on this secret's value, and its usual encodings, become `[name]`. Values under 4 characters are left. */
  add(secret: Secret): void;
  text(text: string): string;
  /** For output that comes in chunks: a secret cut by a chunk's end is still found. */
  stream(): RedactedStream;
}

export interface RedactedStream {
  /** Gives back what is settled; holds back only an end that may be the beginning of a secret. */
  push(chunk: string): string;
  /** The rest. */
  end(): string;
}

interface Form {
  readonly text: string;
  readonly name: string;
}

interface Span {
  readonly start: number;
  end: number;
  readonly name: string;
}

/** Forms are looked up by their first characters. */
const KEY = 4;

export function createRedactor(): Redactor {
  const byKey = new Map<string, Form[]>();
  // A first sieve: one bit for a hash of each key, so that a position without a secret costs one look.
  const sieve = new Uint8Array(1 << 16);
  const known = new Set<string>();
  let longest = 0;

  const find = (text: string, base: (at: number) => number, spans: Span[]): void => {
    for (let at = 0; at + KEY <= text.length; at += 1) {
      if (sieve[hashAt(text, at)] === 0) continue;
      const form = byKey.get(text.slice(at, at + KEY))?.find((each) => text.startsWith(each.text, at));
      if (form) spans.push({ start: base(at), end: base(at + form.text.length - 1) + 1, name: form.name });
    }
  };
  const spansOf = (text: string): Span[] => {
    if (byKey.size === 0) return [];
    const spans: Span[] = [];
    find(text, (at) => at, spans);
    if (text.includes('\n ')) {
      const { flat, origin } = unfold(text);
      find(flat, (at) => origin[at] ?? at, spans);
    }
    return merged(spans);
  };
  /** Where the end begins that may grow into a secret; the text's length when there is none. */
  const openFrom = (text: string): number => {
    for (
      let at = Math.max(0, text.length - longest - Math.ceil(longest / 8) - 4);
      at < text.length;
      at += 1
    ) {
      const tail = unfold(text.slice(at)).flat.replace(/\r?\n?$/, '');
      if (tail !== '' && mayGrow(byKey, tail)) return at;
    }
    return text.length;
  };

  return {
    add(secret) {
      for (const text of formsOf(secret.reveal())) {
        if (known.has(text)) continue;
        known.add(text);
        longest = Math.max(longest, text.length);
        const key = text.slice(0, KEY);
        sieve[hashAt(text, 0)] = 1;
        const forms = [...(byKey.get(key) ?? []), { text, name: secret.name }];
        byKey.set(
          key,
          forms.sort((a, b) => b.text.length - a.text.length),
        );
      }
    },
    text: (text) => replaceSpans(text, spansOf(text), text.length),
    stream() {
      let pending = '';
      return {
        push(chunk) {
          pending += chunk;
          const spans = spansOf(pending);
          let cut = openFrom(pending);
          for (const span of spans) if (span.start < cut && span.end > cut) cut = span.start;
          const settled = replaceSpans(pending, spans, cut);
          pending = pending.slice(cut);
          return settled;
        },
        end() {
          const rest = replaceSpans(pending, spansOf(pending), pending.length);
          pending = '';
          return rest;
        },
      };
    },
  };
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + KEY; index += 1) hash = (hash * 31 + text.charCodeAt(index)) & 0xffff;
  return hash;
}

function mayGrow(byKey: ReadonlyMap<string, readonly Form[]>, tail: string): boolean {
  if (tail.length >= KEY) {
    const forms = byKey.get(tail.slice(0, KEY));
    return forms?.some((form) => form.text.length > tail.length && form.text.startsWith(tail)) ?? false;
  }
  for (const key of byKey.keys()) if (key.startsWith(tail)) return true;
  return false;
}

/** LDIF folds long lines with a line end and one blank (RFC 2849); `origin` maps the flat text back. */
function unfold(text: string): { readonly flat: string; readonly origin: readonly number[] } {
  const pieces: string[] = [];
  const origin: number[] = [];
  let from = 0;
  const take = (to: number): void => {
    pieces.push(text.slice(from, to));
    for (let at = from; at < to; at += 1) origin.push(at);
  };
  for (const fold of text.matchAll(/\r?\n /g)) {
    take(fold.index);
    from = fold.index + fold[0].length;
  }
  take(text.length);
  return { flat: pieces.join(''), origin };
}

/** Sorted, overlapping ones joined: no part of either secret stays. */
function merged(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = joined.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}

/** The text up to `end`, each span before it replaced by its name. */
function replaceSpans(text: string, spans: readonly Span[], end: number): string {
  let result = '';
  let from = 0;
  for (const span of spans) {
    if (span.end > end) break;
    result += `${text.slice(from, span.start)}[${span.name}]`;
    from = span.end;
  }
  return result + text.slice(from, end);
}
