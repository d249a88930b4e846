import type { Move } from './input.ts';
import { isGood, type RunState, type StepState, type Task } from './state.ts';

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

/** How many tasks of this step may look (and so begin) now, by its order. */
function room(step: StepState): number {
  const { order } = step.brief;
  const underWay = step.tasks.filter(
    ({ state }) => state.status !== 'ended' && state.status !== 'waiting',
  ).length;
  if (order === 'parallel') return Number.POSITIVE_INFINITY;
  if (order === 'serial') return Math.max(0, 1 - underWay);
  if (order === 'canary') {
    const first = step.tasks[0]?.state;
    const proven = first?.status === 'ended' && isGood(first.outcome);
    return proven ? Number.POSITIVE_INFINITY : Math.max(0, 1 - underWay);
  }
  const ended = step.tasks.filter(({ state }) => state.status === 'ended').length;
  // Whole batches: the next begins when every host of this one has verified.
  const batchEnd = (Math.floor(ended / order.batch) + 1) * order.batch;
  return Math.max(0, batchEnd - ended - underWay);
}
