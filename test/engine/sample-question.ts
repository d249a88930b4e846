import type { Question } from '../../src/engine/event.ts';

/** A question to approve a change on h1, with what is otherwise. */
export const question = (change: Partial<Question> = {}): Question => ({
  id: 'q1',
  task: 'a@h1',
  purpose: 'approve',
  class: 'confirm',
  text: 'Sure?',
  changes: [],
  ...change,
});
