import type { Event } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { Journal } from '../journal/append.ts';
import { lockRun, RunIsBusy } from '../journal/lock.ts';
import { cutTornLine, foldRecords, type Replay } from '../journal/replay.ts';
import { EXIT, Stop } from './exit-code.ts';
import { locateRun, readOrStop } from './open-run.ts';

/** A run that this process alone works on: locked, read and proven. */
export interface ReopenedRun {
  readonly run: string;
  readonly directory: string;
  readonly opened: Extract<Event, { type: 'run.opened' }>;
  readonly state: RunState;
  readonly replay: Replay;
  /** Cuts a torn last line off and goes on behind it. */
  reopenJournal(): Journal;
  release(): void;
}

/**
 * Locks before it reads: what another lockstep is just writing would make this reading stale. Throws Stop; `whenBusy` is then what
 * can be done where another process works on the run.
 */
export function reopenRun(word: string, whenBusy?: string): ReopenedRun {
  const { run, directory } = locateRun(word);
  const release = lockOrStop(directory, whenBusy);
  try {
    const replay = readOrStop(directory);
    const state = foldRecords(replay.records);
    const opened = replay.records[0]?.event;
    if (!state || opened?.type !== 'run.opened')
      throw new Stop(EXIT.usage, `${run} has no first record: nothing was begun`);
    const reopenJournal = (): Journal => {
      cutTornLine(directory, replay);
      return Journal.reopen(directory, replay.position);
    };
    return { run, directory, opened, state, replay, reopenJournal, release };
  } catch (error) {
    release();
    throw error;
  }
}

function lockOrStop(directory: string, next: string | undefined): () => void {
  try {
    return lockRun(directory);
  } catch (error) {
    if (error instanceof RunIsBusy) throw new Stop(EXIT.locked, error.message, next);
    throw error;
  }
}
