/** Clocks on walls: what they show in a zone, and which instants that may be. Pure, by the zones that Intl knows. */

/** `2026-11-27` and `01:00` as numbers; months from 1. An hour of 24 is the midnight at the day's end. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY_MS = 86_400_000;

/**
 * The instants at which clocks of that zone show this: one; two in the hour that comes again when clocks go back, in
 * order; none in the hour that is left out when they go forward. ms since the epoch.
 */
export function instantsOf(wall: WallTime, zone: string): readonly number[] {
  const shown = asUtc(wall);
  const offsets = new Set([offsetOf(zone, shown - DAY_MS), offsetOf(zone, shown + DAY_MS)]);
  return [...offsets]
    .map((offset) => shown - offset)
    .filter((instant) => instant + offsetOf(zone, instant) === shown)
    .sort((a, b) => a - b);
}

/** The instant at which clocks of that zone leap over this time, which none of them shows. */
export function leapOver(wall: WallTime, zone: string): number {
  const shown = asUtc(wall);
  const before = offsetOf(zone, shown - DAY_MS);
  let [early, late] = [shown - DAY_MS, shown + DAY_MS];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetOf(zone, middle) === before) early = middle;
    else late = middle;
  }
  return late;
}

/** What clocks of that zone show at an instant, to the second. */
export function wallAt(instant: number, zone: string): WallTime {
  return fromUtc(instant + offsetOf(zone, instant));
}

/** ISO 8601 with the offset that the zone has then: `2026-11-27T01:00:00+01:00`. */
export function isoIn(zone: string, instant: number): string {
  const offset = offsetOf(zone, instant);
  const shown = new Date(Math.floor((instant + offset) / 1000) * 1000).toISOString().slice(0, 19);
  const minutes = Math.floor(Math.abs(offset) / 60_000);
  const pad = (number: number): string => String(number).padStart(2, '0');
  return `${shown}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The same time of day, so many days later. */
export function daysLater(wall: WallTime, days: number): WallTime {
  return fromUtc(asUtc({ ...wall, day: wall.day + days }));
}

/** Whether there is such a day: not the 30th of February. */
export function isDay({ year, month, day }: Pick<WallTime, 'year' | 'month' | 'day'>): boolean {
  const there = new Date(Date.UTC(year, month - 1, day));
  return there.getUTCMonth() === month - 1 && there.getUTCDate() === day;
}

/** What UTC's clocks would show as this, in ms since the epoch. */
export function asUtc({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function fromUtc(ms: number): WallTime {
  const shown = new Date(ms);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** What is added to UTC in that zone at that instant, in ms; whole seconds. */
function offsetOf(zone: string, instant: number): number {
  const whole = Math.floor(instant / 1000) * 1000;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return asUtc({ year, month, day, hour, minute, second }) - whole;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a zone that Intl does not know. */
function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}
