/** Lines of a journal as records, each proven to follow the one before. */
import { basename, resolve } from 'node:path';
import type { Position } from './append.ts';
import { checkLine, GENESIS, type JournalRecord } from './record.ts';

/** The chain is broken: somebody or something changed the journal. `line` counts from 1. */
export class BrokenJournal extends Error {
  override readonly name = 'BrokenJournal';
  readonly line: number;

  constructor(path: string, line: number, what: string) {
    super(`${path}:${line}: ${what}`);
    this.line = line;
  }
}

export const BEGINNING: Position = { seq: 0, last: GENESIS };

/**
 * The whole lines of `bytes`, which follow `from`. `path` is the journal's, in the directory of its run. What stands behind
 * the last line end is left: `length` bytes were read. Throws BrokenJournal.
 */
export function readChain(
  path: string,
  bytes: Buffer,
  from: Position,
): { readonly records: readonly JournalRecord[]; readonly position: Position; readonly length: number } {
  const length = bytes.lastIndexOf(0x0a) + 1;
  const records: JournalRecord[] = [];
  let { seq: line, last: prev } = from;
  for (let start = 0; start < length; ) {
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
    if (line === 1) checkOwner(path, record);
    prev = sum;
    records.push(record);
    start = stop + 1;
  }
  return { records, position: { seq: line, last: prev }, length };
}

/** A chain that is whole may still be another run's: its first record says whose it is. */
function checkOwner(path: string, { event }: JournalRecord): void {
  const run = basename(resolve(path, '..'));
  if (event.type !== 'run.opened')
    throw new BrokenJournal(path, 1, `record 1 is ${event.type}, and not the opening of a run`);
  if (event.run !== run)
    throw new BrokenJournal(path, 1, `record 1 opens run ${event.run}, and this is the journal of ${run}`);
}
