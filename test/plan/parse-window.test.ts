import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantsOf, isoIn, wallAt } from '../../src/plan/local-time.ts';
import { BadWindow, parseWindow } from '../../src/plan/parse-window.ts';

const BERLIN = 'Europe/Berlin';
const at = (iso: string): number => Date.parse(iso);
/** `opens closes`, of a window asked for at that time by somebody in Berlin. */
const read = (text: string, now = '2026-11-26T22:00:00+01:00', zone = BERLIN): string | undefined => {
  const window = parseWindow(text, at(now), zone);
  return window && `${window.opens} ${window.closes}`;
};

describe('a window', () => {
  test.each([
    ['01:00-03:00', '2026-11-27T01:00:00+01:00 2026-11-27T03:00:00+01:00'],
    [' 1:00 - 3:00 ', '2026-11-27T01:00:00+01:00 2026-11-27T03:00:00+01:00'],
    ['01:00-03:00 UTC', '2026-11-27T01:00:00+00:00 2026-11-27T03:00:00+00:00'],
    ['01:00-03:00 America/New_York', '2026-11-27T01:00:00-05:00 2026-11-27T03:00:00-05:00'],
    ['01:00-03:00 +0530', '2026-11-27T01:00:00+05:30 2026-11-27T03:00:00+05:30'],
    ['00:00-24:00', '2026-11-26T00:00:00+01:00 2026-11-27T00:00:00+01:00'],
    ['2026-12-24 01:00-03:00', '2026-12-24T01:00:00+01:00 2026-12-24T03:00:00+01:00'],
    ['2026-12-31 23:00-01:00', '2026-12-31T23:00:00+01:00 2027-01-01T01:00:00+01:00'],
    ['2026-11-27 01:00-03:00 Asia/Tokyo', '2026-11-27T01:00:00+09:00 2026-11-27T03:00:00+09:00'],
    ['2026-11-27T01:00/2026-11-28T03:00', '2026-11-27T01:00:00+01:00 2026-11-28T03:00:00+01:00'],
    [
      '2026-11-27T01:00/2026-11-27T03:00 Europe/Helsinki',
      '2026-11-27T01:00:00+02:00 2026-11-27T03:00:00+02:00',
    ],
    [
      '2026-11-27T01:00/2026-11-27T03:00[Europe/Helsinki]',
      '2026-11-27T01:00:00+02:00 2026-11-27T03:00:00+02:00',
    ],
    ['2026-11-27T01:00/2026-11-27T03:00+05:30', '2026-11-27T01:00:00+05:30 2026-11-27T03:00:00+05:30'],
    ['2026-11-27T01:00:30Z/2026-11-27T03:00:15Z', '2026-11-27T01:00:30+00:00 2026-11-27T03:00:15+00:00'],
    ['2026-11-27T01:00Z/2026-11-27T04:00+02:00', '2026-11-27T01:00:00+00:00 2026-11-27T04:00:00+02:00'],
  ])('%s is read', (text, window) => {
    expect(read(text)).toBe(window);
  });

  test('none is no window', () => {
    expect(read('none')).toBeUndefined();
  });

  test.each([
    ['before it opens is the next one', '2026-11-27T00:59:59+01:00', '2026-11-27T01:00:00+01:00'],
    ['at its opening is the current one', '2026-11-27T01:00:00+01:00', '2026-11-27T01:00:00+01:00'],
    ['while it is open is the current one', '2026-11-27T02:59:59+01:00', '2026-11-27T01:00:00+01:00'],
    ['at its closing is the next one', '2026-11-27T03:00:00+01:00', '2026-11-28T01:00:00+01:00'],
  ])('without a date, %s', (_, now, opens) => {
    expect(parseWindow('01:00-03:00', at(now), BERLIN)?.opens).toBe(opens);
  });

  test('over midnight is the one of yesterday until it closes', () => {
    const yesterdays = '2026-11-26T23:00:00+01:00 2026-11-27T01:00:00+01:00';
    expect(read('23:00-01:00', '2026-11-27T00:30:00+01:00')).toBe(yesterdays);
    expect(read('23:00-01:00', '2026-11-27T01:00:00+01:00')).toMatch(/^2026-11-27T23:00/);
  });
});

describe('where clocks are changed', () => {
  test('in spring, a time that is left out stands for the moment of the change', () => {
    const now = '2026-03-28T22:00:00+01:00';
    expect(read('01:30-02:30', now)).toBe('2026-03-29T01:30:00+01:00 2026-03-29T03:00:00+02:00');
    expect(read('02:30-04:00', now)).toBe('2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00');
    expect(read('2026-03-29 01:00-05:00', now)).toBe('2026-03-29T01:00:00+01:00 2026-03-29T05:00:00+02:00');
  });

  test('in autumn it opens at the later and closes at the earlier of two equal times', () => {
    const now = '2026-10-24T22:00:00+02:00';
    expect(read('01:30-02:30', now)).toBe('2026-10-25T01:30:00+02:00 2026-10-25T02:30:00+02:00');
    expect(read('02:30-04:00', now)).toBe('2026-10-25T02:30:00+01:00 2026-10-25T04:00:00+01:00');
    expect(read('01:00-03:00', now)).toBe('2026-10-25T01:00:00+02:00 2026-10-25T03:00:00+01:00');
  });

  test('one of which nothing is left is that of the next day, and with a date an error', () => {
    expect(read('02:10-02:50', '2026-03-28T22:00:00+01:00')).toMatch(/^2026-03-30T02:10:00\+02:00/);
    expect(read('02:10-02:50', '2026-10-24T22:00:00+02:00')).toMatch(/^2026-10-26T02:10:00\+01:00/);
    for (const text of [
      '2026-03-29 02:10-02:50',
      '2026-10-25 02:10-02:50',
      '2026-10-25T02:10/2026-10-25T02:50',
    ])
      expect(() => read(text)).toThrow(`nothing is left of "${text}": the clocks are changed then`);
    expect(read('2026-10-25T02:10+02:00/2026-10-25T02:50+02:00')).toBe(
      '2026-10-25T02:10:00+02:00 2026-10-25T02:50:00+02:00',
    );
  });

  test('a whole day that a zone has left out is leapt over', () => {
    expect(read('2011-12-29 23:00-13:00 Pacific/Apia')).toBe(
      '2011-12-29T23:00:00-10:00 2011-12-31T00:00:00+14:00',
    );
  });
});

test.each([
  ['', '"" is not a window'],
  ['1-3', '"1-3" is not a window'],
  ['01:00', '"01:00" is not a window'],
  ['None', '"None" is not a window'],
  ['01:00-03:00 Europe/Berln', 'the time zone Europe/Berln is not known', 'did you mean "Europe/Berlin"?'],
  ['01:00-03:00 Mars/North', 'the time zone Mars/North is not known'],
  ['01:00-03:00 +99:00', 'the time zone +99:00 is not known'],
  ['25:00-03:00', 'there is no 25:00'],
  ['24:00-03:00', 'there is no 24:00'],
  ['01:00-24:01', 'there is no 24:01'],
  ['01:60-03:00', 'there is no 01:60'],
  ['01:00-01:00', '"01:00-01:00" closes when it opens'],
  ['2026-11-27 01:00-01:00', 'closes when it opens'],
  ['2026-02-30 01:00-03:00', 'there is no day 2026-02-30'],
  ['2026-13-01 01:00-03:00', 'there is no day 2026-13-01'],
  ['2026-11-27T03:00/2026-11-27T01:00', 'ends before it starts'],
  ['2026-11-27T03:00/2026-11-27T03:00', 'ends before it starts'],
  ['2026-11-27T01:00+00:00/2026-11-27T01:30+01:00', 'ends before it starts'],
  ['2026-11-27T01:00Z/2026-11-27T03:00', 'has an offset at its start and none at its end'],
  ['2026-11-27T01:00/2026-11-27T03:00Z Europe/Berlin', 'has an offset and a zone'],
  ['2026-11-27T01:00:60/2026-11-27T03:00', 'there is no second 60'],
])('%j is refused, and the cure told', (text, message, next = '') => {
  try {
    read(text);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof BadWindow)) throw error;
    expect(error.message).toContain(message);
    expect(error.next).toContain(next);
    expect(error.next).not.toBe('');
  }
});

const zone = fc.constantFrom(
  'UTC',
  BERLIN,
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Asia/Kathmandu',
  '-09:30',
);
const instant = fc.integer({ min: at('2005-01-01'), max: at('2035-01-01') }).map((ms) => ms - (ms % 1000));

test('what clocks show in any zone is told exactly, and found again among its instants', () => {
  fc.assert(
    fc.property(zone, instant, (name, ms) => {
      expect(at(isoIn(name, ms))).toBe(ms);
      const found = instantsOf(wallAt(ms, name), name);
      expect(found).toContain(ms);
      expect(found.length).toBeLessThanOrEqual(2);
    }),
  );
});

test('one without a date is open or to come, within two days, and never longer than the walls say by more than a change', () => {
  const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const text = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  fc.assert(
    fc.property(zone, instant, minute, minute, (name, now, from, to) => {
      fc.pre(from !== to);
      const window = parseWindow(`${text(from)}-${text(to)}`, now, name);
      const [opens, closes] = [at(window?.opens ?? ''), at(window?.closes ?? '')];
      expect(opens).toBeLessThan(closes);
      expect(closes).toBeGreaterThan(now);
      expect(opens - now).toBeLessThan(3 * 86_400_000);
      const long = ((to - from + 24 * 60) % (24 * 60)) * 60_000;
      // Samoa leapt over a whole day.
      expect(Math.abs(closes - opens - long)).toBeLessThanOrEqual(
        name === 'Pacific/Apia' ? 90_000_000 : 3_600_000,
      );
    }),
  );
});
