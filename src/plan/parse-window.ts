/** The change window as an operator writes it. Pure: the time and the zone of the controller come in. */
import { didYouMean } from '../runbook/suggestion.ts';
import {
  asUtc,
  daysLater,
  instantsOf,
  isDay,
  isoIn,
  isZone,
  leapOver,
  type WallTime,
  wallAt,
} from './local-time.ts';

/** ISO 8601 with the offset of its zone, so that it can be shown as the operator meant it. */
export interface ChangeWindow {
  readonly opens: string;
  readonly closes: string;
}

/** Says what is wrong with the text of a window, and how to write it. */
export class BadWindow extends Error {
  override readonly name = 'BadWindow';
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

const CLOCK = '(\\d{1,2}):(\\d{2})';
const ZONE = '([A-Za-z][\\w/+-]*|[+-]\\d{2}:?\\d{2})';
const EVERY_DAY = new RegExp(`^${CLOCK}\\s*[-–]\\s*${CLOCK}(?:\\s+${ZONE})?$`);
const ONE_DAY = new RegExp(`^(\\d{4}-\\d{2}-\\d{2})\\s+${CLOCK}\\s*[-–]\\s*${CLOCK}(?:\\s+${ZONE})?$`);
const MOMENT = '(\\d{4}-\\d{2}-\\d{2})T(\\d{2}):(\\d{2})(?::(\\d{2}))?(Z(?![A-Za-z])|[+-]\\d{2}:?\\d{2})?';
const FROM_TO = new RegExp(`^${MOMENT}\\s*/\\s*${MOMENT}(?:\\s*\\[?${ZONE}\\]?)?$`);

const FORMS =
  'write 01:00-03:00, "01:00-03:00 Europe/Berlin", "2026-11-27 01:00-03:00", 2026-11-27T01:00/2026-11-27T03:00, or none';

/**
 * The window that `text` means, or undefined for `none`. Without a date it is the current one, else the next. Without a zone it is in
 * `zone`. Where clocks are changed, the narrower reading holds: it opens at the later and closes at the earlier of two
 * equal times, and a time that is left out stands for the moment of the change. Throws BadWindow.
 */
export function parseWindow(text: string, now: number, zone: string): ChangeWindow | undefined {
  const spec = text.trim();
  if (spec === 'none') return undefined;
  const everyDay = EVERY_DAY.exec(spec);
  if (everyDay) {
    const [, h1, m1, h2, m2, named] = everyDay;
    return nextOf(spec, ends(spec, [h1, m1], [h2, m2]), zoneOf(spec, named ?? zone), now);
  }
  const oneDay = ONE_DAY.exec(spec);
  if (oneDay) {
    const [, date, h1, m1, h2, m2, named] = oneDay;
    const both = ends(spec, [h1, m1], [h2, m2]);
    return onDay(dayOf(spec, date), both, zoneOf(spec, named ?? zone)) ?? nothingLeft(spec);
  }
  const fromTo = FROM_TO.exec(spec);
  if (fromTo) return between(spec, fromTo, zone);
  throw new BadWindow(`"${text}" is not a window`, FORMS);
}

type Clock = Pick<WallTime, 'hour' | 'minute' | 'second'>;
type Day = Pick<WallTime, 'year' | 'month' | 'day'>;
type Ends = { readonly from: Clock; readonly to: Clock };
type Digits = readonly [string | undefined, string | undefined];

function ends(spec: string, start: Digits, end: Digits): Ends {
  const [from, to] = [clock(spec, ...start), clock(spec, ...end, 24)];
  if (minutes(from) === minutes(to))
    throw new BadWindow(`"${spec}" closes when it opens`, 'give it an end after its start');
  return { from, to };
}

/** The first that has not closed, from yesterday's on: it may go over midnight. */
function nextOf(spec: string, both: Ends, zone: string, now: number): ChangeWindow {
  const today = wallAt(now, zone);
  // A change of the clocks may swallow one whole; never that of the next day too.
  for (let day = -1; day < 4; day++) {
    const window = onDay(daysLater(today, day), both, zone);
    if (window && Date.parse(window.closes) > now) return window;
  }
  return nothingLeft(spec);
}

/** That of one day, into the next where it ends no later than it starts; undefined when nothing is left of it. */
function onDay(day: Day, { from, to }: Ends, zone: string): ChangeWindow | undefined {
  const wall = { ...day, second: 0 };
  const end = daysLater({ ...wall, ...to }, minutes(to) <= minutes(from) ? 1 : 0);
  return windowOf({ ...wall, ...from }, end, zone, zone);
}

function between(spec: string, found: RegExpExecArray, zone: string): ChangeWindow {
  const [, date1, h1, m1, s1, offset1, date2, h2, m2, s2, offset2, named] = found;
  if (named !== undefined && (offset1 ?? offset2) !== undefined)
    throw new BadWindow(`"${spec}" has an offset and a zone`, 'give one of them');
  if (offset1 !== undefined && offset2 === undefined)
    throw new BadWindow(`"${spec}" has an offset at its start and none at its end`, 'give it at both ends');
  const end = zoneOf(spec, offset2 ?? named ?? zone);
  const start = offset1 === undefined ? end : zoneOf(spec, offset1);
  const from = { ...dayOf(spec, date1), ...clock(spec, h1, m1), second: secondOf(spec, s1) };
  const to = { ...dayOf(spec, date2), ...clock(spec, h2, m2, 24), second: secondOf(spec, s2) };
  const window = windowOf(from, to, start, end);
  if (window) return window;
  // By the walls it would have been one; two offsets tell the instants themselves.
  if (start === end && asUtc(from) < asUtc(to)) return nothingLeft(spec);
  throw new BadWindow(`"${spec}" ends before it starts`, 'the start stands before the slash');
}

function windowOf(from: WallTime, to: WallTime, start: string, end: string): ChangeWindow | undefined {
  const opens = instantsOf(from, start).at(-1) ?? leapOver(from, start);
  const closes = instantsOf(to, end).at(0) ?? leapOver(to, end);
  return opens < closes ? { opens: isoIn(start, opens), closes: isoIn(end, closes) } : undefined;
}

function nothingLeft(spec: string): never {
  throw new BadWindow(
    `nothing is left of "${spec}": the clocks are changed then`,
    'write both ends with their offsets, such as 2026-10-25T02:15+02:00/2026-10-25T02:45+02:00',
  );
}

/** `most`: the highest hour; 24:00 is an end, and no start. */
function clock(spec: string, hours = '', minute = '', most = 23): Clock {
  const at = { hour: Number(hours), minute: Number(minute), second: 0 };
  if (at.hour > most || at.minute > 59 || (at.hour === 24 && at.minute > 0))
    throw new BadWindow(`"${spec}": there is no ${hours}:${minute}`, 'hours are 00 to 23, minutes 00 to 59');
  return at;
}

function secondOf(spec: string, text = '00'): number {
  if (Number(text) > 59)
    throw new BadWindow(`"${spec}": there is no second ${text}`, 'seconds are 00 to 59, or left out');
  return Number(text);
}

function minutes({ hour, minute }: Clock): number {
  return hour * 60 + minute;
}

function dayOf(spec: string, date = ''): Day {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  if (!isDay({ year, month, day }))
    throw new BadWindow(`"${spec}": there is no day ${date}`, 'a day is year-month-day, such as 2026-11-27');
  return { year, month, day };
}

/** As Intl names it: an offset gets its colon, Z is UTC. */
function zoneOf(spec: string, name: string): string {
  const offset = /^([+-]\d{2}):?(\d{2})$/.exec(name);
  const zone = offset ? `${offset[1]}:${offset[2]}` : name === 'Z' ? 'UTC' : name;
  if (isZone(zone)) return zone;
  throw new BadWindow(
    `"${spec}": the time zone ${name} is not known`,
    didYouMean(name, Intl.supportedValuesOf('timeZone'), 'name one such as Europe/Berlin, UTC or +01:00'),
  );
}
