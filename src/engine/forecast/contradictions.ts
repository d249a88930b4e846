import { type RunState, stepIdOf, type Task } from '../state.ts';
import type { Forecast, TaskForecast, Verdict } from './forecast.ts';

export interface Contradiction {
  readonly task: string;
  readonly said: Verdict | 'nothing';
  readonly happened: string;
}

/** What of a task's outcomes each verdict allows. A change that was announced may go wrong; what was left alone may not. */
const ALLOWED: Readonly<Record<Verdict, readonly string[]>> = {
  unchanged: ['unchanged'],
  skipped: ['skipped'],
  'would change': ['changed', 'failed', 'unreachable', 'skipped'],
  'would ask': ['unchanged', 'failed', 'skipped'],
  'would fail': ['failed', 'unreachable'],
  unknown: ['unchanged', 'changed', 'skipped', 'failed', 'unreachable'],
};

/** Where a run did what its plan had ruled out. Tasks that it did not come to say nothing. */
export function contradictions(forecast: Forecast, state: RunState): readonly Contradiction[] {
  const said = new Map(forecast.tasks.map((one) => [one.task, one]));
  const ended = state.steps
    .flatMap(({ tasks }) => tasks)
    .filter(({ state: { status } }) => status === 'ended');
  return ended.flatMap((task): readonly Contradiction[] => {
    const found = said.get(task.ref.id) ?? said.get(`${stepIdOf(task.ref.id)}@${task.ref.host}`);
    const happened = outcomeOf(task);
    return isAllowed(found, happened)
      ? []
      : [{ task: task.ref.id, said: found?.verdict ?? 'nothing', happened }];
  });
}

function isAllowed(said: TaskForecast | undefined, happened: string): boolean {
  return said !== undefined && ALLOWED[said.verdict].includes(happened);
}

function outcomeOf({ state }: Task): string {
  return state.status === 'ended' ? state.outcome : state.status;
}
