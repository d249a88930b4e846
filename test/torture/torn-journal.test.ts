import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tearJournal } from '../../scripts/torture/torn-journal.ts';
import type { Event } from '../../src/engine/event.ts';
import { GENESIS, JOURNAL, sealRecord } from '../../src/journal/record.ts';
import { readJournal } from '../../src/journal/replay.ts';
import { at, held, opened, runScratch, stopping } from '../journal/sample.ts';

/** A run's directory with these records, and the lines they are. */
function written(...events: readonly Event[]): { directory: string; path: string; lines: readonly string[] } {
  const directory = runScratch();
  const path = join(directory, JOURNAL);
  let prev = GENESIS;
  const lines = events.map((event, index) => {
    const { line, record } = sealRecord({ seq: index + 1, prev, ...at, event });
    prev = record.sum;
    return `${line}\n`;
  });
  writeFileSync(path, lines.join(''));
  return { directory, path, lines };
}

test.each([0, 0.5, 1])('a crash takes of the last line what was never synced (%d of it)', (how) => {
  const { directory, path, lines } = written(opened, stopping);
  expect(tearJournal(directory, how)).toBe(true);
  const left = readFileSync(path, 'utf8');
  expect(left.startsWith(lines[0] ?? '-')).toBe(true);
  expect(left.length).toBeLessThan(lines.join('').length);
  expect(readJournal(directory).records).toHaveLength(1);
});

test('a crash takes nothing that was synced', () => {
  const { directory, path, lines } = written(opened, stopping, held);
  expect(tearJournal(directory, 1)).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
});
