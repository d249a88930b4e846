import type { ActionTable, ChangeAction } from '../engine/action.ts';
import type { StepBrief } from '../engine/event.ts';
import type { Plan } from './plan.ts';

function isJudgedByDiff(action: ChangeAction): boolean {
  return action.proof === 'readback' && action.unproven === undefined;
}

/** What the engine decides by, for each step; it goes into the journal's first record. */
export function briefsOf(plan: Plan, actions: ActionTable): readonly StepBrief[] {
  return plan.steps.map(({ step, hosts }): StepBrief => {
    const action = actions[step.call.action];
    if (!action) throw new Error(`no action ${step.call.action}`);
    return {
      id: step.id,
      title: step.title,
      action: action.name,
      kind: action.kind,
      hosts,
      order: step.order,
      risk: step.risk,
      repeat: step.repeat,
      proof: action.kind === 'change' ? action.proof : 'none',
      checked: step.check?.conclusive === true || (action.kind === 'change' && isJudgedByDiff(action)),
      verified: step.verify !== undefined,
      // `undo` is refused by notYet().
      onFailure: step.onFailure === 'continue' ? 'continue' : 'hold',
      tolerate: step.tolerate,
      ...(step.retry && { retry: step.retry }),
    };
  });
}
