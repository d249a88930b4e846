import type { Identity } from './drift.ts';
import type { Event, EventOf, HoldReason } from './event.ts';
import { revive } from './revive.ts';
import { Bug, findTask, isGood, type RunState, type StepState, type Task, type TaskState } from './state.ts';

/** Bookkeeping, no rules: the next state. An illegal transition throws a Bug. */
export function evolve(state: RunState | undefined, event: Event): RunState {
  if (event.type === 'run.opened') {
    if (state) throw new Bug('run.opened twice');
    return open(event);
  }
  if (!state) throw new Bug(`${event.type} before run.opened`);
  switch (event.type) {
    case 'run.resumed':
      return revive(state, event);
    case 'run.repinned':
      return repin(state, event);
    case 'host.met':
      return meet(state, event);
    case 'lease.taken':
    case 'drift.found':
      return state;
    case 'drift.accepted':
      return event.identity
        ? { ...state, identities: { ...state.identities, [event.identity.host]: pick(event.identity) } }
        : state;
    case 'secret.used':
      return {
        ...state,
        fingerprints: { ...state.fingerprints, [secretKey(event.name, event.host)]: event.fingerprint },
      };
    case 'step.began':
      return beginStep(state, event);
    case 'task.looked':
      return put(state, event.task, event.attempt, ['waiting'], (task) => ({
        ...task,
        changes: event.changes,
      }));
    case 'question.asked':
      return ask(state, event);
    case 'question.answered':
      return answer(state, event);
    case 'task.intended':
      return put(state, event.task, event.attempt, ['waiting'], (task) => ({
        ...task,
        state: { status: 'writing', attempt: event.attempt, bootId: event.bootId },
      }));
    case 'task.wrote':
      return put(state, event.task, event.attempt, ['writing', 'doubtful'], (task) => ({
        ...task,
        touched: true,
        state: {
          status: 'verifying',
          attempt: event.attempt,
          ...(event.failure && { failure: event.failure }),
        },
        ...(event.output && { output: event.output }),
      }));
    case 'task.doubted':
      return put(state, event.task, event.attempt, ['writing'], (task) => ({
        ...task,
        state: {
          status: 'doubtful',
          attempt: event.attempt,
          why: event.why,
          bootId: task.state.status === 'writing' ? task.state.bootId : '',
        },
      }));
    case 'task.settled':
      return settleTask(state, event);
    case 'task.retried':
      return put(state, event.task, event.attempt, ['waiting', 'writing', 'verifying'], (task) => ({
        ...markFailed(task),
        state: { status: 'waiting', attempt: event.attempt + 1, delayMs: event.delayMs },
      }));
    case 'task.ended':
      return endTask(state, event);
    case 'run.stopping':
      return isGraver(event.reason, state.stopping?.reason)
        ? { ...state, stopping: { reason: event.reason, text: event.text } }
        : state;
    case 'run.held':
      return { ...state, held: { reason: event.reason, text: event.text } };
    case 'run.ended':
      return { ...state, done: true };
    case 'run.undone':
      return { ...state, undone: event.run };
  }
}

function open(event: EventOf<'run.opened'>): RunState {
  return {
    run: event.run,
    runbook: event.runbook,
    title: event.title,
    policy: event.policy,
    operator: event.operator,
    steps: event.steps.map((brief) => ({ brief, begun: false, tasks: [], left: brief.hosts.length })),
    cursor: 0,
    questions: {},
    asked: 0,
    captured: {},
    boots: {},
    identities: {},
    fingerprints: {},
    done: false,
  };
}

/** Steps that have begun keep their tasks; the others are as the new text has them. */
function repin(state: RunState, { runbook, title, steps }: EventOf<'run.repinned'>): RunState {
  const renewed = steps?.map((brief, index): StepState => {
    const old = state.steps[index];
    return old?.begun ? { ...old, brief } : { brief, begun: false, tasks: [], left: brief.hosts.length };
  });
  return {
    ...state,
    ...(runbook && { runbook }),
    ...(title !== undefined && { title }),
    ...(renewed && { steps: renewed }),
  };
}

/** The first meeting tells who a host is; each tells its boot. */
function meet(state: RunState, { host, identity }: EventOf<'host.met'>): RunState {
  return {
    ...state,
    boots: { ...state.boots, [host]: identity.bootId },
    identities: { ...state.identities, [host]: state.identities[host] ?? pick(identity) },
  };
}

function pick({ machineId, hostKey }: Identity): Identity {
  return { machineId, hostKey };
}

/** A secret by its name, and by its host where each host has its own. */
export function secretKey(name: string, host: string | undefined): string {
  return host === undefined ? name : `${name}@${host}`;
}

function beginStep(state: RunState, event: EventOf<'step.began'>): RunState {
  const step = state.steps[state.cursor];
  if (!step || step.brief.id !== event.step || step.begun)
    throw new Bug(`step ${event.step} began out of turn`);
  const tasks = event.tasks.map(
    (ref): Task => ({ ref, state: { status: 'waiting', attempt: 1 }, changes: [] }),
  );
  return advance(putStep(state, state.cursor, { ...step, begun: true, tasks, left: tasks.length }));
}

function ask(state: RunState, { type: _type, ...question }: EventOf<'question.asked'>): RunState {
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

function answer(state: RunState, event: EventOf<'question.answered'>): RunState {
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

/** In doubt, or failed after its effect had begun: then it counts as not ended again. */
function settleTask(state: RunState, event: EventOf<'task.settled'>): RunState {
  const { step: index, found } = findTask(state, event.task);
  const settled = put(state, event.task, event.attempt, ['doubtful', 'ended'], (task) => settle(task, event));
  if (found.state.status !== 'ended') return settled;
  const step = settled.steps[index] as StepState;
  return putStep(settled, index, { ...step, left: step.left + 1 });
}

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
function markFailed(task: Task): Task {
  const begun = task.state.status === 'writing' || task.state.status === 'verifying';
  return begun ? { ...task, touched: true, failed: true } : task;
}

const GRAVITY: Readonly<Record<HoldReason, number>> = {
  operator: 0,
  question: 1,
  failed: 2,
  drift: 3,
  locked: 4,
  doubt: 5,
};

/** The gravest reason to stop is the one that is told, and that picks the exit code. */
export function isGraver(reason: HoldReason, than: HoldReason | undefined): boolean {
  return than === undefined || GRAVITY[reason] > GRAVITY[than];
}

function endTask(state: RunState, event: EventOf<'task.ended'>): RunState {
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

function put(
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
