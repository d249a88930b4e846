/** A text as it is, and as it was before its lines were folded or wrapped; each position maps back. Pure. */

export interface View {
  readonly text: string;
  /** The position in the original text. */
  origin(at: number): number;
  /** What is shorter and runs over a line end is chance. */
  readonly shortest: number;
}

/** Base64 wrapped by `base64` or `openssl`; a short form would be found across the lines of a list. */
const SHORTEST_WRAPPED = 8;

export function viewsOf(text: string): readonly View[] {
  const plain = plainView(text);
  if (!text.includes('\n')) return [plain];
  // LDIF folds with a line end and one blank (RFC 2849), which is no part of the value; others wrap, and may indent.
  const wrapped = without(text, /\r?\n[ \t]*/g, SHORTEST_WRAPPED);
  return text.includes('\n ') ? [plain, without(text, /\r?\n /g, 0), wrapped] : [plain, wrapped];
}

function plainView(text: string): View {
  return { text, origin: (at) => at, shortest: 0 };
}

function without(text: string, folds: RegExp, shortest: number): View {
  const pieces: string[] = [];
  /** Where each piece begins, in the view and in the text. */
  const here: number[] = [];
  const there: number[] = [];
  let from = 0;
  let length = 0;
  const take = (to: number): void => {
    if (to === from) return;
    pieces.push(text.slice(from, to));
    here.push(length);
    there.push(from);
    length += to - from;
  };
  for (const fold of text.matchAll(folds)) {
    take(fold.index);
    from = fold.index + fold[0].length;
  }
  take(text.length);
  return {
    text: pieces.join(''),
    shortest,
    origin(at) {
      let [low, high] = [0, here.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((here[middle] ?? 0) <= at) low = middle;
        else high = middle - 1;
      }
      return (there[low] ?? 0) + at - (here[low] ?? 0);
    },
  };
}
