import type { Outlook, TaskForecast, Verdict } from '../engine/forecast/forecast.ts';
import { whereOf } from '../engine/state.ts';
import type { Tally } from '../plan/document.ts';
import { showDuration } from './style.ts';

export interface Folded {
  readonly hosts: readonly string[];
  readonly outlook: TaskForecast;
}

/** One sign for each verdict. */
export const VERDICT_SIGNS: Readonly<Record<Verdict, string>> = {
  unchanged: '✔',
  skipped: '·',
  'would change': '✚',
  'would ask': '?',
  'would fail': '✘',
  unknown: '○',
};

/** Tasks of one step that say the same, together. */
export function foldTasks(tasks: readonly TaskForecast[]): readonly Folded[] {
  const folded = new Map<string, { hosts: string[]; outlook: TaskForecast }>();
  for (const one of tasks) {
    const key = contentOf(one);
    const found = folded.get(key);
    if (found) found.hosts.push(whereOf(one.task));
    else folded.set(key, { hosts: [whereOf(one.task)], outlook: one });
  }
  return [...folded.values()];
}

/** A reason that names its own host is the same reason on another. */
function contentOf({ task: _task, step: _step, host, ...outlook }: TaskForecast): string {
  if (outlook.verdict === 'unknown' && outlook.standing) return JSON.stringify(outlook.standing);
  return JSON.stringify(outlook).replaceAll(`@${host}`, '@');
}

/** Short words for a verdict, and for the unknown what it leans to. */
export function verdictText(task: Outlook): string {
  if (task.verdict !== 'unknown' || !task.standing) return task.verdict;
  return `unknown; as things stand it ${standingText(task.standing.verdict)}`;
}

function standingText(verdict: string): string {
  return verdict === 'unchanged'
    ? 'would be unchanged'
    : verdict === 'skipped'
      ? 'would be skipped'
      : verdict;
}

/** `about 2 m 05 s, without questions`, and how much of it nobody knows. */
export function timeText({ ms, guessed }: Tally): string {
  const known = `about ${showDuration(ms)}, without questions`;
  if (guessed === 0) return known;
  return `at most ${showDuration(ms)}, without questions: of ${guessed} steps nobody knows, and their time limits are taken`;
}
