import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { lookProgress } from '../../src/cli/look-progress.ts';

afterEach(() => void vi.useRealTimers());

function terminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY,
  }) as unknown as NodeJS.WriteStream;
  return { stream, written: () => String((stream as unknown as PassThrough).read() ?? '') };
}

test('a look that takes long says at a terminal what it is at, and takes it away again', () => {
  vi.useFakeTimers();
  const { stream, written } = terminal(true);
  const progress = lookProgress(stream);
  progress.tell('asking 8 hosts');
  vi.advanceTimersByTime(1_900);
  expect(written()).toBe('');
  vi.advanceTimersByTime(400);
  expect(written()).toBe('\r\u001b[K  asking 8 hosts, 2 s');
  progress.tell('reading the contents');
  expect(written()).toBe('\r\u001b[K  reading the contents, 2 s');
  progress.stop();
  expect(written()).toBe('\r\u001b[K');
  vi.advanceTimersByTime(5_000);
  expect(written()).toBe('');
});

test('without a terminal nothing is written', () => {
  vi.useFakeTimers();
  const { stream, written } = terminal(false);
  const progress = lookProgress(stream);
  progress.tell('asking 8 hosts');
  vi.advanceTimersByTime(10_000);
  progress.stop();
  expect(written()).toBe('');
});
