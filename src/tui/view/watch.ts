/** A report that is made again and again, as high as the screen, to be scrolled. */
import { asciiRow } from '../ascii.ts';
import { fill, narrow } from '../cells.ts';
import type { Frame, Row, Size } from '../screen.ts';
import { keyRow } from './list.ts';

export interface Watched {
  readonly rows: readonly Row[];
  /** First row that is shown, as far as there are so many. */
  readonly scroll: number;
  /** `next look in 3 s`; why the last one failed. */
  readonly said: Row;
}

const KEYS = keyRow([
  ['↑↓', 'scroll'],
  ['r', 'look now'],
  ['q', 'leave'],
]);

/** At most `rows - 1` rows, none wider than the columns. */
export function watchView({ rows, scroll, said }: Watched, size: Size, unicode: boolean): Frame {
  const columns = Math.max(1, size.columns);
  const room = Math.max(1, size.rows - 2);
  const from = Math.max(0, Math.min(scroll, rows.length - room));
  const shown = rows.slice(from, from + room);
  const blank = Array.from({ length: room - shown.length }, (): Row => []);
  const below = rows.length - from - shown.length;
  const more: Row = below > 0 ? [{ text: `  ${below} more below`, tone: 'dim' }] : [];
  const foot = [...fill(KEYS, Math.min(columns, 34)), ...said, ...more];
  const frame = [...shown, ...blank, foot].map((row) => narrow(row, columns));
  return unicode ? frame : frame.map(asciiRow);
}

/** Where a key leads among so many rows. */
export function scrollBy(scroll: number, rows: number, key: string): number {
  const by = { up: -1, k: -1, down: 1, j: 1, pageup: -10, pagedown: 10, home: -rows, end: rows }[key] ?? 0;
  return Math.max(0, Math.min(rows - 1, scroll + by));
}
