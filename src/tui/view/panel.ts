/** What lies over the lower part of the screen. */
import { clean, cut, widthOf, wrap } from '../cells.ts';
import type { Frame, Panel, Row, Screen } from '../screen.ts';
import { type Boxed, boxRows, insideOf } from './box.ts';
import { failureBox } from './failure-panel.ts';
import { offerRows } from './key-rows.ts';
import { diffBox, helpBox, outputBox } from './lines-panel.ts';
import { stepLines } from './matrix.ts';
import { doubtBox, questionBox } from './question-panel.ts';
import { summaryBox } from './summary-panel.ts';

/** Rows of the panel on top, of `room` that it shares with the steps, on a screen of `rows`. */
export function panelRows(screen: Screen, columns: number, room: number, rows: number): Frame {
  const top = screen.look.panels.at(-1);
  const { run } = screen;
  if (!top && !run.held && !run.done) return [];
  const cells = insideOf(columns);
  const most = mostOf(screen, top, room, rows);
  // What a box takes for itself, where there is room for one.
  const inside = Math.max(1, most < 4 || columns < 24 ? most : most - 2);
  const boxed = top ? boxOf(screen, top, cells, inside) : summaryBox(screen, cells);
  return boxed ? boxRows(boxed, columns, most) : [];
}

/** A third for what is asked, and more where the steps leave room or it takes two diffs; what is read through leaves some steps. */
function mostOf({ run }: Screen, top: Panel | undefined, room: number, rows: number): number {
  const free = room - (room > 9 ? 3 : room > 4 ? 2 : 1);
  const isRead = top && ['output', 'diff', 'help'].includes(top.kind);
  if (isRead) return Math.max(1, free);
  const both = top?.kind === 'question' && run.questions[top.id]?.was !== undefined ? 4 : 0;
  const spare = Math.min(room - stepLines(run), Math.floor(rows / 2));
  return Math.max(1, Math.min(free, Math.max(8, Math.floor(rows / 3), spare) + both));
}

function boxOf(screen: Screen, top: Panel, cells: number, rows: number): Boxed | undefined {
  switch (top.kind) {
    case 'question': {
      const question = screen.run.questions[top.id];
      return question && questionBox(screen, question, cells, rows);
    }
    case 'doubt':
      return doubtBox(screen, top.task, cells, rows);
    case 'failure':
      return failureBox(screen, top.task, cells, rows);
    case 'diff':
      return diffBox(screen, top.task, rows);
    case 'output':
      return outputBox(screen, top, rows);
    case 'help':
      return helpBox(screen, rows);
    case 'typing':
      return typingBox(screen, top, cells);
    case 'sure':
      return sureBox(screen, top.text, cells);
  }
}

/** The end of the line is where it is typed. */
function typingBox(
  { look }: Screen,
  { prompt, text }: Extract<Panel, { kind: 'typing' }>,
  cells: number,
): Boxed {
  const line = clean(text);
  let shown = line;
  while (widthOf(shown) > cells - 3) shown = shown.slice(1);
  const row: Row = [{ text: '› ', tone: 'dim' }, { text: shown }, { text: ' ', tone: 'chosen' }];
  const said = look.said === undefined ? [] : [[{ text: look.said, tone: 'warn' as const }]];
  const keys = 'enter takes it   esc goes back';
  return {
    title: cut(clean(prompt), cells),
    tone: 'warn',
    rows: [row, ...said, [{ text: keys, tone: 'dim' }]],
    keep: 0,
  };
}

function sureBox(screen: Screen, text: string, cells: number): Boxed {
  const offers = offerRows(screen, cells, 2);
  const lines = wrap(text, cells, 4).map((line): Row => [{ text: line }]);
  return { title: 'sure?', tone: 'warn', rows: [...lines, ...offers], keep: offers.length };
}
