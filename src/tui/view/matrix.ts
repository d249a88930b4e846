/** Steps down, hosts across. With more hosts than there is room for, each step tells how many are how. */
import { isGood, type RunState, type StepState } from '../../engine/state.ts';
import { clean, fill, pad, widthOf } from '../cells.ts';
import { cellOf, hostsOf, numberOf, underWayOf } from '../places.ts';
import type { Frame, Row, Screen, Span, Tone } from '../screen.ts';
import { conditionOf, countsOf, signOf } from '../signs.ts';

/** Cells of a title below which hosts are folded, and above which it is cut where a detail stands beside it. */
const SHORT_TITLE = 20;
const LONG_TITLE = 40;

export interface Layout {
  readonly width: number;
  /** Each host has its own column; without it, counts. */
  readonly columns?: { readonly names: readonly string[]; readonly cell: number };
}

/** How wide the matrix is in at most so many cells, and whether each host has a column. */
export function layoutOf(run: RunState, most: number): Layout {
  const names = shortNames(hostsOf(run));
  const cell = Math.max(3, ...names.map(widthOf)) + 2;
  const prefix = prefixOf(run);
  const title = Math.min(
    LONG_TITLE,
    Math.max(SHORT_TITLE, ...run.steps.map((step) => widthOf(titleOf(step)))),
  );
  if (prefix + SHORT_TITLE + names.length * cell <= most)
    return { width: Math.min(most, prefix + title + names.length * cell + 2), columns: { names, cell } };
  return { width: Math.min(most, prefix + title + 24) };
}

/** The matrix in so many rows, the first for the names: what is under way and what is looked at stay in view. */
export function matrixRows(screen: Screen, layout: Layout, rows: number): Frame {
  const { run, look } = screen;
  const lines: { step: number; row: () => Row }[] = [];
  const underWay = underWayOf(run);
  run.steps.forEach((_, index) => {
    if (isFlagged(run.steps, index)) lines.push({ step: index, row: () => flagRow(layout.width) });
    lines.push({ step: index, row: () => stepRow(screen, layout, index, underWay) });
  });
  const names = rows > 2 ? 1 : 0;
  const room = Math.max(0, rows - names);
  const last = (step: number): number => lines.findLastIndex((line) => line.step === step);
  const shown = windowOf(
    lines.length,
    room,
    last(look.step),
    last(Math.min(run.cursor, run.steps.length - 1)),
  );
  const steps = shown.map((index) => lines[index]?.row() ?? []);
  if (names === 0) return steps;
  const from = lines[shown[0] ?? 0]?.step ?? 0;
  const to = lines[shown.at(-1) ?? 0]?.step ?? 0;
  const part = shown.length < lines.length ? `  ${from + 1} to ${to + 1} of ${run.steps.length}` : '';
  return [namesRow(screen, layout, `step${part}`), ...steps];
}

/** Rows for all steps, their flags, and the names. */
export function stepLines({ steps }: RunState): number {
  return 1 + steps.length + steps.filter((_, index) => isFlagged(steps, index)).length;
}

/** Before a point of no return, and once before several in a row. */
function isFlagged(steps: RunState['steps'], index: number): boolean {
  return steps[index]?.brief.risk === 'irreversible' && steps[index - 1]?.brief.risk !== 'irreversible';
}

/** Indexes of the lines in view: around the chosen one, and the running one in any case. */
export function windowOf(count: number, room: number, chosen: number, running: number): readonly number[] {
  if (count <= room) return [...Array(count).keys()];
  if (room <= 0) return [];
  const near = Math.abs(chosen - running) < room;
  const middle = near ? Math.floor((chosen + running) / 2) : chosen;
  const from = Math.max(0, Math.min(middle - Math.floor(room / 2), count - room));
  const shown = [...Array(room).keys()].map((index) => from + index);
  if (running < 0 || shown.includes(running) || room < 2) return shown;
  return running < from ? [running, ...shown.slice(1)] : [...shown.slice(0, -1), running];
}

function prefixOf(run: RunState): number {
  return 4 + numberOf(run, 0).length;
}

function titleOf({ brief }: StepState): string {
  return clean(brief.title || brief.id);
}

function namesRow({ run, look }: Screen, { width, columns }: Layout, label: string): Row {
  const left: Row = [{ text: ' '.repeat(3) }, { text: label, tone: 'dim' }];
  if (!columns) return fill([...fill(left, width - 6), { text: 'hosts', tone: 'dim' }], width);
  const { names, cell } = columns;
  const room = width - names.length * cell - 1;
  // A label that is longer than the titles would move the names.
  const head = fill(left, Math.max(prefixOf(run), room));
  const hosts = names.map(
    (name, index): Span => ({ text: centre(name, cell), tone: index === look.host ? 'bold' : 'dim' }),
  );
  return fill([...head, ...hosts], width);
}

function stepRow(screen: Screen, layout: Layout, index: number, underWay: ReadonlySet<string>): Row {
  const { run, look, now } = screen;
  const { width, columns } = layout;
  const step = run.steps[index] as StepState;
  const chosen = index === look.step;
  const { sign, tone } = stepSign(screen, step, index, underWay);
  const isCurrent = index === run.cursor && !run.done;
  const text: Tone = chosen ? 'chosen' : isCurrent ? 'bold' : index < run.cursor ? 'dim' : 'plain';
  const right = columns
    ? hostCells(screen, step, columns.cell, underWay, chosen)
    : counts(step, underWay, now);
  const taken = right.reduce((sum, span) => sum + widthOf(span.text), 0);
  const head = [
    { text: chosen ? '›' : ' ', tone: 'bold' as const },
    { text: sign, tone },
    { text: ` ${numberOf(run, index)} `, tone: isCurrent ? ('plain' as const) : ('dim' as const) },
  ];
  const room = width - prefixOf(run) - taken - 1;
  return fill(
    [...head, { text: pad(titleOf(step), Math.max(0, room - 1)), tone: text }, { text: ' ' }, ...right],
    width,
  );
}

function stepSign(
  { run, now }: Screen,
  step: StepState,
  index: number,
  underWay: ReadonlySet<string>,
): { sign: string; tone: Tone } {
  const conditions = step.tasks.map((task) => conditionOf(task, underWay));
  const trouble = (['open', 'failed', 'unreachable', 'asking'] as const).find((one) =>
    conditions.includes(one),
  );
  if (trouble) return signOf(trouble, now);
  if (index === run.cursor && !run.done) return { sign: '▶', tone: run.held ? 'warn' : 'bold' };
  if (!step.begun) return signOf('waiting', now);
  const good = step.tasks.every(({ state }) => state.status === 'ended' && isGood(state.outcome));
  if (!good) return signOf('waiting', now);
  const skipped = conditions.every((one) => one === 'skipped');
  return signOf(skipped ? 'skipped' : 'unchanged', now);
}

/** The chosen one in brackets, so that it is seen without colours. */
function hostCells(
  { run, look, now }: Screen,
  step: StepState,
  cell: number,
  underWay: ReadonlySet<string>,
  chosen: boolean,
): Row {
  return hostsOf(run).map((host, index) => {
    const condition = cellOf(step, host, underWay);
    const { sign, tone } = condition ? signOf(condition, now) : { sign: ' ', tone: 'plain' as const };
    const here = chosen && index === look.host;
    return { text: centre(here ? `[${sign}]` : sign, cell), tone };
  });
}

/** `12✔ 3⠹ 1✘`. */
function counts({ begun, brief, tasks }: StepState, underWay: ReadonlySet<string>, now: number): Row {
  const conditions = begun
    ? tasks.map((task) => conditionOf(task, underWay))
    : brief.hosts.map(() => 'waiting' as const);
  return countsOf(conditions).map(([condition, count]) => {
    const { sign, tone } = signOf(condition, now);
    return { text: ` ${count}${sign}`, tone };
  });
}

function flagRow(width: number): Row {
  const text = ' ⚑ ── point of no return ';
  return fill(
    [
      { text: pad(text, Math.min(width, widthOf(text))), tone: 'warn' },
      { text: '─'.repeat(Math.max(0, width - widthOf(text) - 1)), tone: 'warn' },
    ],
    width,
  );
}

function centre(text: string, cells: number): string {
  const before = Math.max(0, Math.floor((cells - widthOf(text)) / 2));
  return pad(' '.repeat(before) + text, cells);
}

/** Without the domain, where that still tells them apart. */
function shortNames(hosts: readonly string[]): readonly string[] {
  const short = hosts.map((host) => clean(host.split('.')[0] || host));
  return new Set(short).size === hosts.length ? short : hosts.map(clean);
}
