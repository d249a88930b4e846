import { graver } from './approval.ts';
import type { Asking } from './input.ts';

/**
 * The question before a change: the step's own, which for a point of no return is a typed one at least, whether the
 * step asks or not. `typed` of the step's own question is the word to type.
 */
export function guarded(
  step: { readonly risk: string; readonly title: string },
  host: string,
  own: Asking | undefined,
): Asking | undefined {
  if (step.risk !== 'irreversible') return own;
  if (own) return { ...own, class: graver(own.class, 'typed'), typed: own.typed ?? host };
  const text = `${step.title}: a point of no return on ${host}; there is no way back by undo.`;
  return { class: 'typed', text, typed: host };
}
