/** When a run asks, and what its policy answers. Pure. */
import { approves } from './approval.ts';
import type { ChangeView, Event, QuestionPurpose } from './event.ts';
import type { Asking, Look } from './input.ts';
import type { RunState, Task } from './state.ts';

/** Not the change of the plan that was approved: whatever the policy is, a person looks at both. */
export function otherThanSealed(
  { sealed }: RunState,
  id: string,
  { changes, confirm }: Extract<Look, { kind: 'differs' }>,
): Asking | undefined {
  const was = sealed?.diffs[id];
  if (!was || JSON.stringify(was) === JSON.stringify(changes)) return undefined;
  const text = `${id} is not the change of the approved plan any more${confirm ? `. ${confirm.text}` : ''}`;
  return { class: 'confirm', ...confirm, text };
}

/** The diff that was said yes to before, where it is another one now. */
export function approvedOf({ state }: Task): readonly ChangeView[] | undefined {
  if (state.status !== 'waiting' || state.approved === undefined) return undefined;
  return JSON.parse(state.approved) as readonly ChangeView[];
}

/** Asks; and where the run's policy passes this class, answers too, on that ground. */
export function ask(
  state: RunState,
  task: string,
  purpose: QuestionPurpose,
  asking: Asking,
  changes: readonly ChangeView[],
  was?: readonly ChangeView[],
): readonly Event[] {
  const id = `q${state.asked + 1}`;
  const asked: Event = {
    type: 'question.asked',
    id,
    task,
    purpose,
    class: asking.class,
    text: asking.text,
    changes,
    ...(asking.typed && { typed: asking.typed }),
    ...(was && { was }),
  };
  const ground = isForPeople(purpose, asking) ? undefined : approves(state.policy, asking.class);
  if (!ground) return [asked];
  const cited = cite(state, ground);
  return [asked, { type: 'question.answered', id, answer: 'yes', by: state.operator.name, ground: cited }];
}

/** No policy settles a doubt, runs again what must never run twice, or writes what was not approved. */
function isForPeople(purpose: QuestionPurpose, { class: asked }: Asking): boolean {
  return purpose === 'doubt' || purpose === 'differs' || (purpose === 'repeat' && asked !== 'confirm');
}

/** An answer in a run of a sealed plan is one about that plan. */
export function cite({ sealed }: RunState, ground: string): string {
  return sealed && !ground.includes(sealed.digest) ? `${ground}, plan ${sealed.digest}` : ground;
}
