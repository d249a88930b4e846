import type { EventOf } from './event.ts';
import { isGood, type RunState, type TaskState } from './state.ts';

/** What was under way is now in doubt or to be looked at again; what failed gets another attempt. */
export function revive(state: RunState, event: EventOf<'run.resumed'>): RunState {
  const { held: _held, stopping: _stopping, breaches: _breaches, ...rest } = state;
  const steps = state.steps.map((step, index) => {
    if (index < state.cursor || !step.begun) return step;
    const tasks = step.tasks.map((task) => ({ ...task, state: reviveTask(task.state) }));
    return { ...step, tasks, left: tasks.filter((task) => task.state.status !== 'ended').length };
  });
  return { ...rest, steps, questions: {}, policy: event.policy, operator: event.operator };
}

function reviveTask(state: TaskState): TaskState {
  switch (state.status) {
    case 'writing':
      return {
        status: 'doubtful',
        attempt: state.attempt,
        bootId: state.bootId,
        why: 'lockstep ended while it was under way',
      };
    case 'asking':
      return { status: 'waiting', attempt: state.attempt };
    case 'ended':
      return isGood(state.outcome) ? state : { status: 'waiting', attempt: state.attempt + 1 };
    default:
      return state;
  }
}
