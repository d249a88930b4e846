/** Diffs as rows: what it touches, and line for line what comes and what goes. */
import type { ChangeView } from '../../engine/event.ts';
import { tame } from '../../reporters/style.ts';
import { clean } from '../cells.ts';
import type { Frame, Row, Tone } from '../screen.ts';

const TONES: Readonly<Record<'+' | '-' | ' ', Tone>> = { '+': 'good', '-': 'bad', ' ': 'dim' };

export function changeRows(changes: readonly ChangeView[]): Frame {
  return changes.flatMap(({ what, lines }): Row[] => [
    // A command is its own diff.
    ...(lines.length === 1 && lines[0]?.text === what
      ? []
      : [[{ text: clean(tame(what)), tone: 'bold' as const }]]),
    ...lines.map(({ op, text }): Row => [{ text: `${op} ${clean(tame(text))}`, tone: TONES[op] }]),
  ]);
}

/** What is asked about; beside what was approved before, where it is another one. */
export function questionDiff(now: readonly ChangeView[], was?: readonly ChangeView[]): Frame {
  if (!was) return changeRows(now);
  return [...titled('approved:', was), ...titled('now:', now)];
}

/** Of two diffs only what is in one of them: what a person has to compare, where there is no room for both. */
export function contrast(now: readonly ChangeView[], was: readonly ChangeView[]): Frame {
  return [
    ...titled('approved, and not now:', without(was, now)),
    ...titled('now, and not approved:', without(now, was)),
  ];
}

function without(changes: readonly ChangeView[], others: readonly ChangeView[]): readonly ChangeView[] {
  return changes.flatMap(({ what, lines }) => {
    const known = others.filter((other) => other.what === what).flatMap((other) => other.lines);
    const own = lines.filter(({ op, text }) => !known.some((line) => line.op === op && line.text === text));
    return own.length === 0 ? [] : [{ what, lines: own }];
  });
}

function titled(title: string, changes: readonly ChangeView[]): Frame {
  const rows = changeRows(changes);
  const nothing: Row = [{ text: 'nothing', tone: 'dim' }];
  return [[{ text: title, tone: 'warn' }], ...(rows.length === 0 ? [nothing] : rows)];
}

/** At most so many; the last one says how many are not shown, and where they are. */
export function shortened(rows: Frame, most: number, where: string): Frame {
  if (rows.length <= most || most <= 0) return rows.slice(0, Math.max(0, most));
  const left = rows.length - most + 1;
  return [...rows.slice(0, most - 1), [{ text: `… ${left} more lines: ${where}`, tone: 'dim' }]];
}
