/** The change window: what would not be over in time is not begun. Pure: the clock and the estimates come in. */
import type { Estimate } from '../plan/estimate.ts';
import { formatDuration } from './duration.ts';
import type { Event, Policy } from './event.ts';
import type { Look } from './input.ts';
import { Bug, findTask, type RunState, type StepState, type Task } from './state.ts';

/** What the clock and the estimates say of a task that is about to change something. All in ms. */
export interface Timing {
  /** Since the epoch. */
  readonly now: number;
  /** The task itself, at worst. */
  readonly task: Estimate;
  /** Taking back: all that earlier steps have begun, and a task of this step, by its host. */
  readonly back: { readonly earlierMs: number; readonly byHost: Readonly<Record<string, number>> };
  /** All that is left of the run, from this task on. */
  readonly rest: Estimate;
}

/** The moment after which nothing new begins, or undefined without a limit. `by`: what has set it. */
export function closingOf(
  policy: Policy,
): { readonly at: string; readonly by: 'window' | 'timeout' } | undefined {
  const { window, until } = policy;
  if (until !== undefined && (!window || Date.parse(until) < Date.parse(window.closes)))
    return { at: until, by: 'timeout' };
  return window && { at: window.closes, by: 'window' };
}

/** What follows where it is too late for what a look has found; undefined where it is not, or nothing would be changed. */
export function tooLate(state: RunState, id: string, look: Look): readonly Event[] | undefined {
  if (state.stopping || !closingOf(state.policy)) return undefined;
  if (look.kind !== 'differs' && look.kind !== 'asks') return undefined;
  const { step: index, found } = findTask(state, id);
  const step = state.steps[index] as StepState;
  // A question changes nothing, unless its step says so: work by hand. What was said to be done is done.
  if (look.kind === 'asks' && (step.brief.risk === 'read' || isAnswered(found))) return undefined;
  if (!look.timing) throw new Bug(`${id}: a look in a change window, without the time`);
  const text = refusal(state, step, found, look.timing);
  if (text === undefined) return undefined;
  const stopping: Event = { type: 'run.stopping', reason: 'window', text };
  if (look.kind === 'asks') return [stopping];
  const { attempt } = found.state;
  return [{ type: 'task.looked', task: id, attempt, changes: look.changes }, stopping];
}

/**
 * Why this task must not begin now, or undefined. Until a point of no return is crossed, the task and the way back must fit: its
 * own and that of all that was begun, since a task taken back takes as long as it took. At the point of no return all that is left
 * must fit, since from there the only way is forward; after it, the task alone.
 */
export function refusal(state: RunState, step: StepState, task: Task, timing: Timing): string | undefined {
  const closing = closingOf(state.policy);
  if (!closing) return undefined;
  const { id } = task.ref;
  const { now } = timing;
  const opens = state.policy.window?.opens;
  if (opens !== undefined && now < Date.parse(opens))
    return `${id} is not started: the change window is not open yet: it opens at ${showMoment(opens)}`;
  const need = needOf(state, step, task, timing);
  const left = Date.parse(closing.at) - now;
  if (need.ms <= left) return undefined;
  return `${id} is not started: ${need.text}, and ${closingText(closing, left)}${cure(state, closing)}`;
}

/** Since when nothing new begins, and how to go on. */
export function closedText(state: Pick<RunState, 'run' | 'policy'>): string {
  const closing = closingOf(state.policy);
  if (!closing) throw new Bug('no window has closed');
  return `${closingText(closing, 0)}${cure(state, closing)}`;
}

/** `2026-11-27 03:00 +01:00`, of ISO 8601. */
export function showMoment(iso: string): string {
  return iso.replace('T', ' ').replace(/(\d\d:\d\d)(?::00)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/, '$1 $2');
}

function needOf(state: RunState, step: StepState, task: Task, timing: Timing): { ms: number; text: string } {
  const { task: own, back, rest } = timing;
  const alone = `it may take ${long(own.ms)} (${GROUNDS[own.ground]})`;
  if (state.steps.some(isCrossed)) return { ms: own.ms, text: alone };
  if (step.brief.risk === 'irreversible') {
    const ms = Math.max(rest.ms, own.ms);
    const text = `it is a point of no return, and from there on the run may take ${long(ms)} (${GROUNDS[rest.ground]})`;
    return { ms, text };
  }
  const mine = step.tasks.filter((one) => one === task || isBegun(one));
  const backMs = mine.reduce((sum, { ref }) => sum + (back.byHost[ref.host] ?? 0), back.earlierMs);
  const text = backMs === 0 ? alone : `${alone} and the way back ${long(backMs)}`;
  return { ms: own.ms + backMs, text };
}

/** It has changed something, or may have. */
export function isBegun({ touched, state: { status } }: Task): boolean {
  return touched === true || status === 'writing' || status === 'verifying' || status === 'doubtful';
}

function isCrossed({ brief, tasks }: StepState): boolean {
  if (brief.risk !== 'irreversible') return false;
  return tasks.some((task) => isBegun(task) || (brief.kind === 'ask' && isSaidDone(task)));
}

function isSaidDone({ state }: Task): boolean {
  return state.status === 'ended' && state.outcome === 'unchanged';
}

function isAnswered({ state }: Task): boolean {
  return state.status === 'waiting' && state.approved !== undefined;
}

const GROUNDS: Readonly<Record<Estimate['ground'], string>> = {
  'earlier runs': 'as in earlier runs',
  takes: 'as its takes says',
  timeout: 'its timeout',
};

type Closing = NonNullable<ReturnType<typeof closingOf>>;

function closingText({ at, by }: Closing, leftMs: number): string {
  const what = by === 'timeout' ? 'the time of --timeout' : 'the change window';
  if (leftMs <= 0) return `${what} ${by === 'timeout' ? 'ended' : 'closed'} at ${showMoment(at)}`;
  const soon = formatDuration(Math.floor(leftMs / 1000) * 1000);
  return `${what} ${by === 'timeout' ? 'ends' : 'closes'} in ${soon}, at ${showMoment(at)}`;
}

function cure({ run }: Pick<RunState, 'run'>, { by }: Closing): string {
  if (by === 'timeout') return `; lockstep resume ${run} goes on`;
  return `; lockstep resume ${run} --window SPEC goes on in another`;
}

/** Rounded up: an estimate promises nothing below a second. */
function long(ms: number): string {
  return formatDuration(Math.ceil(ms / 1000) * 1000);
}
