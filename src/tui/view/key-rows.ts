/** Keys with their words. */
import { widthOf } from '../cells.ts';
import { keysNow } from '../keys.ts';
import type { Frame, Row, Screen, Span } from '../screen.ts';

/** What a panel offers; only the most needed where all of it would take more than `most` rows. */
export function offerRows(screen: Screen, cells: number, most: number, begin = ''): Frame {
  const offers = keysNow(screen, 'offer');
  const all = layRows([...offers, ...keysNow(screen, 'more')], cells, begin);
  return all.length <= most ? all : layRows(offers, cells, '');
}

function layRows(keys: ReturnType<typeof keysNow>, cells: number, begin: string): Frame {
  const rows: Span[][] = [];
  let taken = 0;
  const put = (spans: readonly Span[]): void => {
    const width = spans.reduce((sum, { text }) => sum + widthOf(text), 0);
    const row = rows.at(-1);
    if (row && taken + 3 + width <= cells) {
      row.push({ text: '   ' }, ...spans);
      taken += 3 + width;
    } else {
      rows.push([...spans]);
      taken = width;
    }
  };
  if (begin !== '') put([{ text: begin }]);
  for (const { shown, short } of keys) put([{ text: shown, tone: 'bold' }, { text: ` ${short}` }]);
  return rows;
}

/** The foot of the screen: the keys that count now, as far as they fit, and what was said last. */
export function footRow(screen: Screen, columns: number): Row {
  const { look, holding, run, readOnly } = screen;
  const right = look.said ?? standing(screen);
  const tone = look.said === undefined ? 'dim' : 'warn';
  const room = columns - (right === '' ? 1 : Math.min(widthOf(right), Math.floor(columns * 0.6)) + 4);
  const row: Span[] = [{ text: ' ' }];
  let taken = 1;
  const keys = keysNow(screen, 'foot');
  // The help leads to all others, so it is the last to go.
  const help = keys.filter(({ shown }) => shown === '?');
  const order = [...keys.filter(({ shown }) => shown !== '?')];
  const reserve = help.reduce((sum, one) => sum + widthOf(one.shown) + widthOf(one.short) + 3, 0);
  for (const { shown, short } of order) {
    const width = widthOf(shown) + widthOf(short) + 3;
    if (taken + width > room - reserve) break;
    row.push({ text: shown, tone: 'bold' }, { text: ` ${short}  `, tone: 'dim' });
    taken += width;
  }
  for (const { shown, short } of help)
    if (taken + reserve <= columns) {
      row.push({ text: shown, tone: 'bold' }, { text: ` ${short}  `, tone: 'dim' });
      taken += reserve;
    }
  if (right === '' || columns - taken < 12) return row;
  const gap = Math.max(0, columns - 1 - taken - widthOf(right));
  return [
    ...row,
    { text: ' '.repeat(gap) },
    { text: right, tone: holding && !run.held && !readOnly ? 'warn' : tone },
  ];
}

function standing({ run, holding, readOnly }: Screen): string {
  const open = Object.keys(run.questions).length;
  if (readOnly) return 'watched only: nothing here commands the run';
  if (run.done || run.held) return '';
  if (holding) return 'holding as soon as what is under way has ended';
  if (run.stopping) return 'stopping as soon as what is under way has ended';
  return open > 0 ? `${open} question${open === 1 ? '' : 's'} open` : '';
}
