/** A frame around what lies over the lower third; without room for one, only what is in it. */
import { cut, fill, widthOf } from '../cells.ts';
import type { Frame, Row, Tone } from '../screen.ts';

export interface Boxed {
  readonly title: string;
  readonly right?: string;
  readonly tone: Tone;
  /** Most important last, where the room is short: what may be pressed. */
  readonly rows: Frame;
  /** Rows from the end that must be seen whatever is not. */
  readonly keep: number;
}

/** Cells inside of a box that is so wide. */
export function insideOf(columns: number): number {
  return columns < 24 ? columns : columns - 4;
}

/** At most `most` rows. */
export function boxRows(
  { title, right = '', tone, rows, keep }: Boxed,
  columns: number,
  most: number,
): Frame {
  if (most <= 0) return [];
  const bare = most < 4 || columns < 24;
  const room = bare ? most : most - 2;
  const kept = rows.length <= room ? rows : squeezed(rows, room, keep);
  if (bare) return kept.map((row) => fill(row, columns));
  return [
    edge('┌', '┐', columns, tone, title, right),
    ...kept.map((row) => side(row, columns, tone)),
    edge('└', '┘', columns, tone),
  ];
}

/** The first rows and the last ones; what is left out is out of the middle. */
function squeezed(rows: Frame, room: number, keep: number): Frame {
  const kept = rows.slice(rows.length - Math.min(keep, rows.length)).slice(0, room);
  return [...rows.slice(0, room - kept.length), ...kept];
}

function side(row: Row, columns: number, tone: Tone): Row {
  return [{ text: '│ ', tone }, ...fill(row, columns - 4), { text: ' │', tone }];
}

function edge(begin: string, end: string, columns: number, tone: Tone, title = '', right = ''): Row {
  const room = columns - 6;
  const name = title === '' ? '' : ` ${cut(title, room)} `;
  const rest = columns - 4 - widthOf(name);
  const tail = right !== '' && widthOf(right) + 4 <= rest ? ` ${right} ` : '';
  const line = '─'.repeat(Math.max(0, columns - 4 - widthOf(name) - widthOf(tail)));
  return [
    { text: `${begin}─`, tone },
    { text: name, tone: 'bold' },
    { text: line, tone },
    { text: tail, tone },
    { text: `─${end}`, tone },
  ];
}
