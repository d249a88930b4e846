/** Clocks: the newer of two changes wins, by the clocks of the servers that took them. */
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import { CLOCK_CRITICAL_MS, CLOCK_WARNING_MS } from '../thresholds.ts';
import { spanText } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const clockRules: readonly Rule[] = [
  rule({
    code: 'clock-skew',
    severity: ['critical', 'warning'],
    about: 'The clock of a server is off from those of the others. Warning from 100 ms, critical from 1 s.',
    why: 'of two changes of one entry the one with the later clock wins, on some servers only: they stay different with equal contextCSN',
    mends: 'Put time synchronisation right: `chronyc tracking`, or `timedatectl timesync-status`.',
    find: skewed,
  }),
  rule({
    code: 'clock-ours',
    severity: 'info',
    about: 'The clocks of all servers agree, and that of the machine where lockstep runs does not.',
    why: 'times of this report are off by that much; replication is not touched',
    mends: 'Put time synchronisation right on the machine where lockstep runs.',
    find: ({ site, servers }) => {
      const clocks = site.servers.flatMap(({ clock }) => known(clock) ?? []);
      const reference = referenceOf(clocks.map(({ skewMs }) => skewMs));
      const uncertainty = Math.max(0, ...clocks.map(({ uncertaintyMs }) => uncertaintyMs));
      if (Math.abs(reference) - uncertainty <= CLOCK_CRITICAL_MS) return [];
      const way = reference > 0 ? 'behind' : 'ahead of';
      return [
        {
          where: servers.map(({ name }) => name),
          what: `our own clock is ${clockText(reference)} ${way} that of the servers`,
        },
      ];
    },
  }),
];

function skewed({ site }: Pool): readonly Found[] {
  const clocks = site.servers.flatMap(({ host, clock }) => {
    const value = known(clock);
    return value ? [{ host, ...value }] : [];
  });
  const reference = referenceOf(clocks.map(({ skewMs }) => skewMs));
  return clocks.flatMap(({ host, skewMs, uncertaintyMs }): Found[] => {
    const off = skewMs - reference;
    const surely = Math.abs(off) - uncertaintyMs;
    if (surely <= CLOCK_WARNING_MS) return [];
    return [
      {
        severity: surely > CLOCK_CRITICAL_MS ? 'critical' : 'warning',
        where: [host],
        what: `the clock of ${host} is ${clockText(off)} ${off > 0 ? 'ahead of' : 'behind'} the others (give or take ${uncertaintyMs} ms)`,
        fix: `On ${host}: put time synchronisation right (\`chronyc tracking\`, or \`timedatectl timesync-status\`).`,
      },
    ];
  });
}

function clockText(ms: number): string {
  return Math.abs(ms) < 10_000 ? `${Math.abs(Math.round(ms))} ms` : spanText(ms);
}

/** The middle of all clocks, ours among them: with two servers it says which one is off. */
function referenceOf(skews: readonly number[]): number {
  const sorted = [...skews, 0].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const below = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  // Between two, the one nearer to ours.
  return Math.abs(below) < Math.abs(middle) ? below : middle;
}
