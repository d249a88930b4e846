/** Replaces known secrets in text by their names, before anything is stored or drawn. */
import { type View, viewsOf } from './folded-views.ts';
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

  const find = (view: View, spans: Span[]): void => {
    const { text, shortest } = view;
    for (let at = 0; at + KEY <= text.length; at += 1) {
      if (sieve[hashAt(text, at)] === 0) continue;
      const form = byKey.get(text.slice(at, at + KEY))?.find((each) => text.startsWith(each.text, at));
      if (!form || form.text.length < shortest) continue;
      const end = view.origin(at + form.text.length - 1) + 1;
      spans.push({ start: view.origin(at), end, name: form.name });
    }
  };
  const spansOf = (text: string): Span[] => {
    if (byKey.size === 0) return [];
    const spans: Span[] = [];
    for (const view of viewsOf(text)) find(view, spans);
    return merged(spans);
  };
  /** Where the end of a view begins that may grow into a secret; its length when there is none. */
  const growsFrom = ({ text }: View): number => {
    for (let at = 0; at < text.length; at += 1) {
      const short = at + KEY > text.length;
      if (!short && sieve[hashAt(text, at)] === 0) continue;
      if (mayGrow(byKey, text.slice(at))) return at;
    }
    return text.length;
  };
  const openFrom = (text: string): number => {
    if (byKey.size === 0) return text.length;
    // Twice the longest, for the line ends that a folded one has in it.
    const from = Math.max(0, text.length - 2 * longest - 64);
    const tail = text.slice(from);
    let open = tail.length;
    // A line end may turn out to be a fold when its blank comes.
    const folded = `${tail.replace(/\r?\n?$/, '')}\n `;
    for (const view of [...viewsOf(tail), ...viewsOf(folded)]) {
      const at = growsFrom(view);
      if (at < view.text.length) open = Math.min(open, view.origin(at));
    }
    return from + open;
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
