/** A list that is browsed: one row is chosen, and the window goes with it. */
import { asciiRow } from '../ascii.ts';
import { fill, narrow } from '../cells.ts';
import type { Frame, Row, Size } from '../screen.ts';
import { ruleRow } from './header.ts';

export interface Listed {
  readonly head: Frame;
  readonly rows: Frame;
  readonly chosen: number;
  readonly foot: Row;
}

/** At most `rows - 1` rows, none wider than the columns. */
export function listView({ head, rows: all, chosen, foot }: Listed, size: Size, unicode: boolean): Frame {
  const columns = Math.max(1, size.columns);
  const rows = Math.max(1, size.rows - 1);
  const top = head.slice(0, rows < 8 ? 1 : head.length);
  const rules = rows >= 10;
  const room = Math.max(0, rows - top.length - 1 - (rules ? 2 : 0));
  const from = Math.max(0, Math.min(chosen - Math.floor(room / 2), all.length - room));
  const shown = all.slice(from, from + room).map((row, index): Row => {
    const here = from + index === chosen;
    return [{ text: here ? '›' : ' ', tone: 'bold' }, ...row];
  });
  const blank = Array.from({ length: room - shown.length }, (): Row => []);
  const rule = rules ? [ruleRow(columns)] : [];
  const frame = [...top, ...rule, ...shown, ...blank, ...rule, footed(foot, all.length, from, room, columns)];
  const cut = frame.slice(0, rows).map((row) => narrow(row, columns));
  return unicode ? cut : cut.map(asciiRow);
}

function footed(foot: Row, count: number, from: number, room: number, columns: number): Row {
  if (count <= room || columns < 40) return foot;
  const right = `${from + 1} to ${Math.min(count, from + room)} of ${count} `;
  return [...fill(foot, columns - right.length), { text: right, tone: 'dim' }];
}

export function keyRow(keys: readonly (readonly [string, string])[]): Row {
  return keys.flatMap(
    ([shown, does], index): Row => [
      { text: index === 0 ? ' ' : '  ' },
      { text: shown, tone: 'bold' },
      { text: ` ${does}`, tone: 'dim' },
    ],
  );
}

/** Where a key leads in a list of so many rows. */
export function listMove(at: number, count: number, key: string): number {
  const by = { up: -1, k: -1, down: 1, j: 1, pageup: -10, pagedown: 10, home: -count, end: count }[key] ?? 0;
  return Math.max(0, Math.min(count - 1, at + by));
}
