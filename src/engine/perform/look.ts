import { type Bind, resolveCall } from '../../plan/bind.ts';
import { evaluate, resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import { isSecret } from '../../secrets/secret.ts';
import type { Action, Change } from '../action.ts';
import type { ChangeView, TaskRef } from '../event.ts';
import type { Asking, Look } from '../input.ts';
import { guarded } from '../point-of-no-return.ts';
import type { RunState, Task, TaskState } from '../state.ts';
import { Unknown, type Value } from '../value.ts';
import { capture } from './capture.ts';
import { journaled } from './inverse.ts';
import { probeGate, probeStep } from './probe.ts';
import { actionOf, type Stage } from './stage.ts';

/** Reads and compares; writes nothing. What it binds waits in `stage.bound` for the write. */
export async function look(
  stage: Stage,
  step: Step,
  task: TaskRef,
  now: Task & { readonly state: Extract<TaskState, { status: 'waiting' }> },
  state: RunState,
): Promise<Look> {
  if (step.when !== undefined) {
    const when = step.when;
    const wanted = await stage.evaluate((scope) => evaluate(when, scope), task, state);
    if (wanted instanceof Unknown) return unknown(`when: ${when}`, wanted.because);
    if (typeof wanted !== 'boolean')
      return {
        kind: 'fails',
        failure: { what: `when: ${when} is ${JSON.stringify(wanted)}, not true or false` },
      };
    if (!wanted) return { kind: 'skipped', because: `not needed here: ${when}` };
  }
  const action = actionOf(stage, step.call.action);
  const bind = await stage.evaluate((scope) => resolveCall(action, step.call, scope), task, state);
  if (!bind.known) return unknown(step.call.action, bind.because);
  if (action.kind === 'ask') return lookAtAsk(stage, step, action.question(bind.params), now, state);
  if (action.kind === 'gate') return lookAtGate(stage, step, action, bind, task, state);
  return lookAtChange(stage, step, action, bind, now, state);
}

/** Asks; and once somebody has said that it is done, `verify` says whether it is. */
async function lookAtAsk(
  stage: Stage,
  step: Step,
  question: Asking,
  now: Task & { readonly state: Extract<TaskState, { status: 'waiting' }> },
  state: RunState,
): Promise<Look> {
  if (step.verify && now.state.approved !== undefined) {
    const seen = await probeStep(stage, step.verify, now.ref, state);
    if (!seen.holds)
      return {
        kind: 'fails',
        failure: {
          what: `verify does not hold: ${seen.lacking}`,
          ...(await hint(stage, step, now.ref, state)),
        },
      };
  }
  return { kind: 'asks', question: toAsking(question) };
}

async function lookAtGate(
  stage: Stage,
  step: Step,
  action: Extract<Action, { kind: 'gate' }>,
  bind: Extract<Bind, { known: true }>,
  task: TaskRef,
  state: RunState,
): Promise<Look> {
  const seen = await probeGate(stage, step, action, bind, task, state);
  if (!seen.holds)
    return { kind: 'fails', failure: { what: seen.lacking, ...(await hint(stage, step, task, state)) } };
  return { kind: 'holds', captured: await capture(stage, step, task, state, seen.result) };
}

async function lookAtChange(
  stage: Stage,
  step: Step,
  action: Extract<Action, { kind: 'change' }>,
  bind: Extract<Bind, { known: true }>,
  now: Task,
  state: RunState,
): Promise<Look> {
  const task = now.ref;
  for (const spec of [step.check, now.failed ? step.verify : undefined]) {
    if (!spec) continue;
    const seen = await probeStep(stage, spec, task, state, true);
    if (!seen.holds && seen.unsure && spec.conclusive)
      return {
        kind: 'fails',
        failure: {
          what: `it cannot be told whether it is done already: ${seen.lacking}`,
          ...(await hint(stage, step, task, state)),
        },
      };
    if (seen.holds) return { kind: 'holds', captured: await capture(stage, step, task, state, seen.result) };
  }
  const facts = await action.read(bind.params, stage.reading(task));
  const changes = action.diff(bind.params, facts);
  if (changes.length === 0) {
    const result = action.result?.(bind.params, facts) ?? {};
    return { kind: 'holds', captured: await capture(stage, step, task, state, result) };
  }
  stage.bound.set(task.id, { attempt: now.state.attempt, params: bind.params, changes });
  const confirm = guarded(step, task.host, await confirmation(stage, step, task, state));
  const made = step.undo ? undefined : action.undo?.inverse(bind.params, changes, facts);
  const undo = made && (await journaled(stage, made, task, state));
  return {
    kind: 'differs',
    changes: changes.map(toView),
    ...(confirm && { confirm }),
    ...(undo && { undo }),
  };
}

async function confirmation(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
): Promise<Asking | undefined> {
  const { confirm } = step;
  if (!confirm) return undefined;
  const text = await stage.evaluate((scope) => resolve(confirm.text, scope), task, state);
  const typed =
    confirm.typed === undefined
      ? task.host
      : await stage.evaluate((scope) => resolve(confirm.typed ?? task.host, scope), task, state);
  return { class: confirm.class, text: plain(text), typed: plain(typed) };
}

/** What to look at first when it fails. A hint that goes wrong must not stand in front of the failure. */
export async function hint(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
): Promise<{ next?: string }> {
  const text = step.hint;
  if (text === undefined) return {};
  try {
    return { next: plain(await stage.evaluate((scope) => resolve(text, scope), task, state)) };
  } catch {
    return {};
  }
}

function toAsking(question: Asking): Asking {
  return { class: question.class, text: question.text, ...(question.typed && { typed: question.typed }) };
}

/** What is shown, asked about and journaled: the lines of the very changes that will be written. */
function toView({ what, lines }: Change): ChangeView {
  return { what, lines };
}

function unknown(what: string, because: string): Look {
  return {
    kind: 'fails',
    failure: { what: `${what} needs a value that is not known: ${because}` },
  };
}

function plain(value: Value | Unknown): string {
  if (value instanceof Unknown) return `(unknown: ${value.because})`;
  return typeof value === 'string' ? value : isSecret(value) ? value.toString() : JSON.stringify(value);
}
