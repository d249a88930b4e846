/** The task that is looked at: its diff, its story, and what it prints just now. */
import type { RunState, StepState } from '../../engine/state.ts';
import { clean, fill, spread } from '../cells.ts';
import { foldNames } from '../name-range.ts';
import { chosenTask, hostsOf, placeOf, underWayOf } from '../places.ts';
import type { Frame, Row, Screen, StoryLine } from '../screen.ts';
import { conditionOf, GRAVITY, signOf } from '../signs.ts';
import { timeOfDay } from './clock.ts';
import { changeRows, shortened } from './diff.ts';

/** Exactly `rows` rows of exactly `cells` cells. `folded`: the matrix shows no single hosts, so the outcomes are told here. */
export function detailRows(screen: Screen, cells: number, rows: number, folded: boolean): Frame {
  const { run, look } = screen;
  const step = run.steps[look.step];
  if (!step) return blank(cells, rows);
  const head = headRow(screen, step, cells);
  const left = rows - 1;
  const groups = folded
    ? shortened(groupRows(screen, step), Math.max(1, Math.floor(left / 4)), 'left and right show each')
    : [];
  const room = Math.max(0, left - groups.length);
  return block([head, ...groups, ...taskRows(screen, room)], cells, rows);
}

function taskRows(screen: Screen, room: number): Frame {
  const task = chosenTask(screen);
  if (!task) return [[{ text: notBegun(screen), tone: 'dim' }]];
  const story = screen.stories[task.ref.id];
  const diff = shortened(changeRows(task.changes), Math.max(2, Math.floor(room * 0.4)), 'd');
  const events = (story?.events ?? []).map((line) => storyRow(line, screen.zone));
  const note = story?.note ? [storyRow(story.note, screen.zone)] : [];
  const output = (story?.output ?? []).map(
    ({ text, tone = 'dim' }): Row => [{ text: `│ ${clean(text)}`, tone }],
  );
  // Output that runs has the room; the story keeps its last words.
  const rest = Math.max(0, room - diff.length - (diff.length > 0 ? 1 : 0));
  const told = [...events, ...note];
  const words = told.slice(-Math.max(output.length > 0 ? Math.ceil(rest / 2) : rest, rest - output.length));
  const lines = rest - words.length > 0 ? output.slice(-(rest - words.length)) : [];
  const gap: Frame = diff.length > 0 && words.length + lines.length > 0 ? [[{ text: '' }]] : [];
  return [...diff, ...gap, ...words.slice(words.length > rest ? words.length - rest : 0), ...lines];
}

function headRow(screen: Screen, { brief }: StepState, cells: number): Row {
  const task = chosenTask(screen);
  const host = hostsOf(screen.run)[screen.look.host] ?? '';
  const on = brief.hosts.includes(host) ? ` @ ${task ? placeOf(task) : host}` : '';
  const attempt = task && task.state.attempt > 1 ? ` (attempt ${task.state.attempt})` : '';
  return spread(
    [{ text: clean(`${brief.id}${on}${attempt}`), tone: 'bold' }],
    [{ text: ` ${clean(brief.action)}`, tone: 'dim' }],
    cells,
  );
}

/** `✔ ldap[1-3,7]  changed`: hosts that are alike are one line, what is gravest first. */
export function groupRows({ run, now }: Pick<Screen, 'run' | 'now'>, step: StepState): Frame {
  if (!step.begun) return [];
  const underWay = underWayOf(run);
  const conditions = step.tasks.map((task) => ({ place: placeOf(task), is: conditionOf(task, underWay) }));
  return GRAVITY.flatMap((condition): Row[] => {
    const places = conditions.filter(({ is }) => is === condition).map(({ place }) => place);
    if (places.length === 0) return [];
    const { sign, tone, words } = signOf(condition, now);
    return [
      [{ text: `${sign} `, tone }, { text: clean(foldNames(places)) }, { text: `  ${words}`, tone: 'dim' }],
    ];
  });
}

function notBegun({ run, look }: Screen): string {
  const step = run.steps[look.step];
  const host = hostsOf(run)[look.host] ?? '';
  if (step && !step.brief.hosts.includes(host)) return 'this step is not for this host';
  return isPast(run, look.step) ? 'nothing was to be done here' : 'not begun';
}

function isPast(run: RunState, step: number): boolean {
  return run.steps[step]?.begun === true;
}

function storyRow({ at, text, tone = 'plain' }: StoryLine, zone: number): Row {
  return [
    { text: `${timeOfDay(at, zone)} `, tone: 'dim' },
    { text: clean(text), tone },
  ];
}

export function block(frame: Frame, cells: number, rows: number): Frame {
  const lines = frame.slice(0, rows).map((row) => fill(row, cells));
  return [...lines, ...blank(cells, rows - lines.length)];
}

function blank(cells: number, rows: number): Frame {
  return Array.from({ length: Math.max(0, rows) }, () => [{ text: ' '.repeat(cells) }]);
}
