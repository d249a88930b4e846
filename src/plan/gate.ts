import type { ActionTable, QuestionClass } from '../engine/action.ts';
import { guarded } from '../engine/point-of-no-return.ts';
import type { Step } from '../runbook/model.ts';

const CLASSES: readonly unknown[] = [
  'notice',
  'confirm',
  'typed',
  'two-person',
] satisfies readonly QuestionClass[];

/** The class of what a step asks before it acts, as far as its text tells: `confirm` where it is an expression. Undefined: it asks nothing. */
export function gateOf(step: Step, actions: ActionTable): QuestionClass | undefined {
  const action = actions[step.call.action];
  if (action?.kind === 'change') {
    const own = step.confirm && { class: step.confirm.class, text: '' };
    return guarded(step, '', own)?.class;
  }
  if (action?.kind !== 'ask') return undefined;
  const { params } = step.call;
  const said = typeof params === 'object' && params !== null && 'class' in params ? params.class : 'confirm';
  return CLASSES.includes(said) ? (said as QuestionClass) : 'confirm';
}
