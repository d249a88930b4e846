import { approvedOf, ask, cite, otherThanSealed } from './asking.ts';
import type { Event, Failure, HoldReason } from './event.ts';
import { evolve, isGraver } from './evolve.ts';
import { allowed, badIn } from './evolve-task.ts';
import type { Asking, Input, Look, Verdict } from './input.ts';
import { learned } from './learned.ts';
import { note } from './note.ts';
import { repeatQuestion } from './repeat.ts';
import { findTask, isGood, type RunState, type StepState, type Task } from './state.ts';
import { tooLate } from './window.ts';

/** Every rule of a run: what an outcome or a command makes happen. Pure. */
export function decide(state: RunState, input: Input): readonly Event[] {
  // Nothing follows from a note, and nothing but a note comes to a run that is over for now.
  if (input.type === 'note') return note(input.text, input.by);
  if (state.done || state.held) return [];
  const events = react(state, input);
  if (events.length === 0) return events;
  const after = events.reduce<RunState>(evolve, state);
  return [...events, ...consequences(after)];
}

function react(state: RunState, input: Exclude<Input, { type: 'note' }>): readonly Event[] {
  switch (input.type) {
    case 'began':
      return [{ type: 'step.began', step: input.step, tasks: input.tasks }];
    case 'unbegun':
      return [{ type: 'run.stopping', reason: 'failed', text: `step ${input.step}: ${input.failure.what}` }];
    case 'met':
    case 'leased':
    case 'used':
    case 'drift':
    case 'accept':
    case 'breach':
      return learned(state, input);
    case 'looked':
      return looked(state, input.task, input.attempt, input.look);
    case 'wrote':
      return wrote(state, input);
    case 'verified':
      return [end(input.task, input.attempt, 'changed', undefined, input.captured)];
    case 'settled':
      return settled(state, input.task, input.attempt, input.verdict);
    case 'broke':
      return broke(state, input);
    case 'answer':
      return answered(state, input);
    case 'hold':
      return isHeldOff(state, input.reason)
        ? []
        : [{ type: 'run.stopping', reason: input.reason, text: input.text }];
    case 'go-on':
      return state.stopping?.reason === 'operator' ? [{ type: 'run.going-on', by: input.by }] : [];
    case 'idle':
      // The journal may end between the last task's end and the run's.
      return isFinished(state) ? [{ type: 'run.ended', outcome: 'done' }] : [hold(state)];
  }
}

/** An operator may take the hold back: what comes from elsewhere meanwhile must stand then. */
function isHeldOff({ stopping }: RunState, reason: HoldReason): boolean {
  if (stopping?.reason !== 'operator') return stopping !== undefined;
  return reason !== 'window' && reason !== 'locked' && reason !== 'invariant';
}

function looked(state: RunState, id: string, attempt: number, look: Look): readonly Event[] {
  const late = tooLate(state, id, look);
  if (late) return late;
  const { step: index, found } = findTask(state, id);
  const { brief } = state.steps[index] as StepState;
  switch (look.kind) {
    case 'skipped':
      return [end(id, attempt, 'skipped', { what: look.because })];
    case 'holds':
      return [end(id, attempt, found.touched ? 'changed' : 'unchanged', undefined, look.captured)];
    case 'fails':
      return failedTask(state, id, attempt, look.failure);
    case 'asks':
      if (state.stopping) return [];
      return isApproved(found, [])
        ? [end(id, attempt, 'unchanged')]
        : ask(state, id, 'ask', look.question, []);
    case 'differs': {
      if (state.stopping) return [];
      const seen: Event = { type: 'task.looked', task: id, attempt, changes: look.changes };
      if (!isApproved(found, look.changes)) {
        const again = repeatQuestion(found, brief, id, look.confirm);
        if (again) return [seen, ...ask(state, id, 'repeat', again, look.changes)];
        const other = otherThanSealed(state, id, look);
        if (other) return [seen, ...ask(state, id, 'differs', other, look.changes, state.sealed?.diffs[id])];
        if (look.confirm) {
          const asked = ask(state, id, 'approve', look.confirm, look.changes, approvedOf(found));
          // Passed by the policy: looked at this very moment, so there is no need to look again.
          return asked.length === 2
            ? [seen, ...asked, intend(state, found, attempt, look)]
            : [seen, ...asked];
        }
      }
      return [seen, intend(state, found, attempt, look)];
    }
  }
}

function wrote(state: RunState, input: Extract<Input, { type: 'wrote' }>): readonly Event[] {
  const { task, attempt, exit, output, durationMs, failure } = input;
  const { step: index } = findTask(state, task);
  const { brief } = state.steps[index] as StepState;
  const written: Event = {
    type: 'task.wrote',
    task,
    attempt,
    durationMs,
    ...(exit && { exit }),
    ...(output && { output }),
    ...(failure && { failure }),
  };
  if (failure) return [written, ...failedTask(state, task, attempt, failure)];
  if (brief.proof === 'command' && !brief.verified)
    return [written, end(task, attempt, 'changed', undefined, input.captured)];
  return [written];
}

function settled(state: RunState, task: string, attempt: number, verdict: Verdict): readonly Event[] {
  const { step: index, found } = findTask(state, task);
  const { brief } = state.steps[index] as StepState;
  if (verdict.kind === 'ended') {
    const { exit, output, failure } = verdict;
    const written: Event = {
      type: 'task.wrote',
      task,
      attempt,
      exit,
      durationMs: 0,
      ...(output && { output }),
      ...(failure && { failure }),
    };
    return failure ? [written, ...failedTask(state, task, attempt, failure)] : [written];
  }
  const { why } = verdict;
  if (verdict.kind !== 'open')
    return [{ type: 'task.settled', task, attempt, verdict: verdict.kind, ground: verdict.ground, why }];
  if (brief.repeat === 'safe')
    return [{ type: 'task.settled', task, attempt, verdict: 'not-applied', ground: 'repeat: safe', why }];
  const question: Asking = {
    class: 'typed',
    typed: found.ref.host,
    text: `It is not known whether ${task} took effect: ${why}. Look at ${found.ref.host}: did it happen?`,
  };
  return ask(state, task, 'doubt', question, found.changes);
}

function broke(state: RunState, input: Extract<Input, { type: 'broke' }>): readonly Event[] {
  const { task, attempt, during, how, failure } = input;
  if (during === 'write' && how === 'lost')
    return [{ type: 'task.doubted', task, attempt, why: failure.what }];
  // It cannot be settled now (the host is away): the doubt stays open, and holds the run.
  if (during === 'settle')
    return [{ type: 'run.stopping', reason: 'doubt', text: `${task} is in doubt: ${failure.what}` }];
  if (how === 'drift')
    return [
      end(task, attempt, 'failed', failure),
      { type: 'run.stopping', reason: 'drift', text: failure.what },
    ];
  if (how === 'fenced' && during !== 'verify')
    return [
      end(task, attempt, 'unreachable', failure),
      { type: 'run.stopping', reason: 'locked', text: failure.what },
    ];
  if (how !== 'plain' && during !== 'verify') return [end(task, attempt, 'unreachable', failure)];
  return failedTask(state, task, attempt, failure);
}

function answered(state: RunState, input: Extract<Input, { type: 'answer' }>): readonly Event[] {
  const question = state.questions[input.question];
  if (!question) return [];
  const { task, purpose, id } = question;
  const event: Event = {
    type: 'question.answered',
    id,
    answer: input.answer,
    by: input.by,
    ground: cite(state, input.ground),
    ...(input.because && { because: input.because }),
  };
  const { attempt } = findTask(state, task).found.state;
  if (purpose === 'doubt') {
    if (input.answer !== 'applied' && input.answer !== 'not-applied')
      return [event, { type: 'run.stopping', reason: 'doubt', text: `${task} is in doubt` }];
    const why = input.because ?? `${input.by} looked`;
    return [event, { type: 'task.settled', task, attempt, verdict: input.answer, ground: 'person', why }];
  }
  if (input.answer === 'skip')
    return [event, end(task, attempt, 'skipped', { what: input.because ?? `skipped by ${input.by}` })];
  if (input.answer === 'no')
    return [event, { type: 'run.stopping', reason: 'question', text: `${task}: ${input.by} said no` }];
  return [event];
}

function failedTask(state: RunState, task: string, attempt: number, failure: Failure): readonly Event[] {
  const { step: index } = findTask(state, task);
  const { brief } = state.steps[index] as StepState;
  const { retry } = brief;
  if (retry && brief.repeat === 'safe' && attempt <= retry.times && !state.stopping) {
    const delayMs = retry.delayMs * retry.backoff ** (attempt - 1);
    return [{ type: 'task.retried', task, attempt, failure, delayMs }];
  }
  return [end(task, attempt, 'failed', failure)];
}

function end(
  task: string,
  attempt: number,
  outcome: Extract<Event, { type: 'task.ended' }>['outcome'],
  why?: Failure,
  captured?: Extract<Event, { type: 'task.ended' }>['captured'],
): Event {
  return {
    type: 'task.ended',
    task,
    attempt,
    outcome,
    ...(why && { why }),
    ...(captured && Object.keys(captured).length > 0 && { captured }),
  };
}

function intend(
  state: RunState,
  task: Task,
  attempt: number,
  { undo }: Extract<Look, { kind: 'differs' }>,
): Event {
  const bootId = state.boots[task.ref.host] ?? '';
  return { type: 'task.intended', task: task.ref.id, attempt, bootId, ...(undo && { undo }) };
}

function isApproved(task: Task, changes: readonly unknown[]): boolean {
  return task.state.status === 'waiting' && task.state.approved === JSON.stringify(changes);
}

/** What follows from where the run now stands: it is done, or a failure stops it. */
function consequences(after: RunState): readonly Event[] {
  if (isFinished(after) && !after.done) return [{ type: 'run.ended', outcome: 'done' }];
  if (!isGraver('failed', after.stopping?.reason)) return [];
  const step = after.steps[after.cursor];
  if (!step?.begun || badIn(step) <= allowed(step)) return [];
  const bad = step.tasks.find(({ state }) => state.status === 'ended' && !isGood(state.outcome));
  if (bad?.state.status !== 'ended') return [];
  const { outcome, why } = bad.state;
  return [{ type: 'run.stopping', reason: 'failed', text: `${bad.ref.id} ${outcome}: ${why?.what ?? ''}` }];
}

/** Every step is over, and all that must hold has held. */
function isFinished({ cursor, steps, breaches }: RunState): boolean {
  return cursor >= steps.length && !breaches;
}

/** Nothing is under way. The gravest reason names the hold: doubt, then failure, then a question. */
function hold(state: RunState): Event {
  const step = state.steps[state.cursor];
  const doubtful = step?.tasks.find((task) => task.state.status === 'doubtful');
  if (doubtful?.state.status === 'doubtful')
    return {
      type: 'run.held',
      reason: 'doubt',
      text: `${doubtful.ref.id} is in doubt: ${doubtful.state.why}`,
    };
  if (state.stopping) return { type: 'run.held', ...state.stopping };
  const open = Object.values(state.questions)[0];
  if (open) return { type: 'run.held', reason: 'question', text: `${open.task} asks: ${open.text}` };
  return { type: 'run.held', reason: 'operator', text: 'nothing more can be done' };
}
