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

interface Column {
  readonly name: string;
  readonly cells: number;
  readonly text: (row: RunRow) => string;
}

const RUN: Column = { name: 'run', cells: 20, text: ({ run }) => run };
const STARTED: Column = { name: 'started', cells: 17, text: ({ started }) => moment(started) };
const RUNBOOK: Column = { name: 'runbook', cells: 27, text: ({ runbook }) => runbook };
const STATE: Column = { name: 'state', cells: 18, text: ({ state }) => state };
const STEPS: Column = { name: 'steps', cells: 6, text: ({ steps }) => steps };
const BY: Column = { name: 'by', cells: 16, text: ({ operator }) => operator };

/** What tells runs apart comes first, as far as there is room. */
function columnsFor(columns: number): readonly Column[] {
  if (columns >= 110) return [RUN, STARTED, RUNBOOK, STATE, STEPS, BY];
  if (columns >= 78) return [RUN, RUNBOOK, STATE, STEPS];
  return [RUN, STATE];
}

export function runsView(runs: readonly RunRow[], at: number, size: Size, unicode: boolean): Frame {
  const columns = columnsFor(size.columns);
  const rows = runs.map(
    (run, index): Row =>
      columns.flatMap((column): Row => {
        const text = pad(clean(tame(column.text(run), 200)), column.cells);
        const tone = index === at ? 'chosen' : column === STATE ? toneOf(run.state) : 'plain';
        return [{ text, tone }, { text: ' ' }];
      }),
  );
  const none: Frame = [[{ text: 'no run is kept on this machine', tone: 'dim' }]];
  return listView(
    {
      head: [
        [{ text: ` runs  ${runs.length}`, tone: 'bold' }],
        [{ text: ` ${columns.map(({ name, cells }) => pad(name, cells)).join(' ')}`, tone: 'dim' }],
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
