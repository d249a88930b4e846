/** What of a run may stand on its hosts, from its journal. Pure. */
import type { Inverse } from '../engine/action.ts';
import type { Stamped, TaskRef } from '../engine/event.ts';
import { findTask, type RunState, type Task } from '../engine/state.ts';

/** One attempt whose effect may stand. */
export interface Act {
  readonly task: TaskRef;
  /** Of its intent in the journal: the order in which effects began, over all hosts. */
  readonly seq: number;
  /** Undefined where the action has no inverse of its own; then the step's `undo` speaks. */
  readonly undo: Inverse | undefined;
}

/** Newest first. */
export function happened(state: RunState, records: readonly Stamped[]): readonly Act[] {
  const acts = new Map<string, Act>();
  for (const { seq, event } of records) {
    if (!('task' in event) || !('attempt' in event)) continue;
    const key = `${event.attempt} ${event.task}`;
    if (event.type === 'task.intended') {
      const { ref } = findTask(state, event.task).found;
      acts.set(key, { task: ref, seq, undo: event.undo });
    }
    // A receipt, a person's word, or a host that could not be reached before the first effect: nothing was done.
    const nothing =
      (event.type === 'task.settled' &&
        event.verdict === 'not-applied' &&
        (event.ground === 'receipt' || event.ground === 'person')) ||
      (event.type === 'task.ended' && event.outcome === 'unreachable');
    if (nothing) acts.delete(key);
  }
  return [...acts.values()]
    .filter((act) => mayStand(findTask(state, act.task.id).found))
    .sort((a, b) => b.seq - a.seq);
}

function mayStand({ touched, state }: Task): boolean {
  return touched === true || (state.status === 'ended' && state.outcome === 'changed');
}

/** A task of which it is not known whether it took effect: nothing is undone until that is settled. */
export function unsettled(state: RunState): Task | undefined {
  return state.steps
    .flatMap((step) => step.tasks)
    .find((task) => task.state.status === 'writing' || task.state.status === 'doubtful');
}
