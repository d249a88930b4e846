import type { Drift } from '../engine/drift.ts';
import type { Sealed } from '../engine/event.ts';
import type { PlanDocument } from '../plan/document.ts';
import { paperDrift, sealedDiffs, staleness } from '../plan/stale.ts';
import { tame } from '../reporters/style.ts';
import { EXIT, Stop } from './exit-code.ts';
import type { Papers } from './papers.ts';
import { makeDocument, paperDocument } from './plan-document.ts';
import type { Prepared } from './prepare.ts';
import type { Terminal } from './terminal.ts';

/** Stops where the papers are not those of the plan, before any host is contacted. */
export function samePapers(sealed: PlanDocument, papers: Papers, terminal: Terminal): void {
  if (sealed.offline)
    throw new Stop(
      EXIT.usage,
      'the plan was made with --offline: nobody has looked at the hosts',
      'make one that has, with lockstep plan --out',
    );
  refuse(paperDrift(sealed, paperDocument(papers, terminal, false)), 'no host was contacted');
}

/** Looks at the hosts again, and stops where they are not as the plan has found them. Else what the run carries out. */
export async function samePlan(
  sealed: PlanDocument,
  papers: Papers,
  prepared: Prepared,
  terminal: Terminal,
): Promise<Sealed> {
  refuse(staleness(sealed, await makeDocument(papers, prepared, terminal, false)), 'nothing was begun');
  return { digest: sealed.digest, diffs: sealedDiffs(sealed, papers.run) };
}

function refuse(drifts: readonly Drift[], what: string): void {
  if (drifts.length === 0) return;
  const lines = drifts.map(({ name, what: how }) => `\n  ${tame(name)}: ${tame(how)}`);
  throw new Stop(
    EXIT.stale,
    `the plan is stale, and ${what}:${lines.join('')}`,
    'make a new plan with lockstep plan --out, and have that one approved',
  );
}
