import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/engine/duration.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1.5h', 5_400_000],
  ['1m500ms', 60_500],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '30', 's', '-1s', '30 s', '10min', '1h 30m', '1e3s', ' 1s', `${'9'.repeat(30)}d`])(
  '"%s" is refused and quoted',
  (text) => {
    expect(() => parseDuration(text)).toThrow(
      new RangeError(`"${text}" is not a duration; write one like 500ms, 30s, 10m or 1h30m`),
    );
  },
);

test.each([
  [0, '0s'],
  [90_000, '1m30s'],
  [1_234, '1s234ms'],
  [-2_000, '-2s'],
  [86_400_000, '1d'],
  [1_500.4, '1s500ms'],
])('%d ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('what is written is read back as the same number', () => {
  fc.assert(fc.property(fc.nat(10_000_000_000), (ms) => parseDuration(formatDuration(ms)) === ms));
});
