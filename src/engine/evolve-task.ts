/** What the events of tasks and their questions do to a run's state. Bookkeeping, no rules. */
import type { EventOf } from './event.ts';
import { Bug, findTask, isGood, type RunState, type StepState, type Task, type TaskState } from './state.ts';

export function beginStep(state: RunState, event: EventOf<'step.began'>): RunState {
  const step = state.steps[state.cursor];
  if (!step || step.brief.id !== event.step || step.begun)
    throw new Bug(`step ${event.step} began out of turn`);
  const tasks = event.tasks.map(
    (ref): Task => ({ ref, state: { status: 'waiting', attempt: 1 }, changes: [] }),
  );
  return advance(putStep(state, state.cursor, { ...step, begun: true, tasks, left: tasks.length }));
}

export function ask(state: RunState, { type: _type, ...question }: EventOf<'question.asked'>): RunState {
  const { found } = findTask(state, question.task);
  const before = found.state;
  const next = put(state, question.task, before.attempt, ['waiting', 'doubtful'], (task) => ({
    ...task,
    state:
      before.status === 'doubtful'
        ? { ...before, open: true }
        : { status: 'asking', attempt: before.attempt, question: question.id },
  }));
  return { ...next, asked: state.asked + 1, questions: { ...state.questions, [question.id]: question } };
}

export function answer(state: RunState, event: EventOf<'question.answered'>): RunState {
  const question = state.questions[event.id];
  if (!question) throw new Bug(`answer to question ${event.id}, which is not open`);
  const { [event.id]: _closed, ...questions } = state.questions;
  const next = { ...state, questions };
  if (event.answer !== 'yes') return next;
  const { found } = findTask(state, question.task);
  if (found.state.status !== 'asking') return next;
  const { attempt } = found.state;
  return put(next, question.task, attempt, ['asking'], (task) => ({
    ...task,
    state: { status: 'waiting', attempt, approved: JSON.stringify(question.changes) },
  }));
}

/** In doubt, or failed after its effect had begun: then it counts as not ended again, and is not asked about. */
export function settleTask(state: RunState, event: EventOf<'task.settled'>): RunState {
  const { step: index, found } = findTask(state, event.task);
  const from = found.failed ? FAILED : DOUBTED;
  const quiet = found.state.status === 'asking' ? withoutQuestion(state, event.task) : state;
  const settled = put(quiet, event.task, event.attempt, from, (task) => settle(task, event));
  if (found.state.status !== 'ended') return settled;
  const step = settled.steps[index] as StepState;
  return putStep(settled, index, { ...step, left: step.left + 1 });
}

/** Ends anew, as skipped. What it has touched stays touched: it may stand there, and an undo asks about it. */
export function skipTask(state: RunState, event: EventOf<'task.skipped'>): RunState {
  const { step: index, found } = findTask(state, event.task);
  const { task, attempt, because } = event;
  const skipped = put(withoutQuestion(state, task), task, attempt, SKIPPED, (one) => ({
    ...one,
    state: { status: 'ended', attempt, outcome: 'skipped', why: { what: because } },
  }));
  if (found.state.status === 'ended') return advance(skipped);
  const step = skipped.steps[index] as StepState;
  return advance(putStep(skipped, index, { ...step, left: step.left - 1 }));
}

function withoutQuestion(state: RunState, of: string): RunState {
  const others = Object.entries(state.questions).filter(([, { task }]) => task !== of);
  return { ...state, questions: Object.fromEntries(others) };
}

const SKIPPED: readonly TaskState['status'][] = ['ended', 'asking', 'waiting'];
const DOUBTED: readonly TaskState['status'][] = ['doubtful', 'ended'];
const FAILED: readonly TaskState['status'][] = [...DOUBTED, 'asking', 'waiting'];

/** A receipt proves that this attempt did nothing, and says nothing of those before it; the others say more. */
function settle(task: Task, event: EventOf<'task.settled'>): Task {
  const { attempt, verdict, ground } = event;
  const { failed: _settled, ...rest } = task;
  if (verdict === 'applied')
    return {
      ...(ground === 'person' ? rest : task),
      touched: true,
      state: { status: 'verifying', attempt },
    };
  const state: TaskState = { status: 'waiting', attempt: attempt + 1 };
  if (ground === 'receipt') return { ...task, state };
  return { ...rest, touched: true, state };
}

/** Marks a task whose effect had begun when it failed; one that failed at its look has touched nothing. */
export function markFailed(task: Task): Task {
  const begun = task.state.status === 'writing' || task.state.status === 'verifying';
  return begun ? { ...task, touched: true, failed: true } : task;
}

export function endTask(state: RunState, event: EventOf<'task.ended'>): RunState {
  const { step: index, found } = findTask(state, event.task);
  if (found.state.status === 'ended') throw new Bug(`${event.task} ended twice`);
  const ended = put(state, event.task, event.attempt, undefined, (task) => ({
    ...(event.outcome === 'failed' ? markFailed(task) : task),
    state: {
      status: 'ended',
      attempt: event.attempt,
      outcome: event.outcome,
      ...(event.why && { why: event.why }),
    },
  }));
  const step = ended.steps[index] as StepState;
  const counted = putStep(ended, index, { ...step, left: step.left - 1 });
  const { host } = found.ref;
  return advance(
    event.captured
      ? {
          ...counted,
          captured: { ...counted.captured, [host]: { ...counted.captured[host], ...event.captured } },
        }
      : counted,
  );
}

/** Moves the cursor over steps in which every task ended in a way the step allows. */
function advance(state: RunState): RunState {
  let cursor = state.cursor;
  for (;;) {
    const step = state.steps[cursor];
    if (!step?.begun || step.left > 0 || badIn(step) > allowed(step)) break;
    cursor++;
  }
  return cursor === state.cursor ? state : { ...state, cursor };
}

export function badIn(step: StepState): number {
  let bad = 0;
  for (const { state } of step.tasks) if (state.status === 'ended' && !isGood(state.outcome)) bad++;
  return bad;
}

export function allowed(step: StepState): number {
  return step.brief.onFailure === 'continue' ? Number.POSITIVE_INFINITY : step.brief.tolerate;
}

function putStep(state: RunState, index: number, step: StepState): RunState {
  const steps = state.steps.slice();
  steps[index] = step;
  return { ...state, steps };
}

export function put(
  state: RunState,
  id: string,
  attempt: number,
  from: readonly TaskState['status'][] | undefined,
  change: (task: Task) => Task,
): RunState {
  const { step: index, task: position, found } = findTask(state, id);
  const { status } = found.state;
  if (found.state.attempt !== attempt || (from && !from.includes(status)))
    throw new Bug(
      `${id} is ${status} in attempt ${found.state.attempt}; an event speaks of attempt ${attempt}`,
    );
  const step = state.steps[index] as StepState;
  const tasks = step.tasks.slice();
  tasks[position] = change(found);
  return putStep(state, index, { ...step, tasks });
}
