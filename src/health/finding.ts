/** What is wrong, or worth knowing, about a site. */

/** As Nagios grades: `unknown` is for what could not be looked at. */
export type Severity = 'critical' | 'warning' | 'unknown' | 'info';

export interface Finding {
  /** Stable, for machines and for docs/doctor.md: `sid-duplicate`. */
  readonly code: string;
  readonly severity: Severity;
  /** Hosts that it is about, by name. */
  readonly where: readonly string[];
  /** What was seen, one sentence without a full stop at its end, with the very values. */
  readonly what: string;
  /** Why it bites, one sentence. */
  readonly why: string;
  /** What mends it: a sentence, with the runbook or command to run. */
  readonly fix: string;
}
