import type { Move } from './input.ts';
import type { RunState, StepState, Task } from './state.ts';

/** What should be under way now. When the run is stopping, only what has begun an effect goes on. */
export function next(state: RunState): readonly Move[] {
  const step = state.steps[state.cursor];
  if (!step || state.done || state.held) return [];
  if (!step.begun) return state.stopping ? [] : [{ kind: 'begin', step: step.brief.id }];
  const moves: Move[] = [];
  for (const task of step.tasks) {
    const move = moveOf(state, task);
    if (move) moves.push({ kind: move, task: task.ref, attempt: task.state.attempt });
  }
  const open = moves.filter((move) => move.kind !== 'look');
  if (state.stopping) return open;
  return [...open, ...moves.filter((move) => move.kind === 'look').slice(0, room(step))];
}

function moveOf(state: RunState, task: Task): 'look' | 'write' | 'verify' | 'settle' | undefined {
  switch (task.state.status) {
    case 'waiting':
      return 'look';
    case 'writing':
      return 'write';
    case 'verifying':
      return 'verify';
    case 'doubtful':
      // Once it is a person's turn, looking again would only ask again.
      return isAsked(state, task) || state.stopping?.reason === 'doubt' ? undefined : 'settle';
    default:
      return undefined;
  }
}

function isAsked(state: RunState, task: Task): boolean {
  return Object.values(state.questions).some((question) => question.task === task.ref.id);
}

/** A canary proves something only where it did it: where nothing had to be done, the next one goes first. */
function isProven({ brief, tasks }: StepState): boolean {
  const good = brief.kind === 'change' ? 'changed' : 'unchanged';
  return tasks.some(({ state }) => state.status === 'ended' && state.outcome === good);
}

/** How many tasks of this step may look (and so begin) now, by its order. */
function room(step: StepState): number {
  const { order } = step.brief;
  const underWay = step.tasks.filter(
    ({ state }) => state.status !== 'ended' && state.status !== 'waiting',
  ).length;
  if (order === 'parallel') return Number.POSITIVE_INFINITY;
  if (order === 'serial') return Math.max(0, 1 - underWay);
  if (order === 'canary') {
    return isProven(step) ? Number.POSITIVE_INFINITY : Math.max(0, 1 - underWay);
  }
  const ended = step.tasks.filter(({ state }) => state.status === 'ended').length;
  // Whole batches: the next begins when every host of this one has verified.
  const batchEnd = (Math.floor(ended / order.batch) + 1) * order.batch;
  return Math.max(0, batchEnd - ended - underWay);
}
