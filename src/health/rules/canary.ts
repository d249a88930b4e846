/** Writes that were sent on their way and looked for on the other servers (--canary). */
import type { Flight } from '../facts.ts';
import { CANARY_SLOW_MS } from '../thresholds.ts';
import { and, spanText } from '../words.ts';
import { type Rule, rule } from './rule.ts';

export const canaryRules: readonly Rule[] = [
  rule({
    code: 'canary-lost',
    severity: 'critical',
    about: 'A write on one server did not arrive on another one.',
    why: 'what clients write there does not arrive either',
    mends: 'See what the agreements on the way say.',
    find: ({ site }) => {
      const lost = (site.flights ?? []).filter(({ ms }) => ms === undefined);
      const groups = new Map<string, Flight[]>();
      for (const flight of lost) {
        const key = JSON.stringify([flight.from, flight.why]);
        groups.set(key, [...(groups.get(key) ?? []), flight]);
      }
      return [...groups.values()].flatMap((flights) => {
        const [first] = flights;
        const to = flights.map((flight) => flight.to);
        const why = first?.why === undefined ? '' : `: ${first.why}`;
        if (!first) return [];
        return [
          { where: [first.from, ...to], what: `a write on ${first.from} was not seen on ${and(to)}${why}` },
        ];
      });
    },
  }),
  rule({
    code: 'canary-slow',
    severity: 'warning',
    about: 'A write took more than 5 s to arrive on another server.',
    why: 'clients that read elsewhere than they write see old data for as long',
    mends: 'See what the agreements on the way say, and how busy the servers are.',
    find: ({ site }) =>
      (site.flights ?? []).flatMap(({ from, to, ms }) =>
        ms !== undefined && ms > CANARY_SLOW_MS
          ? [{ where: [from, to], what: `a write on ${from} was seen on ${to} after ${spanText(ms)}` }]
          : [],
      ),
  }),
];
