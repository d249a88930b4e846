import { isGood, type RunState, type Task } from './state.ts';

export interface Crossing {
  readonly task: string;
  /** False where it is not known whether the task took effect. */
  readonly surely: boolean;
}

/** The point of no return that a run is behind: the last task of an irreversible step that has been touched. */
export function crossed(state: RunState): Crossing | undefined {
  const tasks = state.steps
    .filter(({ brief }) => brief.risk === 'irreversible')
    .flatMap((step) => step.tasks)
    .filter(mayHaveBegun);
  const last = tasks.findLast(hasTakenEffect) ?? tasks.at(-1);
  return last && { task: last.ref.id, surely: hasTakenEffect(last) };
}

function mayHaveBegun({ touched, state }: Task): boolean {
  return touched === true || state.status === 'writing' || state.status === 'doubtful';
}

/** Of one that was touched and waits again without a failure, a person or a probe has said that it did not. */
function hasTakenEffect({ touched, failed, state }: Task): boolean {
  if (touched !== true) return false;
  if (state.status === 'ended') return failed === true || isGood(state.outcome);
  return failed === true || state.status === 'verifying';
}
