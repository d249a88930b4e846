/** Steps, hosts and tasks as the screen names them. */
import { next } from '../engine/next.ts';
import { isGood, type RunState, type StepState, type Task, whereOf } from '../engine/state.ts';
import { clean } from './cells.ts';
import type { Look, Screen } from './screen.ts';
import { type Condition, conditionOf, gravest } from './signs.ts';

/** All hosts of the run, in the order in which its steps name them. */
export const hostsOf = once((run: RunState): readonly string[] => [
  ...new Set(run.steps.flatMap(({ brief }) => brief.hosts)),
]);

/** Tasks that a move is made for just now. */
export const underWayOf = once(
  (run: RunState): ReadonlySet<string> =>
    new Set(next(run).flatMap((move) => (move.kind === 'begin' ? [] : [move.task.id]))),
);

/** A state is looked at several times for each frame while output comes in, and never changes. */
function once<T>(compute: (run: RunState) => T): (run: RunState) => T {
  const known = new WeakMap<RunState, { value: T }>();
  return (run) => {
    const found = known.get(run) ?? { value: compute(run) };
    known.set(run, found);
    return found.value;
  };
}

export function tasksAt(step: StepState | undefined, host: string | undefined): readonly Task[] {
  return step?.tasks.filter(({ ref }) => ref.host === host) ?? [];
}

/** What a step is on one host: undefined where the step is not for it. */
export function cellOf(step: StepState, host: string, underWay: ReadonlySet<string>): Condition | undefined {
  const tasks = tasksAt(step, host);
  if (tasks.length > 0) return gravest(tasks.map((task) => conditionOf(task, underWay)));
  return !step.begun && step.brief.hosts.includes(host) ? 'waiting' : undefined;
}

/** The task that is looked at: of a loop the gravest one. */
export function chosenTask({ run, look }: Pick<Screen, 'run' | 'look'>): Task | undefined {
  return gravestTask(run, look.step, hostsOf(run)[look.host]);
}

function gravestTask(run: RunState, step: number, host: string | undefined): Task | undefined {
  const tasks = tasksAt(run.steps[step], host);
  if (tasks.length < 2) return tasks[0];
  const underWay = underWayOf(run);
  const worst = gravest(tasks.map((task) => conditionOf(task, underWay)));
  return tasks.find((task) => conditionOf(task, underWay) === worst);
}

export function taskOf(run: RunState, id: string): { step: number; task: Task } | undefined {
  for (let step = Math.min(run.cursor, run.steps.length - 1); step >= 0; step--) {
    const task = run.steps[step]?.tasks.find(({ ref }) => ref.id === id);
    if (task) return { step, task };
  }
  return undefined;
}

/** `04 restart, one at a time · ldap2`, for the title of what is told of one task; its id where the run does not have it. */
export function titleOf(run: RunState, id: string): string {
  const found = taskOf(run, id);
  return clean(found ? `${stepName(run, found.step)} · ${placeOf(found.task)}` : id);
}

/** `04 restart, one at a time`. */
export function stepName(run: RunState, step: number): string {
  return `${numberOf(run, step)} ${run.steps[step]?.brief.title || run.steps[step]?.brief.id || ''}`;
}

export function numberOf(run: RunState, step: number): string {
  return String(step + 1).padStart(run.steps.length > 99 ? 3 : 2, '0');
}

/** `ldap2`, or `ldap2[item]` for a task of a loop. */
export function placeOf({ ref }: Task): string {
  return whereOf(ref.id);
}

export function hasFailed({ state }: Task): boolean {
  return state.status === 'ended' && !isGood(state.outcome);
}

/** Tasks of the current step that did not end well. */
export function failedTasks(run: RunState): readonly Task[] {
  return run.steps[run.cursor]?.tasks.filter(hasFailed) ?? [];
}

/** Where somebody looks who has not moved: the step that is under way, and there what is gravest. */
export function followed(run: RunState, look: Look): Look {
  const step = Math.max(0, Math.min(run.cursor, run.steps.length - 1));
  const hosts = hostsOf(run);
  const state = run.steps[step];
  if (!state) return look;
  const underWay = underWayOf(run);
  const busy = gravest(
    state.tasks.map((task) => conditionOf(task, underWay)).filter((one) => OPEN.includes(one)),
  );
  const task = busy && state.tasks.find((one) => conditionOf(one, underWay) === busy);
  // With nothing open, the same host goes on being looked at where the step has it.
  const here = hosts[look.host];
  const name = task?.ref.host ?? (here && state.brief.hosts.includes(here) ? here : state.brief.hosts[0]);
  return { ...look, step, host: Math.max(0, hosts.indexOf(name ?? '')) };
}

const OPEN: readonly Condition[] = ['open', 'doubt', 'failed', 'unreachable', 'asking', 'busy'];
