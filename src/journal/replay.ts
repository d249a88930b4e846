import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Position } from './append.ts';
import { BEGINNING, BrokenJournal, readChain } from './chain.ts';
import { guard } from './journal-error.ts';
import { checkLine, JOURNAL, type JournalRecord } from './record.ts';

export { BrokenJournal } from './chain.ts';

export interface Replay {
  readonly records: readonly JournalRecord[];
  /** Bytes of a last line without its newline: a write that never finished. */
  readonly tornBytes: number;
  readonly position: Position;
}

/** Reads and verifies the whole chain. Throws BrokenJournal; a torn last line is told, not thrown. */
export function readJournal(runDirectory: string): Replay {
  const path = join(runDirectory, JOURNAL);
  const bytes = readFileSync(path);
  const { records, position, length: end } = readChain(path, bytes, BEGINNING);
  // A write that stopped early leaves the beginning of a line, never a whole record with something behind it.
  if (checkLine(bytes.subarray(end, -1).toString('utf8')))
    throw new BrokenJournal(
      path,
      position.seq + 1,
      `record ${position.seq + 1} is whole, but its line end is not as it was written`,
    );
  return { records, tornBytes: bytes.length - end, position };
}

/** Cuts a torn last line off, so that the next record starts on a line of its own. */
export function cutTornLine(runDirectory: string, { tornBytes }: Replay): void {
  if (tornBytes === 0) return;
  const path = join(runDirectory, JOURNAL);
  guard(path, () => truncateSync(path, statSync(path).size - tornBytes));
}

export function foldRecords(records: readonly JournalRecord[]): RunState | undefined {
  let state: RunState | undefined;
  for (const { event } of records) state = evolve(state, event);
  return state;
}
