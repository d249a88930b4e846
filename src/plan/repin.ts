/** Whether a run may go on with another text: fixes are for failed and future steps. Pure. */
import type { RunState } from '../engine/state.ts';
import type { Plan, PlannedStep } from './plan.ts';

/** What keeps the run from going on with `next`, in the operator's words; [] when nothing does. */
export function repinProblems(kept: Plan, next: Plan, state: RunState): readonly string[] {
  const problems: string[] = [];
  kept.steps.forEach((was, index) => {
    if (index > state.cursor || !state.steps[index]?.begun) return;
    const is = next.steps[index];
    const { id } = was.step;
    if (is?.step.id !== id) {
      problems.push(`step ${index + 1} has begun as ${id}, and is ${is?.step.id ?? 'not there'} now`);
      return;
    }
    const done = index < state.cursor;
    if (done && acts(was) !== acts(is)) problems.push(`step ${id} is done, and what it does was edited`);
    if (!done && place(was) !== place(is))
      problems.push(`step ${id} has begun, and its hosts or its loop were edited`);
  });
  const open = state.steps[state.cursor]?.tasks.find(({ state: { status } }) =>
    ['writing', 'verifying', 'doubtful'].includes(status),
  );
  if (open)
    problems.push(`${open.ref.id} is not settled: resume with the pinned runbook first, or resolve it`);
  return problems;
}

/** All of a step but what is only read by people, or only estimates. */
function acts({ step, hosts }: PlannedStep): string {
  const { title: _title, about: _about, hint: _hint, takesMs: _takes, source: _source, ...rest } = step;
  return JSON.stringify([rest, hosts]);
}

function place({ step, hosts }: PlannedStep): string {
  return JSON.stringify([step.call.action, step.forEach ?? null, hosts]);
}
