import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Stamped } from '../../src/engine/event.ts';
import { JOURNAL, mustBeDurable } from '../../src/journal/record.ts';

/** Whether the journal's last line is whole and was never synced, so that a crash may take it. */
export function endsUnsynced(runDirectory: string): boolean {
  return unsyncedBytes(readFileSync(join(runDirectory, JOURNAL))) > 0;
}

/**
 * Cuts bytes off the end of a journal whose writer is dead, as a crash of its machine may: of the last line, and only
 * where that line was never synced. `how` says how many, from 0 for one byte to 1 for the line. False when a crash could
 * have taken nothing.
 */
export function tearJournal(runDirectory: string, how: number): boolean {
  const path = join(runDirectory, JOURNAL);
  const bytes = readFileSync(path);
  const line = unsyncedBytes(bytes);
  if (line > 0) truncateSync(path, bytes.length - Math.max(1, Math.ceil(line * how)));
  return line > 0;
}

/** Length of the last line if it is one that is written without a sync, else 0. */
function unsyncedBytes(journal: Buffer): number {
  if (journal.length === 0 || journal.at(-1) !== 0x0a) return 0;
  const begin = journal.lastIndexOf(0x0a, journal.length - 2) + 1;
  const { event } = JSON.parse(journal.subarray(begin).toString()) as Stamped;
  return mustBeDurable(event) ? 0 : journal.length - begin;
}
