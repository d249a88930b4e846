import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { follow } from '../../src/cli/follow-run.ts';
import type { Event } from '../../src/engine/event.ts';
import type { RunState } from '../../src/engine/state.ts';
import { Journal } from '../../src/journal/append.ts';
import { lockRun } from '../../src/journal/lock.ts';
import { at, held, opened, runScratch, stopping } from '../journal/sample.ts';

const { refuseWatch } = vi.hoisted(() => ({ refuseWatch: { now: false } }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    watch: (...words: Parameters<typeof fs.watch>) => {
      if (refuseWatch.now) throw Object.assign(new Error('no room for a watch'), { code: 'ENOSPC' });
      return fs.watch(...words);
    },
  };
});

/** A run that this process works on, and somebody who follows it. */
async function followed(signal = new AbortController().signal) {
  const directory = runScratch();
  const release = lockRun(directory);
  const journal = Journal.create(directory);
  onTestFinished(() => journal.close());
  await journal.append([opened], at);
  const batches: { types: string[]; state: RunState }[] = [];
  let heard: () => void = () => undefined;
  const end = follow(
    directory,
    (records, state) => {
      batches.push({ types: records.map(({ event }) => event.type), state });
      heard();
    },
    signal,
  );
  return {
    directory,
    release,
    batches,
    end,
    types: () => batches.flatMap((batch) => batch.types),
    /** Resolves when it was told. */
    async append(...events: readonly Event[]) {
      const told = new Promise<void>((resolve) => {
        heard = resolve;
      });
      await journal.append(events, at);
      await told;
    },
  };
}

describe.each([
  ['with a watch on the journal', false],
  ['where there is no room for a watch', true],
])('a run that is followed, %s,', (_how, refuse) => {
  function watching(): void {
    refuseWatch.now = refuse;
    onTestFinished(() => {
      refuseWatch.now = false;
    });
  }

  test('is told first as far as it has come, then batch by batch with the state after it, until its process ends', async () => {
    watching();
    const run = await followed();
    expect(run.batches.map(({ types }) => types)).toEqual([['run.opened']]);
    await run.append(stopping, held);
    expect(run.batches[1]).toMatchObject({
      types: ['run.stopping', 'run.held'],
      state: { held: { reason: 'operator' } },
    });
    // Held, and its process stays: it may go on.
    await run.append({ type: 'run.noted', text: 'x', by: 'alice' });
    run.release();
    expect(await run.end).toMatchObject({ held: { reason: 'operator' } });
    expect(run.types()).toEqual(['run.opened', 'run.stopping', 'run.held', 'run.noted']);
  });
});

test('the last words of a process that has just ended are told', async () => {
  const run = await followed();
  await run.append(stopping);
  // In one turn: nothing can be read in between.
  const last = run.append(held);
  run.release();
  await last;
  expect(await run.end).toMatchObject({ held: { reason: 'operator' } });
});

test('a process that was killed ends it, though its lock is there still', async () => {
  const run = await followed();
  const lock = join(run.directory, 'lock');
  const holder = JSON.parse(readFileSync(lock, 'utf8')) as object;
  writeFileSync(lock, JSON.stringify({ ...holder, started: '1' }));
  expect(await run.end).toMatchObject({ run: 'r', done: false });
});

test('a run that nobody works on is told, and that is all; one without a record is nothing', async () => {
  const directory = runScratch();
  const journal = Journal.create(directory);
  const told: string[] = [];
  const never = new AbortController().signal;
  const tell = (records: readonly { event: Event }[]) =>
    void told.push(...records.map(({ event }) => event.type));
  expect(await follow(directory, tell, never)).toBeUndefined();
  await journal.append([opened, stopping], at);
  journal.close();
  expect(await follow(directory, tell, never)).toMatchObject({ stopping: { reason: 'operator' } });
  expect(told).toEqual(['run.opened', 'run.stopping']);
});

test('who follows can leave at any time', async () => {
  const leave = new AbortController();
  const run = await followed(leave.signal);
  leave.abort();
  expect(await run.end).toMatchObject({ run: 'r' });
  run.release();
});
