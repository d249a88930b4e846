import { parseDuration } from '../engine/duration.ts';
import type { Policy } from '../engine/event.ts';
import { showMoment } from '../engine/window.ts';
import { isoIn } from '../plan/local-time.ts';
import { BadWindow, parseWindow } from '../plan/parse-window.ts';
import { EXIT, Stop } from './exit-code.ts';

export interface WindowOptions {
  readonly window?: string;
  readonly timeout?: string;
}

/** Where and when the controller is. */
export interface Here {
  /** ms since the epoch. */
  readonly now: number;
  readonly zone: string;
  /** LOCKSTEP_WINDOW. */
  readonly site: string | undefined;
}

export function here(env: NodeJS.ProcessEnv): Here {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { now: Date.now(), zone, site: env['LOCKSTEP_WINDOW'] || undefined };
}

/**
 * The window of a run: as the option says, else the one that the run has had (`kept`), else the site's. Stops where it cannot be
 * read, and where it is not open now: no host may be contacted then.
 */
export function openWindow(
  options: WindowOptions,
  kept: Policy['window'],
  at: Here,
): Pick<Policy, 'window' | 'until'> {
  const until = untilOf(options.timeout, at);
  const window = windowOf(options.window, kept, at);
  if (window) stopUnlessOpen(window, at.now);
  return { ...(window && { window }), ...(until !== undefined && { until }) };
}

function windowOf(
  option: string | undefined,
  kept: Policy['window'],
  { now, zone, site }: Here,
): Policy['window'] {
  if (option === undefined && kept) return kept;
  const text = option ?? site;
  if (text === undefined) return undefined;
  try {
    return parseWindow(text, now, zone);
  } catch (error) {
    if (!(error instanceof BadWindow)) throw error;
    const source = option === undefined ? 'LOCKSTEP_WINDOW' : '--window';
    throw new Stop(EXIT.usage, `${source}: ${error.message}`, error.next);
  }
}

function untilOf(timeout: string | undefined, { now, zone }: Here): string | undefined {
  if (timeout === undefined) return undefined;
  const ms = durationOrStop(timeout);
  if (ms <= 0)
    throw new Stop(EXIT.usage, `--timeout: ${timeout} is no time at all`, 'give it one such as 90m');
  return isoIn(zone, now + ms);
}

function durationOrStop(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Stop(EXIT.usage, `--timeout: ${error.message}`);
  }
}

function stopUnlessOpen({ opens, closes }: NonNullable<Policy['window']>, now: number): void {
  const other = '--window SPEC gives another, --window none goes without; no host was contacted';
  if (now < Date.parse(opens))
    throw new Stop(
      EXIT.window,
      `the change window is not open yet: it opens at ${showMoment(opens)} and closes at ${showMoment(closes)}`,
      `start it then; ${other}`,
    );
  if (now >= Date.parse(closes))
    throw new Stop(EXIT.window, `the change window closed at ${showMoment(closes)}`, other);
}
