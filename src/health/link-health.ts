/** How an agreement fares: by cn=monitor since 2.5, else by what slapd wrote. */
import { csnTime, parseCsn } from '../ldap/csn.ts';
import { plainWordOf, type Syncrepl } from '../ldap/syncrepl.ts';
import type { MonitorFacts, ServerFacts } from './facts.ts';
import { type LinkError, lastError } from './log-lines.ts';
import { known } from './seen.ts';

export type LinkState =
  /** It holds its connection and is told of each change. */
  | 'connected'
  /** It compares entries: at its start, or after it was away. */
  | 'refreshing'
  /** It does so again and again, since the log of the provider did not do. */
  | 'fallback'
  /** It pulls now and then, and waits for the next time. */
  | 'waiting'
  /** It has no connection, and tries again. */
  | 'down'
  /** It has no connection, and tries no more until slapd is restarted. */
  | 'gave up'
  | 'unknown';

export interface LinkHealth {
  readonly state: LinkState;
  readonly from: 'monitor' | 'log' | 'nothing';
  /** Why it is unknown. */
  readonly why?: string;
  /** Milliseconds since the epoch, of the consumer's clock. */
  readonly lastContact?: number;
  readonly lastConnect?: number;
  readonly nextTry?: number;
  readonly lastError?: LinkError;
  /** SID of the provider, as it names itself; and a time, ms since the epoch, at or before it did so. */
  readonly providerSid?: number;
  readonly providerSidAt?: number;
}

/** `now`: our clock, ms since the epoch. */
export function linkHealth(facts: ServerFacts, rid: string, agreement: Syncrepl, now: number): LinkHealth {
  const lines = known(facts.log);
  const error = lines && lastError(lines, rid);
  const monitor = known(facts.monitor)?.get(rid);
  if (monitor) return byMonitor(monitor, agreement, error);
  if (!lines) return { state: 'unknown', from: 'nothing', why: whyNot(facts) };
  if (error?.gaveUp) return { state: 'gave up', from: 'log', lastError: error };
  const theirNow = now + (known(facts.clock)?.skewMs ?? 0);
  // Where a trial comes through, slapd's own next try does too, and says nothing.
  const comesThrough = facts.trials.get(rid)?.kind === 'ok';
  const silence = error && (comesThrough ? nextTryOf(agreement, error) : silenceOf(agreement));
  if (error && theirNow - error.at <= (silence ?? 0)) return { state: 'down', from: 'log', lastError: error };
  // A failing agreement says so at each try, whatever the log level: one that has stopped saying it is well.
  return { state: 'connected', from: 'log' };
}

function byMonitor(monitor: MonitorFacts, agreement: Syncrepl, error: LinkError | undefined): LinkHealth {
  const state = stateOf(monitor, agreement, error);
  const sid = /\bsid=([0-9a-f]{1,3})\b/i.exec(monitor.cookieReceived ?? '')?.[1];
  // What went wrong before the last connection is over.
  const isOpen = error && (state === 'down' || state === 'gave up' || error.at > (monitor.lastContact ?? 0));
  return {
    state,
    from: 'monitor',
    ...(monitor.lastContact !== undefined && { lastContact: monitor.lastContact }),
    ...(monitor.lastConnect !== undefined && { lastConnect: monitor.lastConnect }),
    ...(monitor.nextConnect !== undefined && { nextTry: monitor.nextConnect }),
    ...(isOpen && { lastError: error }),
    ...(sid !== undefined && {
      providerSid: Number.parseInt(sid, 16),
      providerSidAt: cookieTime(monitor.cookieReceived ?? ''),
    }),
  };
}

/** Of its newest change: the last contact may be newer than the last cookie. 0 where it names none. */
function cookieTime(cookie: string): number {
  const csns = cookie.match(/\d{14}\.\d{6}Z#[0-9a-f]{6}#[0-9a-f]{3}#[0-9a-f]{6}/gi) ?? [];
  return Math.max(0, ...csns.map((csn) => csnTime(parseCsn(csn))));
}

function stateOf(
  { phase, connection }: MonitorFacts,
  agreement: Syncrepl,
  error: LinkError | undefined,
): LinkState {
  if (connection !== undefined) {
    if (/persist/i.test(phase)) return 'connected';
    return /fallback/i.test(phase) ? 'fallback' : 'refreshing';
  }
  if (error?.gaveUp) return 'gave up';
  const isPolling = plainWordOf(agreement, 'type')?.toLowerCase() !== 'refreshandpersist';
  return isPolling && !error ? 'waiting' : 'down';
}

function whyNot({ unreachable, log }: ServerFacts): string {
  return unreachable ?? ('unknown' in log ? log.unknown : '');
}

/** After so many ms without a further error the agreement must have come through: its longest pause, and some more. */
function silenceOf(agreement: Syncrepl): number {
  return Math.max(60_000, longestPauseMs(agreement)) * 1.5 + 60_000;
}

/** The longest that it waits before it tries again. */
export function longestPauseMs(agreement: Syncrepl): number {
  return Math.max(0, ...pausesOf(agreement).map(({ seconds }) => seconds)) * 1000;
}

/** So many ms after an error it has tried again, and been answered. */
function nextTryOf(agreement: Syncrepl, { left }: LinkError): number {
  const pauses = pausesOf(agreement);
  const pause = (left !== undefined && pauses.find(({ times }) => times > left)) || pauses.at(-1);
  return ((pause?.seconds ?? 3600) * 1.5 + 5) * 1000;
}

/** Pairs of `retry`: a pause, and how often; slapd itself tries once an hour. */
function pausesOf(agreement: Syncrepl): readonly { readonly seconds: number; readonly times: number }[] {
  const words = (plainWordOf(agreement, 'retry') ?? '3600 +').trim().split(/[\s,]+/);
  return words.flatMap((word, at) => {
    const times = words[at + 1] === '+' ? Number.POSITIVE_INFINITY : Number(words[at + 1]);
    const isPause = at % 2 === 0 && Number.isFinite(Number(word)) && !Number.isNaN(times);
    return isPause ? [{ seconds: Number(word), times }] : [];
  });
}
