import type { QuestionClass } from './action.ts';
import type { Policy } from './event.ts';

/** From the mildest. */
const CLASSES: readonly QuestionClass[] = ['notice', 'confirm', 'typed', 'two-person'];

/** The ground on which a policy passes a question of this class, or undefined: ask a person. A gate fails closed. */
export function approves(policy: Policy, questionClass: QuestionClass): string | undefined {
  if (questionClass === 'notice') return 'notice';
  if (questionClass === 'confirm' && policy.yes) return '--yes';
  if (questionClass === 'typed' && policy.typed) return '--yes=typed';
  return undefined;
}

/** The one that is harder to pass. */
export function graver(one: QuestionClass, other: QuestionClass): QuestionClass {
  return CLASSES.indexOf(one) > CLASSES.indexOf(other) ? one : other;
}
