import { crossed } from '../engine/crossed.ts';
import type { Outcome } from '../engine/event.ts';
import { isGood, type RunState, stepNumber, type Task } from '../engine/state.ts';
import { breachSummary } from './breaches.ts';
import { type Style, tame } from './style.ts';

const ORDER: readonly Outcome[] = [
  'changed',
  'unchanged',
  'skipped',
  'failed',
  'unreachable',
  'doubt',
  'cancelled',
];

/** What a task that has not ended is in the middle of. */
const OPEN: Readonly<Record<Exclude<Task['state']['status'], 'ended' | 'waiting'>, string>> = {
  asking: 'waits for an answer',
  writing: 'is under way on its host',
  verifying: 'is written and not yet verified',
  doubtful: 'is in doubt: resume asks its host what became of it',
};

/** The end of a report: failures again, with host, step, cause and next move; then the counts, and how to go on. */
export function summarize(state: RunState, directory: string, style: Style): readonly string[] {
  const lines: string[] = [];
  const counts = new Map<Outcome, number>();
  const open: string[] = [];
  state.steps.forEach(({ brief, tasks }, index) => {
    for (const task of tasks) {
      if (task.state.status !== 'ended') {
        if (task.state.status !== 'waiting') open.push(`${task.ref.id} ${openText(task)}`);
        if (task.state.status === 'doubtful' && task.state.open)
          lines.push(...doubtLines(state.run, task.ref.id, task.state.why, style));
        continue;
      }
      const { outcome } = task.state;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (!isGood(outcome))
        lines.push(...failureLines(`${stepNumber(index + 1)} ${brief.id}`, task, directory, style));
    }
  });
  lines.push(...breachSummary(state, style));
  const told = ORDER.filter((outcome) => counts.has(outcome)).map(
    (outcome) => `${counts.get(outcome)} ${outcome}`,
  );
  const undone =
    state.undone === undefined
      ? []
      : [style.warn(`undone by run ${state.undone}: lockstep show ${state.undone}`)];
  const tally = [...told, ...open].join(', ') || 'nothing was begun';
  if (state.done)
    return [
      ...lines,
      style.good(style.bold(`done: ${tally}`)),
      ...undone,
      style.dim(`journal: ${directory}`),
    ];
  const where = state.steps[state.cursor];
  const at = where ? ` at ${stepNumber(state.cursor + 1)} ${where.brief.id}` : '';
  return [
    ...lines,
    style.warn(style.bold(`held${at}: ${tame(state.held?.text ?? 'it was broken off')}`)),
    `${tally}; ${state.steps.length - state.cursor} of ${state.steps.length} steps left`,
    ...(undone.length > 0 ? undone : wayOn(state, style)),
    style.dim(`journal: ${directory}`),
  ];
}

/** Its own has closed, or leaves too little time. */
function anotherWindow({ held, policy }: RunState): string {
  return held?.reason === 'window' && policy.window ? ' --window SPEC' : '';
}

/** Before the point of no return a run may be given up and undone; behind it the way is forward. */
function wayOn(state: RunState, style: Style): readonly string[] {
  const resume = `go on with: lockstep resume ${state.run}${anotherWindow(state)}`;
  const crossing = crossed(state);
  if (!crossing) return [resume];
  const { task, surely } = crossing;
  return [
    style.warn(
      `the point of no return ${surely ? 'is' : 'may be'} crossed (${task}): the way is forward, not back`,
    ),
    resume,
    `lockstep undo ${state.run} does not lead back behind it: it takes back what came after, and what else can be`,
  ];
}

function openText({ state }: Task): string {
  if (state.status === 'doubtful' && state.open) return 'is in doubt: a person must look';
  return OPEN[state.status as keyof typeof OPEN];
}

/** What only a person can settle, and the two ways to say it. */
function doubtLines(run: string, task: string, why: string, style: Style): readonly string[] {
  return [
    style.warn(`${task} may or may not have taken effect: ${tame(why)}`),
    `    next: look at its host, then lockstep resolve ${run} ${task} --as applied (or not-applied) --because "what you saw"`,
  ];
}

function failureLines(step: string, task: Task, directory: string, style: Style): readonly string[] {
  if (task.state.status !== 'ended') return [];
  const { outcome, why } = task.state;
  const head = style.bad(`${task.ref.host} · ${step}: ${outcome}: ${tame(why?.what ?? '')}`);
  const lines = [head];
  for (const tail of why?.tail ?? []) lines.push(`    | ${tame(tail)}`);
  if (task.output) lines.push(`    all output: ${directory}/${task.output.file}`);
  if (why?.next) lines.push(`    next: ${tame(why.next)}`);
  return lines;
}
