import type { RunState } from '../engine/state.ts';
import { isBegun } from '../engine/window.ts';
import type { Step } from '../runbook/model.ts';
import { type Estimate, estimateOf, type Learned, stepEstimate } from './estimate.ts';
import { type Plan, platformsOf } from './plan.ts';

/**
 * ms that are left of a run, and that its way back would take by now; 0 behind a point of no return. Without questions. Absent
 * where a time limit is all that is known of a change: a limit is no estimate.
 */
export function timeLeft(
  plan: Plan,
  state: RunState,
  learned: Learned,
): { readonly toGo?: number; readonly wayBack?: number } {
  const platformOf = platformsOf(plan.inventory);
  let toGo: number | undefined = 0;
  let wayBack: number | undefined = 0;
  let crossed = false;
  plan.steps.forEach((planned, index) => {
    const { step } = planned;
    const tasks = state.steps[index]?.tasks ?? [];
    const begun = tasks.filter(isBegun);
    const open = new Set(tasks.filter((task) => task.state.status !== 'ended').map(({ ref }) => ref.host));
    const hosts = tasks.length === 0 ? planned.hosts : planned.hosts.filter((host) => open.has(host));
    if (index >= state.cursor && hosts.length > 0)
      toGo = plus(toGo, step, stepEstimate({ ...planned, hosts }, platformOf, learned));
    if (step.risk === 'irreversible' && begun.length > 0) crossed = true;
    if (step.undo === 'nothing') return;
    for (const { ref } of begun)
      wayBack = plus(wayBack, step, estimateOf(step, platformOf(ref.host), learned));
  });
  return {
    ...(toGo !== undefined && { toGo }),
    ...(crossed ? { wayBack: 0 } : wayBack !== undefined && { wayBack }),
  };
}

function plus(sum: number | undefined, { risk }: Step, { ms, ground }: Estimate): number | undefined {
  if (ground !== 'timeout') return sum === undefined ? undefined : sum + ms;
  // A look that nobody has timed takes a moment.
  return risk === 'read' ? sum : undefined;
}
