import type { Event } from './event.ts';
import { Bug, findTask, type RunState, type Task } from './state.ts';

export interface Resolution {
  readonly task: string;
  readonly verdict: 'applied' | 'not-applied';
  readonly by: string;
  readonly because: string;
  /** Takes a person's word though the host has not said what it knows: it is gone for good. */
  readonly unheard: boolean;
}

export type Resolved =
  | { readonly events: readonly Event[] }
  | { readonly refusal: string; readonly next: string };

/**
 * A person's word on a doubt of a run that is held. Taken only where the receipt, the probe and the repeat class have left
 * it open, in that order: a receipt that is still to be had knows better than anybody.
 */
export function resolve(state: RunState, resolution: Resolution): Resolved {
  const { task: id, verdict, by, because } = resolution;
  const task = taskNamed(state, id);
  if (!task) return { refusal: `run ${state.run} has no task ${id}`, next: inDoubt(state) };
  const now = task.state;
  const resume = `lockstep resume ${state.run}`;
  if (now.status === 'writing')
    return {
      refusal: `${id} was under way when lockstep ended, and its host has not been asked yet`,
      next: `${resume} asks it: its receipt says what became of it`,
    };
  if (now.status !== 'doubtful')
    return { refusal: `${id} is not in doubt: it is ${wordFor(now)}`, next: inDoubt(state) };
  if (!now.open && !resolution.unheard)
    return {
      refusal: `${id} is in doubt, and its host could not be asked: ${now.why}`,
      next: `${resume} when ${task.ref.host} can be reached; if it is gone for good, add --host-is-gone`,
    };
  const { attempt } = now;
  const why = `${by}: ${because}`;
  return { events: [{ type: 'task.settled', task: id, attempt, verdict, ground: 'person', why }] };
}

function taskNamed(state: RunState, id: string): Task | undefined {
  try {
    return findTask(state, id).found;
  } catch (error) {
    if (error instanceof Bug) return undefined;
    throw error;
  }
}

function wordFor(state: Task['state']): string {
  return state.status === 'ended' ? state.outcome : state.status;
}

function inDoubt(state: RunState): string {
  const doubts = state.steps.flatMap(({ tasks }) => tasks.filter((task) => task.state.status === 'doubtful'));
  if (doubts.length === 0) return 'no task of this run is in doubt';
  return `in doubt: ${doubts.map((task) => task.ref.id).join(', ')}`;
}
