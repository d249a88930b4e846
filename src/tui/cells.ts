/** Text by the cells it takes on a terminal: wide letters take two, combining marks none. */
import stringWidth from 'string-width';
import type { Row, Span, Tone } from './screen.ts';

/** ASCII, box drawing, blocks, Braille, and the signs of ours: one cell each, without a closer look. */
const SINGLE = /^[\u0020-\u007e·…↑↓←→─│┌┐└┘├┤█░▐▌▶▸▾›⚑✔✚✘↯∅○●\u2800-\u28ff]*$/;

/** What a terminal would obey, or shows in ways of its own: controls, marks of direction, what has no width. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const graphemes = new Intl.Segmenter();

/** Cells of a text without control characters. */
export function widthOf(text: string): number {
  return SINGLE.test(text) ? text.length : stringWidth(text);
}

/** A last door: whatever came this far, no control character passes. */
export function clean(text: string): string {
  if (SINGLE.test(text)) return text;
  return text.replaceAll('\t', '    ').replaceAll('\n', ' ').replaceAll(UNSHOWN, '\ufffd');
}

/** At most so many cells; `…` stands for what was cut. */
export function cut(text: string, cells: number): string {
  if (cells <= 0) return '';
  if (widthOf(text) <= cells) return text;
  if (SINGLE.test(text)) return `${text.slice(0, cells - 1)}…`;
  let kept = '';
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    const width = widthOf(segment);
    if (taken + width > cells - 1) break;
    kept += segment;
    taken += width;
  }
  // Some clusters are wider together than one by one.
  while (widthOf(kept) > cells - 1) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** Exactly so many cells. */
export function pad(text: string, cells: number): string {
  const short = cut(text, cells);
  return short + ' '.repeat(Math.max(0, cells - widthOf(short)));
}

export function padStart(text: string, cells: number): string {
  const short = cut(text, cells);
  return ' '.repeat(Math.max(0, cells - widthOf(short))) + short;
}

/** Lines of at most so many cells, broken between words where that is possible. Never more than `most`. */
export function wrap(text: string, cells: number, most = Number.POSITIVE_INFINITY): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of clean(paragraph).trimEnd().split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && widthOf(longer) > cells) {
        lines.push(line);
        line = word;
      } else line = longer;
      while (widthOf(line) > cells) {
        const head = headOf(line, cells);
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    lines.push(line);
    if (lines.length > most) break;
  }
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  return [...kept.slice(0, -1), cut(`${kept.at(-1) ?? ''} …`, cells)];
}

/** As much from the front as fits, and at least one letter, so that there is an end to it. */
function headOf(text: string, cells: number): string {
  let head = '';
  for (const { segment } of graphemes.segment(text)) {
    if (head !== '' && widthOf(head + segment) > cells) break;
    head += segment;
  }
  return head;
}

export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** The row without anything a terminal would obey, and not wider than that. */
export function narrow(row: Row, cells: number): Row {
  const kept: Span[] = [];
  let left = cells;
  for (const span of row) {
    if (left <= 0) break;
    const text = cut(clean(span.text), left);
    if (text === '') continue;
    kept.push(span.tone ? { text, tone: span.tone } : { text });
    left -= widthOf(text);
  }
  return kept;
}

/** Exactly that wide, so that what stands to the right of it is aligned. */
export function fill(row: Row, cells: number): Row {
  const short = narrow(row, cells);
  const rest = cells - rowWidth(short);
  return rest > 0 ? [...short, { text: ' '.repeat(rest) }] : short;
}

/** `left` at the left edge and `right` at the right one; `left` gives way. */
export function spread(left: Row, right: Row, cells: number): Row {
  const room = cells - rowWidth(right);
  return room < 4 ? narrow(left, cells) : [...fill(left, room), ...right];
}

export function span(text: string, tone?: Tone): Span {
  return tone ? { text, tone } : { text };
}
