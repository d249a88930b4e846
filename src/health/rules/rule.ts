import type { Finding, Severity } from '../finding.ts';
import type { Pool } from '../pool.ts';
import { forProduct } from '../runbooks.ts';

/** One thing that may be wrong with a site, or worth knowing. docs/doctor.md is made of these. */
export interface Rule {
  /** Stable. */
  readonly code: string;
  /** How its findings may be graded; the first is the usual one. */
  readonly severities: readonly Severity[];
  /** What it means, for the reference. */
  readonly about: string;
  /** What mends it, in general. */
  readonly mends: string;
  readonly find: (pool: Pool) => readonly Finding[];
}

/** A finding without what its rule says of all of them. */
export interface Found {
  readonly where: readonly string[];
  readonly what: string;
  /** Without it, the usual one of the rule. */
  readonly severity?: Severity;
  /** Without it, what mends it in general. */
  readonly fix?: string;
}

interface Terms {
  readonly code: string;
  readonly severity: Severity | readonly Severity[];
  readonly about: string;
  /** Why it bites, one sentence without a full stop at its end. */
  readonly why: string;
  readonly mends: string;
  readonly find: (pool: Pool) => readonly Found[];
}

export function rule({ code, severity, about, why, mends, find }: Terms): Rule {
  const severities = typeof severity === 'string' ? [severity] : severity;
  const [usual = 'unknown'] = severities;
  return {
    code,
    severities,
    about,
    mends,
    find: (pool) =>
      find(pool).map((found) => ({
        code,
        severity: found.severity ?? usual,
        where: found.where,
        what: found.what,
        why,
        fix: forProduct(found.fix ?? mends, pool.site.product),
      })),
  };
}
