import type { Event } from './event.ts';
import { Bug, findTask, isGood, type RunState, type Task } from './state.ts';

export interface Resolution {
  readonly task: string;
  /** skipped: whatever became of it, the run goes on without it. */
  readonly verdict: 'applied' | 'not-applied' | 'skipped';
  readonly by: string;
  readonly because: string;
  /** Takes a person's word though the host has not said what it knows: it is gone for good. */
  readonly unheard: boolean;
}

export type Resolved =
  | { readonly events: readonly Event[] }
  | { readonly refusal: string; readonly next: string };

/**
 * A person's word on a task in doubt, or on one that failed after its effect had begun, of a run that is held. On a doubt it is
 * taken only where the receipt, the probe and the repeat class have left
 * it open, in that order: a receipt that is still to be had knows better than anybody.
 */
export function resolve(state: RunState, resolution: Resolution): Resolved {
  const { task: id } = resolution;
  const task = taskNamed(state, id);
  if (!task) return { refusal: `run ${state.run} has no task ${id}`, next: inDoubt(state) };
  const now = task.state;
  const resume = `lockstep resume ${state.run}`;
  if (now.status === 'writing')
    return {
      refusal: `${id} was under way when lockstep ended, and its host has not been asked yet`,
      next: `${resume} asks it: its receipt says what became of it`,
    };
  if (resolution.verdict === 'skipped') return passedOver(state, task, resolution);
  if (hasFailed(task) && isAtCursor(state, id)) return settled(id, now.attempt, resolution);
  if (now.status !== 'doubtful')
    return { refusal: `${id} is not in doubt: it is ${wordFor(now)}`, next: inDoubt(state) };
  if (!now.open && !resolution.unheard)
    return {
      refusal: `${id} is in doubt, and its host could not be asked: ${now.why}`,
      next: `${resume} when ${task.ref.host} can be reached; if it is gone for good, add --host-is-gone`,
    };
  return settled(id, now.attempt, resolution);
}

function settled(task: string, attempt: number, { verdict, by, because }: Resolution): Resolved {
  if (verdict === 'skipped') throw new Bug(`${task} is passed over, not settled`);
  const why = `${by}: ${because}`;
  return { events: [{ type: 'task.settled', task, attempt, verdict, ground: 'person', why }] };
}

/** Only what has failed: of what is in doubt it must first be known whether it took effect, or nobody could undo it. */
function passedOver(state: RunState, task: Task, { by, because }: Resolution): Resolved {
  const { ref, state: now } = task;
  if (isPassable(state, task))
    return { events: [{ type: 'task.skipped', task: ref.id, attempt: now.attempt, by, because }] };
  if (now.status === 'doubtful')
    return {
      refusal: `${ref.id} is in doubt, and what may have taken effect is not passed over`,
      next: `say first whether it did: --as applied or not-applied`,
    };
  const failed = failedTasks(state);
  const bad = now.status === 'ended' && !isGood(now.outcome);
  return {
    refusal: bad
      ? `${ref.id} is ${wordFor(now)}, which its step tolerates: the run goes on without it already`
      : `${ref.id} has not failed: it is ${wordFor(now)}`,
    next: failed.length === 0 ? 'no task of this run has failed' : `failed: ${failed.join(', ')}`,
  };
}

/** Also what failed, or could not be reached, before anything had begun. */
function isPassable(state: RunState, task: Task): boolean {
  if (!isAtCursor(state, task.ref.id)) return false;
  if (task.state.status !== 'ended') return hasFailed(task);
  return task.state.outcome === 'failed' || task.state.outcome === 'unreachable';
}

/** Half-way; or a resume has come to it since, and asks whether it may run again. */
function hasFailed({ failed, state }: Task): boolean {
  if (failed !== true) return false;
  if (state.status === 'ended') return state.outcome === 'failed';
  return state.status === 'asking' || state.status === 'waiting';
}

/** A failure that its step tolerated is behind the run. */
function isAtCursor(state: RunState, id: string): boolean {
  return findTask(state, id).step === state.cursor;
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

/** Ids of the tasks that a person's word can settle. */
export function openTasks(state: RunState): readonly string[] {
  const step = state.steps[state.cursor];
  return (step?.tasks ?? [])
    .filter((task) => task.state.status === 'doubtful' || hasFailed(task))
    .map(({ ref }) => ref.id);
}

/** Ids of the tasks that a person may pass over. */
export function failedTasks(state: RunState): readonly string[] {
  const step = state.steps[state.cursor];
  return (step?.tasks ?? []).filter((task) => isPassable(state, task)).map(({ ref }) => ref.id);
}

function inDoubt(state: RunState): string {
  const open = openTasks(state);
  if (open.length === 0) return 'no task of this run is in doubt, or has failed half-way';
  return `in doubt, or failed half-way: ${open.join(', ')}`;
}
