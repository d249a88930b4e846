import type { LogLine } from '../facts.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import type { Server } from '../server.ts';
import { LOG_RECENT_MS } from '../thresholds.ts';

/** What a server wrote within a day, by its own clock; the newest last. `[]` where its log is not known. */
export function recentLines({ facts }: Server, { site }: Pool, pattern: RegExp): readonly LogLine[] {
  const now = site.at + (known(facts.clock)?.skewMs ?? 0);
  return (known(facts.log) ?? []).filter(({ at, text }) => now - at <= LOG_RECENT_MS && pattern.test(text));
}
