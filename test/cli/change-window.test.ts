import { describe, expect, test } from 'vitest';
import { type Here, openWindow } from '../../src/cli/change-window.ts';
import { Stop } from '../../src/cli/exit-code.ts';

const at = (iso: string, site?: string): Here => ({ now: Date.parse(iso), zone: 'Europe/Berlin', site });
const OPEN = at('2026-11-27T02:00:00+01:00');
const SITE = at('2026-11-27T02:00:00+01:00', '01:30-02:30');
const KEPT = { opens: '2026-11-27T00:00:00+01:00', closes: '2026-11-27T04:00:00+01:00' };
const ONE_TO_THREE = { opens: '2026-11-27T01:00:00+01:00', closes: '2026-11-27T03:00:00+01:00' };

/** How it stops. */
function stop(act: () => unknown): { code: number; message: string; next: string | undefined } {
  try {
    act();
  } catch (error) {
    if (error instanceof Stop) return { code: error.code, message: error.message, next: error.next };
    throw error;
  }
  throw new Error('it did not stop');
}

describe('the window of a run', () => {
  test('is what the option says, in the zone of the controller', () => {
    expect(openWindow({ window: '01:00-03:00' }, undefined, OPEN)).toEqual({ window: ONE_TO_THREE });
  });

  test('is that of the site where no option says another, and none where neither does', () => {
    const site = { opens: '2026-11-27T01:30:00+01:00', closes: '2026-11-27T02:30:00+01:00' };
    expect(openWindow({}, undefined, SITE)).toEqual({ window: site });
    expect(openWindow({ window: '01:00-03:00' }, undefined, SITE)).toEqual({ window: ONE_TO_THREE });
    expect(openWindow({ window: 'none' }, undefined, SITE)).toEqual({});
    expect(openWindow({}, undefined, OPEN)).toEqual({});
  });

  test('that goes on is the one it has had, unless the option gives another or drops it', () => {
    expect(openWindow({}, KEPT, SITE)).toEqual({ window: KEPT });
    expect(openWindow({ window: '01:00-03:00' }, KEPT, OPEN)).toEqual({ window: ONE_TO_THREE });
    expect(openWindow({ window: 'none' }, KEPT, SITE)).toEqual({});
  });

  test('and a timeout from now on stand side by side', () => {
    expect(openWindow({ window: '01:00-03:00', timeout: '1h30m' }, undefined, OPEN)).toEqual({
      window: ONE_TO_THREE,
      until: '2026-11-27T03:30:00+01:00',
    });
    expect(openWindow({ timeout: '10s' }, undefined, OPEN)).toEqual({ until: '2026-11-27T02:00:10+01:00' });
  });
});

describe('a window that is not open stops with exit code 7', () => {
  test('before it opens, and says when', () => {
    expect(
      stop(() => openWindow({ window: '01:00-03:00' }, undefined, at('2026-11-26T22:00:00+01:00'))),
    ).toEqual({
      code: 7,
      message:
        'the change window is not open yet: it opens at 2026-11-27 01:00 +01:00 and closes at 2026-11-27 03:00 +01:00',
      next: 'start it then; --window SPEC gives another, --window none goes without; no host was contacted',
    });
  });

  test.each(['2026-11-27T03:00:00+01:00', '2026-11-28T02:00:00+01:00'])('after it has closed: %s', (now) => {
    expect(stop(() => openWindow({ window: '2026-11-27 01:00-03:00' }, undefined, at(now)))).toEqual({
      code: 7,
      message: 'the change window closed at 2026-11-27 03:00 +01:00',
      next: '--window SPEC gives another, --window none goes without; no host was contacted',
    });
  });

  test('also where a run would go on in the one it has had', () => {
    expect(stop(() => openWindow({}, KEPT, at('2026-11-27T04:00:00+01:00'))).code).toBe(7);
  });
});

test.each([
  [{ window: '1-3' }, undefined, /^--window: "1-3" is not a window/],
  [{}, '01:00-03:00 Mars', /^LOCKSTEP_WINDOW: .* the time zone Mars is not known/],
  [{ timeout: '90' }, undefined, /^--timeout: "90" is not a duration/],
  [{ timeout: '0s' }, undefined, /^--timeout: 0s is no time at all/],
])('%j with %s is a mistake, told with exit code 1', (options, site, message) => {
  const { code, message: told } = stop(() => openWindow(options, undefined, { ...OPEN, site }));
  expect([code, told]).toEqual([1, expect.stringMatching(message)]);
});
