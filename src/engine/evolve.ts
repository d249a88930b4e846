import type { Identity } from './drift.ts';
import type { Event, EventOf, HoldReason } from './event.ts';
import { answer, ask, beginStep, endTask, markFailed, put, settleTask, skipTask } from './evolve-task.ts';
import { revive } from './revive.ts';
import { Bug, type RunState, type StepState, UNBEGUN } from './state.ts';

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
    case 'run.noted':
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
    case 'invariant.broke':
    case 'invariant.unseen': {
      const { type: _type, ...breach } = event;
      return { ...state, breaches: [...(state.breaches ?? []), breach] };
    }
    case 'task.skipped':
      return skipTask(state, event);
    case 'run.going-on':
      return goOn(state);
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
    ...(event.sealed && { sealed: event.sealed }),
    operator: event.operator,
    steps: event.steps.map((brief) => ({ brief, begun: false, tasks: [], left: brief.hosts.length })),
    ...UNBEGUN,
  };
}

function goOn(state: RunState): RunState {
  const { stopping, ...rest } = state;
  if (stopping?.reason !== 'operator' || state.held) throw new Bug('run.going-on where no operator holds');
  return rest;
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

const GRAVITY: Readonly<Record<HoldReason, number>> = {
  operator: 0,
  question: 1,
  window: 2,
  failed: 3,
  drift: 4,
  locked: 5,
  invariant: 6,
  doubt: 7,
};

/** The gravest reason to stop is the one that is told, and that picks the exit code. */
export function isGraver(reason: HoldReason, than: HoldReason | undefined): boolean {
  return than === undefined || GRAVITY[reason] > GRAVITY[than];
}
