import { BrokenJournal, type Replay, readJournal } from '../journal/replay.ts';
import { findRun, NoSuchRun, runsRoot } from '../journal/run-directory.ts';
import { EXIT, Stop } from './exit-code.ts';

/** Finds a run by what the operator typed, and reads its journal; a broken chain stops here. */
export function openRun(word: string): { run: string; directory: string; replay: Replay } {
  try {
    const found = findRun(runsRoot(process.env), word);
    return { ...found, replay: readJournal(found.directory) };
  } catch (error) {
    if (error instanceof NoSuchRun) throw new Stop(EXIT.usage, error.message, 'lockstep runs lists them');
    if (error instanceof BrokenJournal)
      throw new Stop(
        EXIT.stale,
        error.message,
        'the journal was changed after it was written: do not resume; look at the hosts, and keep the file',
      );
    throw error;
  }
}
