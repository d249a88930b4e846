import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Journal } from '../../src/journal/append.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import { BrokenJournal, cutTornLine, foldRecords, readJournal } from '../../src/journal/replay.ts';
import { at, held, opened, runScratch, scratch, stopping } from './sample.ts';

async function written(): Promise<{ directory: string; path: string }> {
  const directory = runScratch();
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
        next: `put ${gone} back as it was, then resume the run; without its journal, look at the hosts`,
      }),
    );
  });

  test('that is removed while it is written takes no further record that must be durable', async () => {
    const { directory, path } = await written();
    const journal = Journal.reopen(directory, readJournal(directory).position);
    rmSync(path);
    await expect(journal.append([held], at)).rejects.toThrow('its directory is gone');
    await expect(journal.append([stopping], at)).rejects.toThrow(JournalError);
    journal.close();
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
  test('is found out whichever of the 8 bits of whichever byte is flipped, and its record is named', async () => {
    const { directory, path } = await written();
    const good = readFileSync(path);
    let record = 1;
    for (let byte = 0; byte < good.length; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        const bad = Buffer.from(good);
        bad[byte] = (good[byte] ?? 0) ^ (1 << bit);
        writeFileSync(path, bad);
        let broken: unknown;
        try {
          readJournal(directory);
        } catch (error) {
          broken = error;
        }
        if (!(broken instanceof BrokenJournal) || broken.line !== record)
          expect.fail(`bit ${bit} of byte ${byte}, in record ${record}: ${String(broken)}`);
      }
      if (good[byte] === 0x0a) record++;
    }
    expect(record, 'every record was tried, its line end too').toBe(4);
    writeFileSync(path, good);
    expect(readJournal(directory).records).toHaveLength(3);
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

describe('a whole journal at the wrong place', () => {
  test('is that of another run: the first record says so', async () => {
    const { path } = await written();
    const other = scratch();
    copyFileSync(path, join(other, 'journal.ndjson'));
    expect(() => readJournal(other)).toThrow(
      expect.objectContaining({
        name: 'BrokenJournal',
        line: 1,
        message: expect.stringContaining(
          `record 1 opens run r, and this is the journal of ${basename(other)}`,
        ),
      }),
    );
  });

  test('that does not open with the opening of a run is none', async () => {
    const directory = runScratch();
    const journal = Journal.create(directory);
    await journal.append([stopping], at);
    journal.close();
    expect(() => readJournal(directory)).toThrow('record 1 is run.stopping');
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
