import { resolveCall } from '../../plan/bind.ts';
import { evaluate, resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import { isSecret } from '../../secrets/secret.ts';
import type { Action, Change } from '../action.ts';
import type { TaskRef } from '../event.ts';
import type { Asking } from '../input.ts';
import { guarded } from '../point-of-no-return.ts';
import { Unknown, type Value } from '../value.ts';
import { probeGate, probeStep } from './probe.ts';
import { actionOf, type Known, type ReadStage } from './stage.ts';

/** What a look at one task finds. A run acts on it; a plan only tells it. */
export type Sight =
  | { readonly kind: 'unneeded'; readonly because: string }
  /** It needs a value that nobody has yet, or a probe could not tell. */
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'holds'; readonly result: Value; readonly params: Value }
  /** `waits`: a gate that does not hold at this moment, and would be looked at again. */
  | { readonly kind: 'lacking'; readonly what: string; readonly waits?: number; readonly params?: Value }
  | { readonly kind: 'asks'; readonly question: Asking }
  | {
      readonly kind: 'differs';
      readonly params: Value;
      readonly changes: readonly Change[];
      readonly facts: unknown;
      readonly confirm?: Asking;
    };

export interface Circumstances {
  /** One look, without the gate's patience. */
  readonly once?: boolean;
  /** An attempt has failed after its effect had begun: `verify` may tell that it took. */
  readonly failed?: boolean;
  /** A person has said yes to the step's own question. */
  readonly answered?: boolean;
}

/** Reads and compares. Throws what the world throws. */
export async function see(
  stage: ReadStage,
  step: Step,
  task: TaskRef,
  known: Known,
  now: Circumstances,
): Promise<Sight> {
  const off = await isOff(stage, step, task, known);
  if (off) return off;
  const action = actionOf(stage, step.call.action);
  const bind = await stage.evaluate((scope) => resolveCall(action, step.call, scope), task, known);
  if (!bind.known) return unknown(step.call.action, bind.because);
  if (action.kind === 'ask') {
    if (step.verify && now.answered) {
      const seen = await probeStep(stage, step.verify, task, known);
      if (!seen.holds) return { kind: 'lacking', what: `verify does not hold: ${seen.lacking}` };
    }
    return { kind: 'asks', question: toAsking(action.question(bind.params)) };
  }
  if (action.kind === 'gate') {
    const seen = await probeGate(stage, step, action, bind, task, known, now.once);
    if (seen.holds) return { kind: 'holds', result: seen.result, params: bind.params };
    if (seen.unsure) return { kind: 'unknown', because: seen.lacking };
    return {
      kind: 'lacking',
      what: seen.lacking,
      params: bind.params,
      ...(seen.waits && { waits: seen.waits }),
    };
  }
  return seeChange(stage, step, action, bind.params, task, known, now);
}

/** What `when` says, where it does not say yes. */
async function isOff(
  stage: ReadStage,
  { when }: Step,
  task: TaskRef,
  known: Known,
): Promise<Sight | undefined> {
  if (when === undefined) return undefined;
  const wanted = await stage.evaluate((scope) => evaluate(when, scope), task, known);
  if (wanted instanceof Unknown) return unknown(`when: ${when}`, wanted.because);
  if (typeof wanted !== 'boolean')
    return { kind: 'lacking', what: `when: ${when} is ${JSON.stringify(wanted)}, not true or false` };
  return wanted ? undefined : { kind: 'unneeded', because: `not needed here: ${when}` };
}

async function seeChange(
  stage: ReadStage,
  step: Step,
  action: Extract<Action, { kind: 'change' }>,
  params: Value,
  task: TaskRef,
  known: Known,
  { failed }: Circumstances,
): Promise<Sight> {
  // What failed before may have taken effect all the same: then `verify` holds.
  for (const spec of [step.check, failed ? step.verify : undefined]) {
    if (!spec) continue;
    const seen = await probeStep(stage, spec, task, known, true);
    if (seen.holds) return { kind: 'holds', result: seen.result, params };
    if (seen.unsure && spec.conclusive)
      return { kind: 'unknown', because: `it cannot be told whether it is done already: ${seen.lacking}` };
  }
  const facts: unknown = await action.read(params, stage.reading(task));
  const changes = action.diff(params, facts);
  if (changes.length === 0) return { kind: 'holds', result: action.result?.(params, facts) ?? {}, params };
  const confirm = await confirmation(stage, step, task, known);
  return { kind: 'differs', params, changes, facts, ...(confirm && { confirm }) };
}

/** What is asked before the change; what of its text is unknown says so. */
export async function confirmation(
  stage: ReadStage,
  step: Step,
  task: TaskRef,
  known: Known,
): Promise<Asking | undefined> {
  const { confirm } = step;
  if (!confirm) return guarded(step, task.host, undefined);
  const text = await stage.evaluate((scope) => resolve(confirm.text, scope), task, known);
  const typed =
    confirm.typed === undefined
      ? task.host
      : await stage.evaluate((scope) => resolve(confirm.typed ?? task.host, scope), task, known);
  return guarded(step, task.host, { class: confirm.class, text: plain(text), typed: plain(typed) });
}

function unknown(what: string, because: string): Sight {
  return { kind: 'unknown', because: `${what} needs a value that is not known: ${because}` };
}

function toAsking(question: Asking): Asking {
  return { class: question.class, text: question.text, ...(question.typed && { typed: question.typed }) };
}

/** A value as a sentence may hold it. */
export function plain(value: Value | Unknown): string {
  if (value instanceof Unknown) return `(unknown: ${value.because})`;
  return typeof value === 'string' ? value : isSecret(value) ? value.toString() : JSON.stringify(value);
}
