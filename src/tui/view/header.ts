/** What the screen says of the run as a whole: which, how far, how long, and whether there is a way back. */
import { crossed } from '../../engine/crossed.ts';
import { tame } from '../../reporters/style.ts';
import { clean, fill, rowWidth, spread, widthOf } from '../cells.ts';
import type { Frame, Row, Screen, Span, Tone } from '../screen.ts';
import { hourOf, span } from './clock.ts';

/** At most `rows` of: the title, the times, a rule. */
export function headerRows(screen: Screen, columns: number, rows: number): Frame {
  const all = [titleRow(screen, columns), timesRow(screen, columns), ruleRow(columns)];
  return all.slice(0, rows);
}

export function ruleRow(columns: number): Row {
  return [{ text: '─'.repeat(columns), tone: 'dim' }];
}

function titleRow(screen: Screen, columns: number): Row {
  const { run } = screen;
  const { name, version } = run.runbook;
  const right: Row = [...progress(screen, columns), { text: ' ' }];
  const brand: Row = columns < 70 ? [{ text: ' ' }] : [{ text: ' lockstep  ', tone: 'dim' }];
  const title = name === '' ? 'opening the run' : `${name} ${version}`;
  const left: Row = [...brand, { text: clean(tame(title, 80)), tone: 'bold' }];
  const room = columns - rowWidth(left) - rowWidth(right) - 4;
  const about = abouts(screen).find((one) => widthOf(one) <= room);
  return spread(about ? [...left, { text: `    ${about}`, tone: 'dim' }] : left, right, columns);
}

/** From the fullest to the shortest. */
function abouts({ run, reason, readOnly }: Screen): readonly string[] {
  if (run.run === '') return [];
  const short = run.run.slice(run.run.lastIndexOf('-') + 1);
  const by = `${run.operator.name}${readOnly ? ', only watched here' : ''}`;
  const join = (...parts: readonly (string | undefined)[]): string =>
    clean(parts.filter((part) => part !== undefined && part !== '').join(' · '));
  const why = reason === undefined ? undefined : tame(reason, 60);
  const sets = [
    [`run ${run.run}`, why, by],
    [`run ${short}`, why, by],
    [`run ${short}`, by],
    [`run ${short}`],
  ];
  return sets.map((parts) => join(...parts));
}

function progress({ run }: Screen, columns: number): Row {
  const all = run.steps.length;
  const done = Math.min(run.cursor, all);
  const count = `${Math.min(done + (run.done ? 0 : 1), all)}/${all}`;
  const cells = columns >= 100 ? 20 : columns >= 70 ? 12 : columns >= 50 ? 8 : 0;
  if (cells === 0) return [{ text: count }];
  const full = all === 0 ? 0 : Math.floor((done / all) * cells);
  const tone: Tone = run.done ? 'good' : run.held ? 'warn' : 'plain';
  return [
    { text: '▐' },
    { text: '█'.repeat(full), tone },
    { text: '░'.repeat(cells - full), tone: 'dim' },
    { text: `▌ ${count}` },
  ];
}

interface Part extends Span {
  /** What stays when there is little room; 1 stays longest. */
  readonly rank: number;
}

function timesRow(screen: Screen, columns: number): Row {
  const parts = [...status(screen), ...times(screen), ...back(screen)];
  const room = columns - 2;
  let kept: readonly Part[] = [];
  for (const part of [...parts].sort((one, other) => one.rank - other.rank)) {
    const more = [...kept, part];
    const width = more.reduce((sum, { text }) => sum + widthOf(text) + 3, -3);
    if (width <= room) kept = more;
  }
  const shown = parts.filter((part) => kept.includes(part));
  return fill(
    shown.flatMap(({ text, tone = 'plain' }, index) => [{ text: index === 0 ? ' ' : '   ' }, { text, tone }]),
    columns,
  );
}

function status({ run, holding }: Screen): readonly Part[] {
  if (run.undone !== undefined) return [{ text: `undone by ${run.undone}`, tone: 'warn', rank: 1 }];
  if (run.done) return [{ text: 'done', tone: 'good', rank: 1 }];
  if (run.held) return [{ text: 'held', tone: 'warn', rank: 1 }];
  if (run.stopping || holding) return [{ text: 'holding', tone: 'warn', rank: 1 }];
  return [];
}

function times({ run, now, opened, toGo, closes, zone }: Screen): readonly Part[] {
  const parts: Part[] = [{ text: `${span(now - opened)} gone`, rank: 3 }];
  if (toGo !== undefined && !run.done) parts.push({ text: `~${span(toGo)} to go`, rank: 4 });
  if (closes === undefined || run.done) return parts;
  const at = Date.parse(closes);
  const what = run.policy.window ? 'window' : 'time';
  if (at <= now) parts.push({ text: `${what} closed ${hourOf(at, zone)}`, tone: 'bad', rank: 2 });
  else parts.push({ text: `${what} closes ${hourOf(at, zone)}`, rank: 5 });
  return parts;
}

/** Until when, and in what time, there is a way back; behind the point of no return there is none. */
function back({ run, now, wayBack, closes, zone }: Screen): readonly Part[] {
  const crossing = crossed(run);
  if (crossing) {
    const text = `point of no return ${crossing.surely ? 'crossed' : 'may be crossed'}`;
    return [{ text, tone: 'warn', rank: 2 }];
  }
  if (wayBack === undefined || run.done) return [];
  const parts: Part[] = [{ text: `~${span(wayBack)} to roll back`, rank: 6 }];
  if (closes === undefined) return parts;
  const last = Date.parse(closes) - wayBack;
  if (last <= now) return [...parts, { text: 'too late to turn back in time', tone: 'bad', rank: 2 }];
  return [...parts, { text: `last moment to turn back ${hourOf(last, zone)}`, rank: 5 }];
}
