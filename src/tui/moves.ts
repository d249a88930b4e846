/** Keys that only change where the operator looks. */
import { focus, questionOf } from './offers.ts';
import { doubtQuestion, panelOf, questionAbout } from './panels.ts';
import { chosenTask, followed, hasFailed, hostsOf, taskOf } from './places.ts';
import type { Look, Panel, Screen, StoryLine } from './screen.ts';

/** Lines of a page: views differ in height, and a page must never skip a line. */
const PAGE = 8;
/** More than the help has; the view stops where its last row is seen. */
const HELP_ROWS = 100;

export function steps({ run, look }: Screen, by: number): Look {
  return { ...look, step: clamp(look.step + by, run.steps.length), moved: true };
}

export function hosts({ run, look }: Screen, by: number): Look {
  return { ...look, host: clamp(look.host + by, hostsOf(run).length), moved: true };
}

/** Ten steps, or to the first or the last. */
export function leap(screen: Screen, key: string): Look {
  const count = screen.run.steps.length;
  return steps(screen, { pageup: -10, pagedown: 10, home: -count, end: count }[key] ?? 0);
}

/** Back to what is under way. */
export function follow({ run, look }: Screen): Look {
  const { moved: _moved, ...rest } = look;
  return followed(run, rest);
}

/** Lays a panel on top. */
export function open({ look }: Screen, panel: Panel): Look {
  const scroll = isBrief(panel) ? look.scroll : 0;
  return { ...look, panels: [...look.panels, panel], scroll };
}

export function close({ look }: Screen): Look {
  const top = look.panels.at(-1);
  const scroll = top && isBrief(top) ? look.scroll : 0;
  return { ...look, panels: look.panels.slice(0, -1), scroll };
}

/** After it, what lies below is where it was. */
function isBrief({ kind }: Panel): boolean {
  return kind === 'typing' || kind === 'sure';
}

/** What there is to see of the task that is looked at: what it asks, why it failed, else its output. */
export function openTask(screen: Screen): Look {
  const { run, look } = screen;
  const task = chosenTask(screen);
  if (!task) return { ...look, said: 'nothing has begun here yet' };
  const { id } = task.ref;
  const asked = questionAbout(run, id);
  if (asked) return open(screen, panelOf(asked));
  if (task.state.status === 'doubtful') return open(screen, { kind: 'doubt', task: id });
  if (hasFailed(task)) return open(screen, { kind: 'failure', task: id });
  return open(screen, { kind: 'output', task: id, follow: true });
}

/** The next task that waits for a person, in the order of the steps. */
export function nextWanting(screen: Screen): Look {
  const { run, look } = screen;
  const wanting = (run.steps[run.cursor]?.tasks ?? []).filter(
    (task) => ['asking', 'doubtful'].includes(task.state.status) || hasFailed(task),
  );
  const here = wanting.findIndex(({ ref }) => ref.id === focus(screen)?.task.ref.id);
  const task = wanting[(here + 1) % Math.max(1, wanting.length)];
  if (!task) return { ...look, said: 'nothing waits for you' };
  const panels = look.panels.filter(({ kind }) => !['question', 'failure', 'doubt'].includes(kind));
  const moved: Look = {
    ...look,
    panels,
    step: run.cursor,
    host: Math.max(0, hostsOf(run).indexOf(task.ref.host)),
    moved: true,
  };
  return openTask({ ...screen, look: moved });
}

export function openDiff(screen: Screen): Look {
  const task = focus(screen)?.task;
  const question = questionOf(screen);
  if (!task || (task.changes.length === 0 && !question?.was))
    return { ...screen.look, said: 'there is no diff here' };
  return open(screen, { kind: 'diff', task: task.ref.id });
}

export function scrollDown(screen: Screen, by: number): Look {
  const { look } = screen;
  const top = look.panels.at(-1);
  if (top?.kind === 'output') return toLine(screen, outputOf(screen, top.task).length - 1 - look.scroll + by);
  const lines = top?.kind === 'diff' ? diffRows(screen, top.task) : HELP_ROWS;
  return { ...look, scroll: clamp(look.scroll + by, lines) };
}

export function page(screen: Screen, by: 1 | -1): Look {
  return scrollDown(screen, by * PAGE);
}

export function toEnd(screen: Screen): Look {
  return scrollDown(screen, Number.MAX_SAFE_INTEGER);
}

export function toBegin(screen: Screen): Look {
  return scrollDown(screen, -Number.MAX_SAFE_INTEGER);
}

/** Of the output on top: shows the newest line as it comes, or stays. */
export function toggleFollow({ look }: Screen): Look {
  const top = look.panels.at(-1);
  if (top?.kind !== 'output') return look;
  const panel: Panel = { ...top, follow: !top.follow };
  return { ...look, panels: [...look.panels.slice(0, -1), panel], scroll: 0 };
}

/** From where the output is now: upwards to what came before, or back down; round at the ends. */
export function toMatch(screen: Screen, by: 1 | -1): Look {
  const { look } = screen;
  const top = look.panels.at(-1);
  if (top?.kind !== 'output') return look;
  if (top.search === undefined) return { ...look, said: 'nothing is searched for: / searches' };
  const lines = outputOf(screen, top.task);
  const last = lines.length - 1 - (top.follow ? 0 : look.scroll);
  const wanted = top.search.toLowerCase();
  for (let away = 1; away <= lines.length; away++) {
    const at = (last + by * away + lines.length * 2) % lines.length;
    if (lines[at]?.text.toLowerCase().includes(wanted)) return toLine(screen, at);
  }
  return { ...look, said: `"${top.search}" is nowhere in it` };
}

/** The output of a task with a search in it, at the last match. */
export function search(screen: Screen, task: string, text: string): Look {
  const { look } = screen;
  const top = look.panels.at(-1);
  const below = top?.kind === 'output' ? look.panels.slice(0, -1) : look.panels;
  const panel: Panel = { kind: 'output', task, follow: false, ...(text !== '' && { search: text }) };
  const there: Screen = { ...screen, look: { ...look, panels: [...below, panel], scroll: 0 } };
  if (text === '') return there.look;
  const lines = outputOf(there, task);
  const ends = lines.at(-1)?.text.toLowerCase().includes(text.toLowerCase());
  return ends ? there.look : toMatch(there, -1);
}

export function outputOf({ stories }: Screen, task: string): readonly StoryLine[] {
  return stories[task]?.output ?? [];
}

/** So many rows a diff takes at most; the view stops where its last row is seen. */
function diffRows({ run }: Screen, task: string): number {
  const found = taskOf(run, task);
  if (!found) return 0;
  const changes = [...found.task.changes, ...(questionAbout(run, task)?.was ?? [])];
  const doubt = doubtQuestion(run, task) ? 1 : 0;
  return changes.reduce((sum, { lines }) => sum + lines.length + 2, 2 + doubt);
}

/** The line stands last on the screen; at the very end, new ones are followed. */
function toLine(screen: Screen, line: number): Look {
  const { look } = screen;
  const top = look.panels.at(-1);
  if (top?.kind !== 'output') return look;
  const last = outputOf(screen, top.task).length - 1;
  const scroll = last < 0 ? 0 : last - Math.max(0, Math.min(line, last));
  const panel: Panel = { ...top, follow: scroll === 0 };
  return { ...look, panels: [...look.panels.slice(0, -1), panel], scroll };
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(value, count - 1));
}
