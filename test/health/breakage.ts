import type { SiteFacts } from '../../src/health/facts.ts';
import type { Severity } from '../../src/health/finding.ts';

/** One way to break a site that is well, and the finding that must come of it. */
export interface Breakage {
  readonly code: string;
  /** Completes "…: is found when". */
  readonly when: string;
  readonly site: () => SiteFacts;
  readonly severity: Severity;
  readonly where: readonly string[];
  readonly what: string | RegExp;
  readonly fix?: string | RegExp;
}
