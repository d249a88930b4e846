import { failedTasks, openTasks } from '../engine/resolve.ts';
import type { RunState } from '../engine/state.ts';
import { BrokenJournal, foldRecords, type Replay, readJournal } from '../journal/replay.ts';
import { findRun, listRuns, NoSuchRun, runsRoot } from '../journal/run-directory.ts';
import { EXIT, Stop } from './exit-code.ts';

/** Finds a run by what the operator typed. */
export function locateRun(word: string): { run: string; directory: string } {
  try {
    return findRun(runsRoot(process.env), word);
  } catch (error) {
    if (error instanceof NoSuchRun) throw new Stop(EXIT.usage, error.message, 'lockstep runs lists them');
    throw error;
  }
}

/** Reads a run's journal; a broken chain stops here. */
export function readOrStop(directory: string): Replay {
  try {
    return readJournal(directory);
  } catch (error) {
    throw toStop(error);
  }
}

/** The same, of a reading that takes its time. */
export async function provenOrStop<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw toStop(error);
  }
}

function toStop(error: unknown): unknown {
  if (!(error instanceof BrokenJournal)) return error;
  return new Stop(
    EXIT.stale,
    error.message,
    'the journal was changed after it was written: do not resume; look at the hosts, and keep the file',
  );
}

/** A journal without a first record is no run. */
export function begunOrStop(run: string, state: RunState | undefined): RunState {
  if (!state) throw new Stop(EXIT.usage, `${run} has no first record: nothing was begun`);
  return state;
}

/** The run that takes this one back. One that was announced and never opened has taken nothing back. */
export function undoOf(state: RunState): string | undefined {
  const { undone } = state;
  return undone !== undefined && listRuns(runsRoot(process.env)).includes(undone) ? undone : undefined;
}

/** For those who only look. */
export function openRun(word: string): { run: string; directory: string; replay: Replay } {
  const found = locateRun(word);
  return { ...found, replay: readOrStop(found.directory) };
}

/** Names of what had drifted when a run was last resumed; none when it cannot be read. For completion. */
export function driftsOf(word: string): readonly string[] {
  try {
    const last = openRun(word).replay.records.findLast(({ event }) => event.type === 'drift.found')?.event;
    return last?.type === 'drift.found' ? last.drifts.map(({ name }) => name) : [];
  } catch {
    return [];
  }
}

/** Ids of the tasks of a run that `resolve` can settle or pass over; none when it cannot be read. For completion. */
export function doubtsOf(word: string): readonly string[] {
  try {
    const state = foldRecords(openRun(word).replay.records);
    return state ? [...new Set([...openTasks(state), ...failedTasks(state)])] : [];
  } catch {
    return [];
  }
}
