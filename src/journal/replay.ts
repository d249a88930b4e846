import { readFileSync, statSync, truncateSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Position } from './append.ts';
import { guard } from './journal-error.ts';
import { checkLine, GENESIS, JOURNAL, type JournalRecord } from './record.ts';

/** The chain is broken: somebody or something changed the journal. `line` counts from 1. */
export class BrokenJournal extends Error {
  override readonly name = 'BrokenJournal';
  readonly line: number;

  constructor(path: string, line: number, what: string) {
    super(`${path}:${line}: ${what}`);
    this.line = line;
  }
}

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
  const end = bytes.lastIndexOf(0x0a) + 1;
  const records: JournalRecord[] = [];
  let prev = GENESIS;
  let line = 0;
  for (let start = 0; start < end; ) {
    const stop = bytes.indexOf(0x0a, start);
    const raw = bytes.subarray(start, stop);
    const text = raw.toString('utf8');
    line++;
    const sum = checkLine(text);
    if (!sum) throw new BrokenJournal(path, line, `record ${line} is not as it was written`);
    const record = JSON.parse(text) as JournalRecord;
    if (record.seq !== line) throw new BrokenJournal(path, line, `record ${line} calls itself ${record.seq}`);
    if (record.prev !== prev)
      throw new BrokenJournal(path, line, `record ${line} does not follow from record ${line - 1}`);
    // Compared as bytes too: invalid UTF-8 would decode to the same replacement character twice.
    if (!Buffer.from(text).equals(raw))
      throw new BrokenJournal(path, line, `record ${line} is not valid UTF-8`);
    if (line === 1) checkOwner(path, record, basename(resolve(runDirectory)));
    prev = sum;
    records.push(record);
    start = stop + 1;
  }
  // A write that stopped early leaves the beginning of a line, never a whole record with something behind it.
  if (checkLine(bytes.subarray(end, -1).toString('utf8')))
    throw new BrokenJournal(
      path,
      line + 1,
      `record ${line + 1} is whole, but its line end is not as it was written`,
    );
  return { records, tornBytes: bytes.length - end, position: { seq: line, last: prev } };
}

/** A chain that is whole may still be another run's: its first record says whose it is. */
function checkOwner(path: string, { event }: JournalRecord, run: string): void {
  if (event.type !== 'run.opened')
    throw new BrokenJournal(path, 1, `record 1 is ${event.type}, and not the opening of a run`);
  if (event.run !== run)
    throw new BrokenJournal(path, 1, `record 1 opens run ${event.run}, and this is the journal of ${run}`);
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
