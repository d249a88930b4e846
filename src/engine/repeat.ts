import { graver } from './approval.ts';
import type { Asking } from './input.ts';
import type { StepState, Task } from './state.ts';

/**
 * Running again what failed is a question, unless the step says it is safe or its check has just proven it undone. It stands in
 * the place of the step's own, so it is no milder than that.
 */
export function repeatQuestion(
  task: Task,
  brief: StepState['brief'],
  id: string,
  own: Asking | undefined,
): Asking | undefined {
  if (!task.failed || brief.repeat === 'safe' || brief.checked) return undefined;
  return {
    class: graver(brief.repeat === 'once' ? 'typed' : 'confirm', own?.class ?? 'notice'),
    typed: task.ref.host,
    text: `${id} failed before, and nothing can show whether it took effect (repeat: ${brief.repeat}). Run it again?`,
  };
}
