import type { SiteFacts } from './facts.ts';
import type { Finding, Severity } from './finding.ts';
import { poolOf } from './pool.ts';
import { RULES } from './rules/index.ts';

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'unknown', 'info'];

/** All that the rules have to say about a site: the worst first, and what belongs together side by side. Pure. */
export function diagnose(site: SiteFacts): readonly Finding[] {
  const pool = poolOf(site);
  return RULES.flatMap((rule) => rule.find(pool)).sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
}
