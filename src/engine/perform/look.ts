import { type Bind, resolveCall } from '../../plan/bind.ts';
import { evaluate, resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import { isSecret } from '../../secrets/secret.ts';
import type { Action, Change } from '../action.ts';
import type { ChangeView, TaskRef } from '../event.ts';
import type { Asking, Look } from '../input.ts';
import type { RunState, TaskState } from '../state.ts';
import { Unknown, type Value } from '../value.ts';
import { capture } from './capture.ts';
import { probeGate, probeStep } from './probe.ts';
import { actionOf, type Stage } from './stage.ts';

/** Reads and compares; writes nothing. What it binds waits in `stage.bound` for the write. */
export async function look(
  stage: Stage,
  step: Step,
  task: TaskRef,
  task_state: Extract<TaskState, { status: 'waiting' }>,
  state: RunState,
): Promise<Look> {
  const { attempt } = task_state;
  if (step.when !== undefined) {
    const when = step.when;
    const wanted = await stage.evaluate((scope) => evaluate(when, scope), task, state);
    if (wanted instanceof Unknown) return unknown(`when: ${when}`, wanted.because);
    if (wanted !== true) return { kind: 'skipped', because: `not needed here: ${when}` };
  }
  const action = actionOf(stage, step.call.action);
  const bind = await stage.evaluate((scope) => resolveCall(action, step.call, scope), task, state);
  if (!bind.known) return unknown(step.call.action, bind.because);
  if (action.kind === 'ask') return { kind: 'asks', question: toAsking(action.question(bind.params)) };
  if (action.kind === 'gate') return lookAtGate(stage, step, action, bind, task, state);
  return lookAtChange(stage, step, action, bind, task, state, attempt, task_state.again === 'failed');
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
  if (!seen.holds) return { kind: 'fails', failure: { what: seen.lacking, ...(await hint(stage, step, task, state)) } };
  return { kind: 'holds', captured: await capture(stage, step, task, state, seen.result) };
}

async function lookAtChange(
  stage: Stage,
  step: Step,
  action: Extract<Action, { kind: 'change' }>,
  bind: Extract<Bind, { known: true }>,
  task: TaskRef,
  state: RunState,
  attempt: number,
  failedBefore: boolean,
): Promise<Look> {
  for (const spec of [step.check, failedBefore ? step.verify : undefined]) {
    if (!spec) continue;
    const seen = await probeStep(stage, spec, task, state, true);
    if (seen.holds) return { kind: 'holds', captured: await capture(stage, step, task, state, seen.result) };
  }
  const facts = await action.read(bind.params, stage.reading(task));
  const changes = action.diff(bind.params, facts);
  if (changes.length === 0) {
    const result = action.result?.(bind.params, facts) ?? {};
    return { kind: 'holds', captured: await capture(stage, step, task, state, result) };
  }
  stage.bound.set(task.id, { attempt, params: bind.params, changes });
  const confirm = await confirmation(stage, step, task, state);
  return { kind: 'differs', changes: changes.map(toView), ...(confirm && { confirm }) };
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

export async function hint(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
): Promise<{ next?: string }> {
  const text = step.hint;
  if (text === undefined) return {};
  return { next: plain(await stage.evaluate((scope) => resolve(text, scope), task, state)) };
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
