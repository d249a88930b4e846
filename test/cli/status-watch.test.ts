import { expect, test } from 'vitest';
import { watch } from '../../src/cli/status-watch.ts';

test('it looks again after each interval, until it is ended, and gives back the last look', async () => {
  const end = Promise.withResolvers<void>();
  const shown: number[] = [];
  let looks = 0;
  const last = await watch({
    everyMs: 5,
    look: async () => ++looks,
    ended: end.promise,
    shown(look) {
      shown.push(look);
      if (look === 3) end.resolve();
    },
    failed: (message) => expect.fail(message),
  });
  expect(shown).toEqual([1, 2, 3]);
  expect(last).toBe(3);
});

test('a look that fails is told, and the next one is made all the same', async () => {
  const end = Promise.withResolvers<void>();
  const told: string[] = [];
  let looks = 0;
  const last = await watch({
    everyMs: 1,
    look: async () => {
      if (++looks === 1) throw new Error('no server answers');
      return looks;
    },
    ended: end.promise,
    shown(look) {
      told.push(`look ${look}`);
      end.resolve();
    },
    failed: (message) => void told.push(message),
  });
  expect(told).toEqual(['no server answers', 'look 2']);
  expect(last).toBe(2);
});

test('who wants it gets the next look at once, though the interval is long', async () => {
  const end = Promise.withResolvers<void>();
  let looks = 0;
  let wishes = 0;
  await watch({
    everyMs: 3_600_000,
    look: async () => ++looks,
    ended: end.promise,
    shown: (look) => void (look === 2 && end.resolve()),
    failed: (message) => expect.fail(message),
    wanted: () => (++wishes === 1 ? Promise.resolve() : new Promise(() => undefined)),
  });
  expect(looks).toBe(2);
});

test('it ends while a look hangs', async () => {
  const last = await watch({
    everyMs: 1,
    look: () => new Promise<number>(() => undefined),
    ended: Promise.resolve(),
    shown: () => expect.fail('shown'),
    failed: (message) => expect.fail(message),
  });
  expect(last).toBeUndefined();
});
