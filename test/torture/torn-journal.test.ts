import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { tearJournal } from '../../scripts/torture/torn-journal.ts';
import type { Event } from '../../src/engine/event.ts';
import { GENESIS, JOURNAL, sealRecord } from '../../src/journal/record.ts';
import { readJournal } from '../../src/journal/replay.ts';

const directory = mkdtempSync(join(tmpdir(), 'torn-'));
const path = join(directory, JOURNAL);
afterEach(() => rmSync(path, { force: true }));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

const synced: Event = { type: 'task.intended', task: 'a@h', attempt: 1, bootId: 'b' };
const unsynced: Event = { type: 'task.wrote', task: 'a@h', attempt: 1, durationMs: 1 };

function write(...events: readonly Event[]): readonly string[] {
  let prev = GENESIS;
  const lines = events.map((event, index) => {
    const { line, record } = sealRecord({ seq: index + 1, prev, at: '', mono: 0, event });
    prev = record.sum;
    return `${line}\n`;
  });
  writeFileSync(path, lines.join(''));
  return lines;
}

test.each([0, 0.5, 1])('a crash takes of the last line what was never synced (%d of it)', (how) => {
  const [first = ''] = write(synced, unsynced);
  expect(tearJournal(directory, how)).toBe(true);
  expect(readFileSync(path, 'utf8').startsWith(first)).toBe(true);
  expect(readJournal(directory).records).toHaveLength(1);
});

test('a crash takes nothing that was synced', () => {
  const lines = write(unsynced, synced);
  expect(tearJournal(directory, 1)).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
});
