import type { PlannedInvariant } from '../../plan/plan.ts';
import { lookAtInvariant } from '../perform/look-at-invariant.ts';
import type { Known, ReadStage } from '../perform/stage.ts';
import type { InvariantForecast } from './forecast.ts';

/** One look at each invariant of a plan: a run does not begin unless all of them hold. */
export function seeInvariants(
  stage: ReadStage,
  known: Known,
  offline: boolean,
): Promise<readonly InvariantForecast[]> {
  const { invariants } = stage.plan;
  return Promise.all(
    invariants.map((planned) => (offline ? unseen(planned) : seeOne(stage, known, planned))),
  );
}

async function seeOne(stage: ReadStage, known: Known, planned: PlannedInvariant): Promise<InvariantForecast> {
  const { id, title } = planned.spec;
  const verdict = await lookAtInvariant(stage, planned, known);
  if ('unknown' in verdict) return { id, title, says: 'unknown', why: verdict.unknown };
  return verdict.holds ? { id, title, says: 'holds' } : { id, title, says: 'broken', why: verdict.lacking };
}

function unseen({ spec: { id, title } }: PlannedInvariant): InvariantForecast {
  return { id, title, says: 'unknown', why: 'no host was contacted (--offline)' };
}
