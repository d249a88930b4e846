import { join } from 'node:path';
import { foldRecords, readJournal } from '../journal/replay.ts';
import { listRuns, runsRoot } from '../journal/run-directory.ts';
import { messageOf } from './message-of.ts';
import { undoOf } from './open-run.ts';
import { table } from './table.ts';

interface Row {
  readonly run: string;
  readonly started: string;
  readonly runbook: string;
  readonly state: string;
  readonly steps: string;
  readonly operator: string;
  /** The run that takes it back. */
  readonly undone?: string;
}

/** Every run kept on this machine, newest first. */
export function runRows(root = runsRoot(process.env)): readonly Row[] {
  return listRuns(root).map((run) => rowOf(root, run));
}

export function listRunLines(json: boolean): string {
  const root = runsRoot(process.env);
  const rows = runRows(root);
  if (json) return `${JSON.stringify(rows, null, 2)}\n`;
  if (rows.length === 0) return `no runs in ${root}\n`;
  const header = ['RUN', 'STARTED', 'RUNBOOK', 'STATE', 'STEPS', 'BY'];
  const cells = rows.map((row) => [row.run, row.started, row.runbook, row.state, row.steps, row.operator]);
  return `${table(header, cells)}\n`;
}

function rowOf(root: string, run: string): Row {
  try {
    const { records } = readJournal(join(root, run));
    const state = foldRecords(records);
    if (!state) return { run, started: '', runbook: '', state: 'empty', steps: '', operator: '' };
    const undone = undoOf(state);
    return {
      run,
      started: records[0]?.at ?? '',
      runbook: `${state.runbook.name} ${state.runbook.version}`,
      state: `${state.done ? 'done' : state.held ? `held: ${state.held.reason}` : 'open'}${undone ? ', undone' : ''}`,
      steps: `${state.cursor}/${state.steps.length}`,
      operator: state.operator.name,
      ...(undone !== undefined && { undone }),
    };
  } catch (error) {
    return { run, started: '', runbook: '', state: `broken: ${messageOf(error)}`, steps: '', operator: '' };
  }
}
