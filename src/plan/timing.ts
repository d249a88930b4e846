import type { TaskRef } from '../engine/event.ts';
import type { RunState, StepState } from '../engine/state.ts';
import { isBegun, type Timing } from '../engine/window.ts';
import { type Estimate, estimateOf, type Learned, stepEstimate, together, weakest } from './estimate.ts';
import { type Plan, type PlannedStep, platformsOf } from './plan.ts';
import { stepOf } from './step-of.ts';

/** What the window rule needs to know of a task that has been looked at; `now` in ms since the epoch. */
export function timingOf(plan: Plan, state: RunState, task: TaskRef, learned: Learned, now: number): Timing {
  const platformOf = platformsOf(plan.inventory);
  const worst = ({ step }: PlannedStep, host: string): Estimate => {
    const { worstMs, ground } = estimateOf(step, platformOf(host), learned);
    return { ms: worstMs, ground };
  };
  /** A step that says that nothing of it is undone needs no way back. */
  const back = (planned: PlannedStep, host: string): number =>
    planned.step.undo === 'nothing' ? 0 : worst(planned, host).ms;

  const here = stepOf(plan, task.id);
  const at = here.number - 1;
  const earlierMs = state.steps.slice(0, at).reduce((sum, { brief, tasks }) => {
    const planned = stepOf(plan, brief.id);
    return tasks.filter(isBegun).reduce((total, { ref }) => total + back(planned, ref.host), sum);
  }, 0);
  const left = (state.steps[at] as StepState).tasks
    .filter((one) => one.state.status !== 'ended')
    .map(({ ref }) => estimateOf(here.step, platformOf(ref.host), learned));
  const parts = [
    together(left, here.step.order),
    ...plan.steps.slice(here.number).map((planned) => stepEstimate(planned, platformOf, learned)),
  ];
  return {
    now,
    task: worst(here, task.host),
    back: {
      earlierMs,
      byHost: Object.fromEntries(here.hosts.map((host) => [host, back(here, host)])),
    },
    rest: {
      ms: parts.reduce((sum, { ms }) => sum + ms, 0),
      ground: weakest(parts.map(({ ground }) => ground)),
    },
  };
}
