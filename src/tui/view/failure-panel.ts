/** Why a task did not end well: the fact, its last words, the next move, and what may be done from here. */
import { tame } from '../../reporters/style.ts';
import { clean, wrap } from '../cells.ts';
import { taskOf, titleOf } from '../places.ts';
import type { Frame, Row, Screen } from '../screen.ts';
import { SIGNS } from '../signs.ts';
import type { Boxed } from './box.ts';
import { offerRows } from './key-rows.ts';
import { paragraph } from './question-panel.ts';

export function failureBox(screen: Screen, id: string, cells: number, rows: number): Boxed {
  const { run, stories } = screen;
  const found = taskOf(run, id);
  const state = found?.task.state;
  if (!found || state?.status !== 'ended') return { title: id, tone: 'bad', rows: [], keep: 0 };
  const offers = offerRows(screen, cells, Math.ceil(rows / 3));
  const what = paragraph(
    state.why?.what ?? 'it did not say why',
    cells,
    Math.max(1, Math.min(3, rows - offers.length - 1)),
  );
  const next: Frame = state.why?.next
    ? wrap(`next: ${tame(state.why.next)}`, cells, rows < 6 ? 1 : 2).map(
        (line): Row => [{ text: line, tone: 'warn' }],
      )
    : [];
  const tail = state.why?.tail ?? stories[id]?.output.map(({ text }) => text) ?? [];
  const room = Math.max(0, rows - offers.length - what.length - next.length);
  const last =
    room === 0 ? [] : tail.slice(-room).map((line): Row => [{ text: `│ ${clean(tame(line))}`, tone: 'dim' }]);
  return {
    title: titleOf(run, id),
    right: SIGNS[state.outcome].words,
    tone: 'bad',
    rows: [...what, ...last, ...next, ...offers],
    keep: offers.length,
  };
}
