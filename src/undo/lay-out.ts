/** The steps of an undo, newest act first, before they are written as a runbook. Pure. */
import type { Inverse } from '../engine/action.ts';
import type { RunState } from '../engine/state.ts';
import type { Plan, PlannedStep } from '../plan/plan.ts';
import { stepOf } from '../plan/step-of.ts';
import type { ActionCall } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import type { Act } from './happened.ts';
import { callAsOf } from './own-undo.ts';

/** restores: one call that brings something back. asks: what no call brings back. again: a restart at the end. */
export interface UndoStep {
  readonly kind: 'restores' | 'asks' | 'again';
  readonly host: string;
  /** The step that is undone, its number as the operator saw it. */
  readonly of: PlannedStep;
  readonly task: string;
  readonly call?: ActionCall;
  /** For a command: the act itself, so that its undo can be undone. */
  readonly redo?: ActionCall;
  /** What a person is told, and asked about. */
  readonly why?: string;
  readonly asked?: 'confirm' | 'typed';
}

export interface Layout {
  readonly steps: readonly UndoStep[];
  /** Tasks of which nothing is left: a canary, a restart with nothing undone before it. */
  readonly nothing: readonly string[];
}

/** `acts` newest first. */
export function layOut(acts: readonly Act[], plan: Plan, run: Scope['run'], state: RunState): Layout {
  const steps: UndoStep[] = [];
  const nothing = new Set<string>();
  const again: UndoStep[] = [];
  const seen = new Map<string, string>();
  acts.forEach((act, index) => {
    const of = stepOf(plan, act.task.id);
    const { inverse, redo } = inverseOf(act, of, plan, run, state);
    // An attempt that was cut off and the one after it saw the same: it is brought back once.
    const same = JSON.stringify(inverse);
    if (seen.get(act.task.id) === same) return;
    seen.set(act.task.id, same);
    const own = stepsOf(act, of, inverse, redo);
    steps.push(...own);
    for (const call of inverse.afterwards ?? []) {
      const older = acts.slice(index + 1).some((other) => other.task.host === act.task.host);
      if (!older || again.some((one) => isSame(one, call, act.task.host))) continue;
      const why = `${of.step.title}, once more: ${act.task.host} takes up what was undone.`;
      again.push({ kind: 'again', host: act.task.host, of, task: act.task.id, call, why, asked: 'confirm' });
    }
    if (own.length === 0) nothing.add(act.task.id);
  });
  const restored = new Set(steps.flatMap(({ kind, host }) => (kind === 'restores' ? [host] : [])));
  return { steps: [...steps, ...again.filter(({ host }) => restored.has(host))], nothing: [...nothing] };
}

function inverseOf(
  act: Act,
  { step }: PlannedStep,
  plan: Plan,
  run: Scope['run'],
  state: RunState,
): { inverse: Inverse; redo?: ActionCall } {
  if (step.undo === 'nothing') return { inverse: { calls: [], cannot: [] } };
  if (step.undo) {
    const call = callAsOf(step.undo, plan, run, act.task, state);
    if (typeof call === 'string') return { inverse: { calls: [], cannot: [call] } };
    const redo = callAsOf(step.call, plan, run, act.task, state);
    return { inverse: { calls: [call], cannot: [] }, ...(typeof redo !== 'string' && { redo }) };
  }
  if (act.undo) return { inverse: act.undo };
  const cannot = [`nothing says how a ${step.call.action} is undone: its step has no undo`];
  return { inverse: { calls: [], cannot } };
}

function stepsOf(
  act: Act,
  of: PlannedStep,
  inverse: Inverse,
  redo: ActionCall | undefined,
): readonly UndoStep[] {
  const { host, id } = act.task;
  const about = { host, of, task: id };
  const asks = inverse.cannot.map(
    (why): UndoStep => ({
      ...about,
      kind: 'asks',
      why: `${act.task.id} is not undone: ${why}.`,
      asked: 'typed',
    }),
  );
  const restores = inverse.calls.map((call, index): UndoStep => {
    const asked = index === 0 ? questionFor(of, asks.length > 0) : undefined;
    return {
      ...about,
      kind: 'restores',
      call,
      ...(redo && { redo }),
      ...(asked && { asked, why: `${of.step.title}: this is undone on ${host}.` }),
    };
  });
  return [...asks, ...restores];
}

/** Whoever was asked before the act is asked before its undo; for a point of no return a word has to be typed. */
function questionFor({ step }: PlannedStep, askedAlready: boolean): 'confirm' | 'typed' | undefined {
  if (step.risk === 'irreversible' && !askedAlready) return 'typed';
  if (!step.confirm || step.confirm.class === 'notice') return undefined;
  return step.confirm.class === 'confirm' ? 'confirm' : 'typed';
}

function isSame(one: UndoStep, call: ActionCall, host: string): boolean {
  return one.host === host && JSON.stringify(one.call) === JSON.stringify(call);
}
