/** A real file system of 1 MiB that runs full: the journal says so, keeps no half record, and goes on when there is room. */
import { rmSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { Journal } from '../../src/journal/append.ts';
import { keepOutput } from '../../src/journal/output.ts';
import { readJournal } from '../../src/journal/replay.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import { at, held, opened } from '../journal/sample.ts';
import { fill, smallDisk } from './small-disk.ts';

const note = (text: string): Event => ({ type: 'run.stopping', reason: 'operator', text });

test('a full disk ends the run with what to free, and leaves no half record; with room again it goes on', async () => {
  const disk = smallDisk();
  const directory = createRunDirectory(disk, 'r');
  const journal = Journal.create(directory);
  await journal.append([opened], at);
  const ballast = fill(disk);

  const full = (async () => {
    for (;;) await journal.append([note('x'.repeat(700)), note('y'.repeat(700))], at);
  })();
  await expect(full).rejects.toMatchObject({
    name: 'JournalError',
    message: `${directory}/journal.ndjson: the disk is full (ENOSPC), so no further step was started`,
    next: `free space on the file system of ${directory}, then resume the run`,
  });
  await expect(journal.append([held], at)).rejects.toThrow('the disk is full');
  journal.close();

  const { records, tornBytes, position } = readJournal(directory);
  expect(tornBytes).toBe(0);
  expect(records.length % 2, 'a batch is there whole or not at all').toBe(1);

  rmSync(ballast);
  const again = Journal.reopen(directory, position);
  await again.append([held], at);
  again.close();
  expect(readJournal(directory).records.at(-1)?.event).toEqual(held);
});

test('an output that finds no room is an error of the journal, and not of the command', () => {
  const disk = smallDisk();
  const directory = createRunDirectory(disk, 'r');
  fill(disk);
  const result = {
    exit: { kind: 'exited' as const, code: 0 },
    stdout: 'x'.repeat(100_000),
    stderr: '',
    truncated: false,
    durationMs: 1,
  };
  expect(() => keepOutput(directory, '01-a@h1.1', result, (text) => text)).toThrow(
    expect.objectContaining({
      name: 'JournalError',
      message: expect.stringContaining('the disk is full (ENOSPC)'),
    }),
  );
});

test('a run on a full disk does not begin', async () => {
  const disk = smallDisk();
  const ballast = fill(disk);
  expect(statSync(ballast).size).toBeGreaterThan(900_000);
  const directory = createRunDirectory(disk, 'r');
  const journal = Journal.create(directory);
  await expect(journal.append([opened], at)).rejects.toMatchObject({ name: 'JournalError' });
  journal.close();
});
