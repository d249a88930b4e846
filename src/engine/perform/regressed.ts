import { resolveCall } from '../../plan/bind.ts';
import { stepOf } from '../../plan/step-of.ts';
import type { Step } from '../../runbook/model.ts';
import type { ChangeAction } from '../action.ts';
import type { Drift } from '../drift.ts';
import { isGood, type RunState, type Task } from '../state.ts';
import { probeStep } from './probe.ts';
import { actionOf, type Stage } from './stage.ts';

/**
 * Tasks that ended well and whose check, or own reading, no longer finds what they left. What a later task of the same
 * host has changed since is not judged, nor what cannot be looked at now, nor a host with a task in doubt.
 */
export async function regressed(stage: Stage, state: RunState): Promise<readonly Drift[]> {
  const all = state.steps.flatMap(({ tasks }) => tasks);
  const busy = new Set(all.filter(isUnsettled).map(({ ref }) => ref.host));
  const found = await Promise.all(
    all.map(async (task, index): Promise<Drift | undefined> => {
      if (!endedWell(task.state) || busy.has(task.ref.host)) return undefined;
      const later = all.slice(index + 1).filter(mayHaveChanged);
      const what = await lacking(stage, task, later, state).catch(() => undefined);
      return what === undefined ? undefined : { name: `regressed:${task.ref.id}`, what };
    }),
  );
  return found.flatMap((drift) => drift ?? []);
}

function endedWell(state: Task['state']): boolean {
  return state.status === 'ended' && isGood(state.outcome) && state.outcome !== 'skipped';
}

/** What is in doubt may be under way at this moment, with the service stopped that an earlier step has started. */
function isUnsettled({ state: { status } }: Task): boolean {
  return status === 'writing' || status === 'doubtful' || status === 'verifying';
}

/** Ended or not: what has once begun may have changed what it was to change. */
function mayHaveChanged(task: Task): boolean {
  return task.touched === true || isUnsettled(task);
}

async function lacking(
  stage: Stage,
  task: Task,
  later: readonly Task[],
  state: RunState,
): Promise<string | undefined> {
  const { step } = stepOf(stage.plan, task.ref.id);
  if (step.lasts === false) return undefined;
  const action = actionOf(stage, step.call.action);
  if (step.check?.conclusive) {
    const seen = await probeStep(stage, step.check, task.ref, state, true);
    if (seen.holds || seen.unsure) return undefined;
    // Where reading can judge, a check is but a shorter way to "not needed", and need never hold.
    if (action.kind !== 'change' || action.proof === 'command')
      return `its check no longer holds: ${seen.lacking}`;
  }
  if (action.kind !== 'change') return undefined;
  return lackingByReading(stage, step, action, task, later, state);
}

async function lackingByReading(
  stage: Stage,
  step: Step,
  action: ChangeAction,
  task: Task,
  later: readonly Task[],
  state: RunState,
): Promise<string | undefined> {
  const bind = await stage.evaluate((scope) => resolveCall(action, step.call, scope), task.ref, state);
  if (!bind.known || !lasts(action, bind.params)) return undefined;
  const changes = action.diff(bind.params, await action.read(bind.params, stage.reading(task.ref)));
  const since = new Set(
    later
      .filter(({ ref }) => ref.host === task.ref.host)
      .flatMap((one) => one.changes.map(({ what }) => what)),
  );
  const lost = changes.filter(({ what }) => !since.has(what));
  return lost.length === 0
    ? undefined
    : `${lost.map(({ what }) => what).join(', ')} is no longer as it left it`;
}

/** Unless the action says so, what is read back lasts, and an act that leaves no difference does not. */
function lasts(action: ChangeAction, params: unknown): boolean {
  return action.lasts ? action.lasts(params) : action.proof === 'readback' && action.unproven === undefined;
}
