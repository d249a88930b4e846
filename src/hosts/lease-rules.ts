import type { HeldLease } from '../transport/lease.ts';

/**
 * The ground on which a lease of another process may be taken without a person: its run is ours and its process is dead; or it
 * has lapsed, or its process is dead, and none of its commands still runs there. Undefined: it is held.
 */
export function groundToTake(
  held: HeldLease,
  run: string,
  isGone: (controller: string) => boolean,
): 'lapsed' | 'gone' | undefined {
  if (held.running.length > 0 && held.holder.run !== run) return undefined;
  if (isGone(held.holder.controller)) return 'gone';
  return held.lapsed ? 'lapsed' : undefined;
}

/** Who holds a host, since when and why, on one line. */
export function heldText(host: string, { holder, agoSeconds, lapsed, running }: HeldLease): string {
  const since = holder.since.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
  const renewed = lapsed
    ? `it lapsed ${span(agoSeconds - holder.seconds)} ago`
    : `renewed ${span(agoSeconds)} ago, for ${span(holder.seconds)}`;
  const still = running.length > 0 ? `; still running there: ${running.join(', ')}` : '';
  return `${host} is held by run ${holder.run} of ${holder.who} since ${since}: ${holder.why} (${renewed}${still})`;
}

function span(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
