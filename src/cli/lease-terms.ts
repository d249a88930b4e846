import { parseDuration } from '../engine/duration.ts';
import type { Operator } from '../engine/event.ts';
import { controllerText, fateOf, parseController, thisController } from '../journal/controller.ts';
import type { LeaseTerms } from '../transport/lease.ts';
import { EXIT, Stop } from './exit-code.ts';

/** Seconds until a lease lapses that nobody renews; it is renewed four times as often. */
const SECONDS = 60;

/** What this process says of itself in the leases it takes. */
export function leaseTerms(
  run: string,
  operator: Operator,
  why: string,
  env: NodeJS.ProcessEnv,
): Omit<LeaseTerms, 'nonce'> {
  return {
    run,
    controller: controllerText(thisController()),
    seconds: secondsOf(env['LOCKSTEP_LEASE']),
    since: new Date().toISOString(),
    who: `${operator.name}@${operator.host}`,
    why,
  };
}

/** Whether the process that a lease names is proven to be dead; false where this machine cannot tell. */
export function isGone(controller: string): boolean {
  const named = parseController(controller);
  return named !== undefined && fateOf(named) === 'gone';
}

function secondsOf(text: string | undefined): number {
  if (!text) return SECONDS;
  try {
    const seconds = Math.ceil(parseDuration(text) / 1000);
    if (seconds >= 2 && seconds <= 86_400) return seconds;
  } catch {
    // Said below.
  }
  throw new Stop(EXIT.usage, `LOCKSTEP_LEASE is ${JSON.stringify(text)}`, 'give a duration from 2s to 24h');
}
