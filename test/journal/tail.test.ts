import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Journal } from '../../src/journal/append.ts';
import { BrokenJournal } from '../../src/journal/chain.ts';
import { JournalError } from '../../src/journal/journal-error.ts';
import { GENESIS, sealRecord } from '../../src/journal/record.ts';
import { JournalTail } from '../../src/journal/tail.ts';
import { at, held, opened, runScratch, stopping } from './sample.ts';

/** The lines of these events. */
function lines(...events: readonly (typeof opened)[]): readonly string[] {
  let prev = GENESIS;
  return events.map((event, index) => {
    const { line, record } = sealRecord({ seq: index + 1, prev, ...at, event });
    prev = record.sum;
    return `${line}\n`;
  });
}
const types = (tail: JournalTail) => tail.next().map(({ event }) => event.type);

describe('a journal that is read while it is written', () => {
  test('gives each record once, as it comes', async () => {
    const directory = runScratch();
    const journal = Journal.create(directory);
    const tail = new JournalTail(directory);
    expect(types(tail)).toEqual([]);
    await journal.append([opened, stopping], at);
    expect(types(tail)).toEqual(['run.opened', 'run.stopping']);
    expect(types(tail)).toEqual([]);
    await journal.append([held], at);
    expect(types(tail)).toEqual(['run.held']);
    journal.close();
    tail.close();
  });

  test('keeps a last line back until it is whole, wherever its writer has stopped', () => {
    const [first = '', second = ''] = lines(opened, stopping);
    const bytes = Buffer.from(first + second);
    for (let cut = 1; cut < bytes.length; cut += 7) {
      const directory = runScratch();
      const path = join(directory, 'journal.ndjson');
      writeFileSync(path, bytes.subarray(0, cut));
      const tail = new JournalTail(directory);
      expect(types(tail)).toEqual(cut >= Buffer.byteLength(first) ? ['run.opened'] : []);
      appendFileSync(path, bytes.subarray(cut));
      expect(types(tail).at(-1)).toBe('run.stopping');
      tail.close();
    }
  });

  test('goes on behind a torn line that a resume has cut off', () => {
    const directory = runScratch();
    const path = join(directory, 'journal.ndjson');
    const [first = '', second = ''] = lines(opened, stopping);
    writeFileSync(path, first + second.slice(0, 30));
    const tail = new JournalTail(directory);
    expect(types(tail)).toEqual(['run.opened']);
    truncateSync(path, Buffer.byteLength(first));
    expect(types(tail)).toEqual([]);
    appendFileSync(path, second);
    expect(types(tail)).toEqual(['run.stopping']);
    tail.close();
  });

  test('is refused where a record does not follow from what was read before, and where records were taken back', () => {
    const directory = runScratch();
    const path = join(directory, 'journal.ndjson');
    const [first = '', second = '', third = ''] = lines(opened, stopping, held);
    writeFileSync(path, first + second);
    const tail = new JournalTail(directory);
    tail.next();
    appendFileSync(path, third.replace('SIGINT', 'SIGTERM'));
    expect(() => tail.next()).toThrow(new BrokenJournal(path, 3, 'record 3 is not as it was written'));
    truncateSync(path, Buffer.byteLength(first));
    expect(() => tail.next()).toThrow('the last records were taken back');
    tail.close();
  });

  test('that is not there is told with its path', () => {
    expect(() => new JournalTail(runScratch())).toThrow(JournalError);
  });
});
