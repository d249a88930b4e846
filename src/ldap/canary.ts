/** Has every server taken a write of its own since then, and have all others got it? Read from contextCSN alone. */
import { type Csn, compareCsn, csnTime, formatCsn, formatSid } from './csn.ts';

export interface CanaryReading {
  readonly host: string;
  readonly sid: number;
  readonly csns: ReadonlyMap<number, Csn>;
}

/** Why a write on `reading.host` is not proven to reach all; undefined when it is. `since`: ms since the epoch. */
export function unproven(
  reading: CanaryReading,
  all: readonly CanaryReading[],
  since: number,
): string | undefined {
  const own = reading.csns.get(reading.sid);
  if (!own) return `it has never taken a write as SID ${formatSid(reading.sid)}`;
  if (csnTime(own) < since)
    return `its last own write, ${formatCsn(own)}, is older than the change that is to be proven`;
  // Clients may write all the time: where there is a time to go by, any write after it has shown the way.
  const behind = all.filter((other) => {
    const theirs = other.csns.get(reading.sid);
    return !theirs || (since > 0 ? csnTime(theirs) < since : compareCsn(theirs, own) < 0);
  });
  if (behind.length === 0) return undefined;
  return `its last own write, ${formatCsn(own)}, is not on ${behind.map((other) => other.host).join(', ')}`;
}

/** Hosts that share a server ID: then the one's changes hide the other's, and nothing can be proven. */
export function sharedSids(readings: readonly CanaryReading[]): readonly string[] {
  return readings.flatMap((reading, at) => {
    const twin = readings.find((other, index) => index > at && other.sid === reading.sid);
    return twin ? [`${reading.host} and ${twin.host} both have server ID ${reading.sid}`] : [];
  });
}
