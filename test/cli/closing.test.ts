import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { holdAtClosing } from '../../src/cli/closing.ts';
import type { Event, Policy } from '../../src/engine/event.ts';
import type { Input } from '../../src/engine/input.ts';

const START = Date.parse('2026-11-27T02:00:00+01:00');
const CLOSES = '2026-11-27T03:00:00+01:00';
const WINDOW: Partial<Policy> = { window: { opens: '2026-11-27T01:00:00+01:00', closes: CLOSES } };
const MINUTE = 60_000;

let commands: Input[] = [];
const watch = (policy: Partial<Policy>): (() => void) => {
  const resumed: Event = {
    type: 'run.resumed',
    operator: { name: 'alice', host: 'desk', terminal: false },
    policy: { yes: false, ...policy },
    tornBytes: 0,
  };
  return holdAtClosing('7f3a', [resumed], (input) => void commands.push(input));
};

beforeEach(() => {
  commands = [];
  vi.useFakeTimers({ now: START });
});
afterEach(() => vi.useRealTimers());

describe('at the closing of its window', () => {
  test('a run is held, at that moment and once', () => {
    watch(WINDOW);
    vi.advanceTimersByTime(60 * MINUTE - 1);
    expect(commands).toEqual([]);
    vi.advanceTimersByTime(1);
    const text =
      'the change window closed at 2026-11-27 03:00 +01:00; lockstep resume 7f3a --window SPEC goes on in another';
    expect(commands).toEqual([{ type: 'hold', reason: 'window', text }]);
    vi.advanceTimersByTime(24 * 60 * MINUTE);
    expect(commands).toHaveLength(1);
  });

  test('a run with a timeout is held then, and told that a resume goes on', () => {
    watch({ ...WINDOW, until: '2026-11-27T02:10:00+01:00' });
    vi.advanceTimersByTime(10 * MINUTE);
    const text = 'the time of --timeout ended at 2026-11-27 02:10 +01:00; lockstep resume 7f3a goes on';
    expect(commands).toEqual([{ type: 'hold', reason: 'window', text }]);
  });

  test('a machine that slept through it hears of it soon after', () => {
    watch(WINDOW);
    vi.setSystemTime(START + 3 * 60 * MINUTE);
    vi.advanceTimersByTime(15_000);
    expect(commands).toHaveLength(1);
  });

  test('one that has closed already is held at once', () => {
    vi.setSystemTime(Date.parse(CLOSES));
    watch(WINDOW);
    expect(commands).toHaveLength(1);
  });

  test('nothing is held any more once the run is over, nor without a window', () => {
    watch(WINDOW)();
    watch({});
    vi.advanceTimersByTime(120 * MINUTE);
    expect([commands, vi.getTimerCount()]).toEqual([[], 0]);
  });
});
