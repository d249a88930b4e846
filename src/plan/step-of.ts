import { stepIdOf } from '../engine/state.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** The planned step of a task, or of a step's own id. */
export function stepOf(plan: Plan, id: string): PlannedStep {
  const planned = plan.index.get(id) ?? plan.index.get(stepIdOf(id));
  if (!planned) throw new Error(`the runbook has no step for ${id}`);
  return planned;
}
