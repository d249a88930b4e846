/** A text cut at its `${{ … }}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'expression';
      /** Without the braces, trimmed. */
      readonly text: string;
      /** Of the first character of `text`, in the whole. */
      readonly offset: number;
    }
  | { readonly kind: 'unclosed'; readonly offset: number };

const cache = new Map<string, readonly Piece[]>();

/** Cuts a text into pieces. `}}` inside a string or a map literal of the expression does not end it. */
export function pieces(text: string): readonly Piece[] {
  let found = cache.get(text);
  if (found === undefined) {
    found = cut(text);
    if (cache.size > 20_000) cache.clear();
    cache.set(text, found);
  }
  return found;
}

/** The expression, if the text is one whole expression and nothing else. */
export function wholeExpression(text: string): string | undefined {
  const [only, more] = pieces(text);
  return more === undefined && only?.kind === 'expression' ? only.text : undefined;
}

/** The expression of a field that holds one (`when`, `until`), with or without its braces. */
export function bareExpression(text: string): string {
  return text.includes('${{') ? (wholeExpression(text) ?? text) : text.trim();
}

/** A field that holds one expression, cut the same way. */
export function barePieces(text: string): readonly Piece[] {
  if (text.includes('${{')) return pieces(text.trimEnd()).filter((piece) => !isBlank(piece));
  return [{ kind: 'expression', text: text.trim(), offset: text.length - text.trimStart().length }];
}

function isBlank(piece: Piece): boolean {
  return piece.kind === 'text' && piece.text.trim() === '';
}

function cut(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('${{', from);
    if (open < 0) break;
    const close = endOf(text, open + 3);
    if (close < 0) {
      if (open > from) found.push({ kind: 'text', text: text.slice(from, open) });
      found.push({ kind: 'unclosed', offset: open });
      return found;
    }
    if (open > from) found.push({ kind: 'text', text: text.slice(from, open) });
    const inner = text.slice(open + 3, close);
    const offset = open + 3 + (inner.length - inner.trimStart().length);
    found.push({ kind: 'expression', text: inner.trim(), offset });
    from = close + 2;
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}

/** Index of the `}}` that ends an expression starting at `from`, or -1. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"' || letter === "'") {
      at = endOfString(text, at, letter);
      if (at < 0) return -1;
    } else if (letter === '{') depth++;
    else if (letter === '}' && depth > 0) depth--;
    else if (letter === '}' && text[at + 1] === '}') return at;
  }
  return -1;
}

function endOfString(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}
