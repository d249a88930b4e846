import { expect, test } from 'vitest';
import { faultKinds, offsetText, parseFault } from '../../src/lab/fault-kinds.ts';

test('each kind is read by its own name', () => {
  const values: Record<string, readonly string[]> = { clock: ['+1h'] };
  const read = faultKinds.map(({ kind }) => parseFault([kind, ...(values[kind] ?? [])]).kind);
  expect(read).toEqual(faultKinds.map(({ kind }) => kind));
});

test.each([
  [['slow'], { kind: 'slow', delayMs: 200 }],
  [['slow', '50ms'], { kind: 'slow', delayMs: 50 }],
  [['slow', '2s'], { kind: 'slow', delayMs: 2000 }],
  [['clock', '+1h'], { kind: 'clock', offsetS: 3600 }],
  [['clock', '-5m'], { kind: 'clock', offsetS: -300 }],
  [['clock', '+1h30m'], { kind: 'clock', offsetS: 5400 }],
  [['clock', '-3650d'], { kind: 'clock', offsetS: -315_360_000 }],
])('%j is understood', (words, fault) => {
  expect(parseFault(words)).toEqual(fault);
});

test.each([
  [[], 'names no kind; add one of cut, slow'],
  [['burn'], 'fault "burn": is none; choose one of cut'],
  [['CUT'], 'fault "CUT": is none'],
  [['cut', 'now'], 'fault cut: takes no "now"; write `cut` alone'],
  [['slow', '1s', '2s'], 'fault slow: takes no "2s"; write `slow [200ms]`'],
  [['slow', '5'], 'fault slow 5: must be 1ms to 1m'],
  [['slow', '0ms'], 'must be 1ms to 1m'],
  [['slow', '61s'], 'must be 1ms to 1m'],
  [['slow', '-1s'], 'must be 1ms to 1m'],
  [['clock'], 'needs an offset; write it as +1h or -5m'],
  [['clock', '1h'], 'fault clock 1h: must be + or -'],
  [['clock', '+0s'], 'not 0'],
  [['clock', '+500ms'], 'whole seconds'],
  [['clock', '+3651d'], 'up to 3650d'],
  [['clock', '+1h; reboot'], 'must be + or -'],
  [['clock', '+1h', '+1h'], 'takes no "+1h"'],
])('%j is refused with the next move', (words, message) => {
  expect(() => parseFault(words)).toThrow(message);
});

test('an offset is shown as it is written', () => {
  const offsets = ['+1h', '-5m', '+1h30m', '+1d', '-1s'];
  expect(
    offsets
      .map((text) => parseFault(['clock', text]))
      .map((fault) => 'offsetS' in fault && offsetText(fault.offsetS)),
  ).toEqual(offsets);
});
