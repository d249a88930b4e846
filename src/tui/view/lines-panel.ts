/** Panels of many lines: what a task prints, its whole diff, the keys. */
import { clean, pad } from '../cells.ts';
import { helpRows } from '../keys.ts';
import { outputOf } from '../moves.ts';
import { questionAbout } from '../panels.ts';
import { taskOf, titleOf } from '../places.ts';
import type { Frame, Panel, Row, Screen, Span, StoryLine } from '../screen.ts';
import { SIGNS } from '../signs.ts';
import type { Boxed } from './box.ts';
import { timeOfDay } from './clock.ts';
import { questionDiff } from './diff.ts';

export function outputBox(screen: Screen, panel: Extract<Panel, { kind: 'output' }>, rows: number): Boxed {
  const { look, stories, zone } = screen;
  const lines = outputOf(screen, panel.task);
  const dropped = stories[panel.task]?.dropped ?? 0;
  const end = Math.max(0, lines.length - (panel.follow ? 0 : look.scroll));
  const from = Math.max(0, Math.min(end - rows, lines.length - rows));
  const shown = lines.slice(from, Math.max(end, from + rows));
  const place = panel.follow ? 'follows' : `line ${dropped + end} of ${dropped + lines.length}`;
  const searched = panel.search === undefined ? '' : `"${panel.search}"  `;
  return {
    title: `output · ${titleOf(screen.run, panel.task)}`,
    right: clean(`${searched}${place}`),
    tone: 'plain',
    rows:
      shown.length === 0
        ? [[{ text: 'it has printed nothing that was kept here', tone: 'dim' }]]
        : shown.map((line) => lineRow(line, panel.search, zone)),
    keep: rows,
  };
}

function lineRow({ at, text, tone = 'plain' }: StoryLine, search: string | undefined, zone: number): Row {
  const time: Span = { text: `${timeOfDay(at, zone)} `, tone: 'dim' };
  const line = clean(text);
  const found = search ? line.toLowerCase().indexOf(search.toLowerCase()) : -1;
  if (!search || found < 0) return [time, { text: line, tone }];
  const end = found + search.length;
  return [
    time,
    { text: line.slice(0, found), tone },
    { text: line.slice(found, end), tone: 'chosen' },
    { text: line.slice(end), tone },
  ];
}

export function diffBox(screen: Screen, task: string, rows: number): Boxed {
  const { run, look } = screen;
  const question = questionAbout(run, task);
  const changes = question?.changes ?? taskOf(run, task)?.task.changes ?? [];
  return scrolled(`diff · ${titleOf(run, task)}`, questionDiff(changes, question?.was), look.scroll, rows);
}

export function helpBox(screen: Screen, rows: number): Boxed {
  const signs: Row[] = Object.values(SIGNS)
    .filter(({ words }, index, all) => all.findIndex((one) => one.words === words) === index)
    .map(({ sign, tone, words }) => [{ text: pad(`  ${sign}`, 14), tone }, { text: words }]);
  const keys = helpRows().map(
    ({ chapter, shown, does }): Row =>
      chapter === undefined
        ? [{ text: pad(`  ${shown}`, 14), tone: 'bold' }, { text: does }]
        : [{ text: chapter, tone: 'warn' }],
  );
  return scrolled('keys', [...keys, [{ text: 'signs', tone: 'warn' }], ...signs], screen.look.scroll, rows);
}

function scrolled(title: string, frame: Frame, scroll: number, rows: number): Boxed {
  const from = Math.max(0, Math.min(scroll, frame.length - rows));
  const to = Math.min(frame.length, from + rows);
  return {
    title,
    ...(frame.length > rows && { right: `${from + 1} to ${to} of ${frame.length}` }),
    tone: 'plain',
    rows: frame.slice(from, to),
    keep: rows,
  };
}
