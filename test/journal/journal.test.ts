import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Journal } from '../../src/journal/append.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import { BrokenJournal, cutTornLine, foldRecords, readJournal } from '../../src/journal/replay.ts';
import { at, held, opened, scratch, stopping } from './sample.ts';

async function written(): Promise<{ directory: string; path: string }> {
  const directory = scratch();
  const journal = Journal.create(directory);
  await journal.append([opened], at);
  await journal.append([stopping, held], at);
  journal.close();
  return { directory, path: join(directory, 'journal.ndjson') };
}

describe('a journal', () => {
  test('gives back what was appended, numbered and chained', async () => {
    const { directory } = await written();
    const { records, tornBytes, position } = readJournal(directory);
    expect(records.map(({ seq, event }) => [seq, event])).toEqual([
      [1, opened],
      [2, stopping],
      [3, held],
    ]);
    expect(records[0]?.prev).toBe('0'.repeat(32));
    expect([records[1]?.prev, records[2]?.prev]).toEqual([records[0]?.sum, records[1]?.sum]);
    expect([tornBytes, position]).toEqual([0, { seq: 3, last: records[2]?.sum }]);
    expect(foldRecords(records)?.held?.text).toBe('held by SIGINT');
  });

  test('is readable by its owner only', async () => {
    const { path } = await written();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('goes on where it ended', async () => {
    const { directory } = await written();
    const journal = Journal.reopen(directory, readJournal(directory).position);
    await journal.append([stopping], at);
    journal.close();
    expect(readJournal(directory).records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('is never begun twice', async () => {
    const { directory } = await written();
    expect(() => Journal.create(directory)).toThrow(JournalError);
  });

  test('that cannot be written says where and what to do', () => {
    const gone = join(scratch(), 'gone');
    expect(() => Journal.create(gone)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`${gone}/journal.ndjson`),
        next: `make ${gone} writable, then resume the run`,
      }),
    );
  });

  test('that could not be written once is never written again', async () => {
    const { directory, path } = await written();
    const journal = Journal.reopen(directory, readJournal(directory).position);
    journal.close();
    await expect(journal.append([stopping], at)).rejects.toThrow(JournalError);
    await expect(journal.append([stopping], at)).rejects.toThrow(JournalError);
    expect(readJournal(directory).records).toHaveLength(3);
    expect(path).toContain(directory);
  });
});

describe('a damaged journal', () => {
  test('is found out whichever bit of whichever byte is flipped', async () => {
    const { directory, path } = await written();
    const good = readFileSync(path);
    for (let byte = 0; byte < good.length; byte++) {
      const bad = Buffer.from(good);
      bad[byte] = (good[byte] ?? 0) ^ (1 << (byte % 8));
      writeFileSync(path, bad);
      expect(() => readJournal(directory), `byte ${byte} of ${good.length}`).toThrow(BrokenJournal);
    }
    writeFileSync(path, good);
    expect(readJournal(directory).records).toHaveLength(3);
  });

  test('is found out whichever bit of a line end is flipped', async () => {
    const { directory, path } = await written();
    const good = readFileSync(path);
    for (const [byte, value] of good.entries()) {
      if (value !== 0x0a) continue;
      for (let bit = 0; bit < 8; bit++) {
        const bad = Buffer.from(good);
        bad[byte] = value ^ (1 << bit);
        writeFileSync(path, bad);
        expect(() => readJournal(directory), `bit ${bit} of byte ${byte}`).toThrow(BrokenJournal);
      }
    }
  });

  test.each([
    ['a record taken out', (lines: string[]) => [lines[0], lines[2]], 2],
    ['two records changed over', (lines: string[]) => [lines[0], lines[2], lines[1]], 2],
    ['a record twice', (lines: string[]) => [lines[0], lines[0], lines[1]], 2],
    ['no beginning', (lines: string[]) => [lines[1], lines[2]], 1],
    ['an empty line', (lines: string[]) => [lines[0], '', lines[1]], 2],
  ])('is found out with %s, by its line', async (_what, change, line) => {
    const { directory, path } = await written();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, `${change(lines).join('\n')}\n`);
    expect(() => readJournal(directory)).toThrow(expect.objectContaining({ name: 'BrokenJournal', line }));
  });
});

describe('a torn last line', () => {
  test('is told and cut, wherever it was torn, and the next record stands on a line of its own', async () => {
    const { directory, path } = await written();
    const whole = readFileSync(path);
    const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    for (let end = start + 1; end < whole.length; end++) {
      writeFileSync(path, whole);
      truncateSync(path, end);
      const replay = readJournal(directory);
      expect([replay.records.length, replay.tornBytes], `cut at ${end}`).toEqual([2, end - start]);
    }
    cutTornLine(directory, readJournal(directory));
    const journal = Journal.reopen(directory, readJournal(directory).position);
    await journal.append([held], at);
    journal.close();
    expect(readFileSync(path)).toEqual(whole);
  });

  test('is left as it is by a reading that does not resume', async () => {
    const { directory, path } = await written();
    appendFileSync(path, '{"seq":4');
    readJournal(directory);
    expect(readFileSync(path, 'utf8').endsWith('{"seq":4')).toBe(true);
  });

  test('of the only line leaves a run with nothing begun', async () => {
    const { directory, path } = await written();
    truncateSync(path, 20);
    const { records, tornBytes } = readJournal(directory);
    expect([records.length, tornBytes, foldRecords(records)]).toEqual([0, 20, undefined]);
    rmSync(path);
  });
});
