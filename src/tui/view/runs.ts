/** The runs kept on this machine, to open one of them. */
import { tame } from '../../reporters/style.ts';
import { clean, pad } from '../cells.ts';
import type { Frame, Row, Size, Tone } from '../screen.ts';
import { keyRow, listMove, listView } from './list.ts';

/** A run as `lockstep runs` lists it. */
export interface RunRow {
  readonly run: string;
  /** ISO 8601. */
  readonly started: string;
  readonly runbook: string;
  /** `done`, `open`, `held: failed`, `broken: why`. */
  readonly state: string;
  /** `3/7`. */
  readonly steps: string;
  readonly operator: string;
}

export interface RunsPressed {
  /** The row that is chosen. */
  readonly at: number;
  /** The run that is to be opened. */
  readonly open?: string;
  readonly leave?: true;
}

export function runsView(runs: readonly RunRow[], at: number, size: Size, unicode: boolean): Frame {
  const cells = [20, 17, 30, 18, 7];
  const texts = runs.map(({ run, started, runbook, state, steps, operator }) => ({
    parts: [run, moment(started), runbook, state, steps, operator],
    tone: toneOf(state),
  }));
  const head = ['run', 'started', 'runbook', 'state', 'steps', 'by'];
  const line = (parts: readonly string[]): readonly string[] =>
    parts.map((part, index) => pad(clean(tame(part, 200)), cells[index] ?? 16));
  const rows = texts.map(({ parts, tone }, index): Row => {
    const chosen = index === at;
    return line(parts).flatMap(
      (text, part): Row => [
        chosen ? { text, tone: 'chosen' } : part === 3 ? { text, tone } : { text },
        { text: ' ' },
      ],
    );
  });
  const none: Frame = [[{ text: 'no run is kept on this machine', tone: 'dim' }]];
  return listView(
    {
      head: [
        [{ text: ` runs  ${runs.length}`, tone: 'bold' }],
        [{ text: ` ${line(head).join(' ')}`, tone: 'dim' }],
      ],
      rows: rows.length === 0 ? none : rows,
      chosen: at,
      foot: keyRow([
        ['↑↓', 'run'],
        ['enter', 'open'],
        ['q', 'leave'],
      ]),
    },
    size,
    unicode,
  );
}

export function pressRuns(runs: readonly RunRow[], at: number, key: string): RunsPressed {
  if (['q', 'escape', 'ctrl-c'].includes(key)) return { at, leave: true };
  const open = runs[at]?.run;
  if (key === 'enter') return open === undefined ? { at } : { at, open };
  return { at: Math.max(0, listMove(at, runs.length, key)) };
}

function toneOf(state: string): Tone {
  if (state.startsWith('done')) return 'good';
  return state.startsWith('broken') ? 'bad' : state.startsWith('held') ? 'warn' : 'plain';
}

/** `2026-11-27 01:58`. */
function moment(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
