/** What a screen offers for the task in question: which keys would lead to something. */
import type { Question } from '../engine/event.ts';
import { inFlight, type Task } from '../engine/state.ts';
import { doubtQuestion } from './panels.ts';
import { chosenTask, hasFailed, taskOf } from './places.ts';
import type { Panel, Screen } from './screen.ts';

/** Keys pressed before a panel can have been read answer nothing. */
const READING_MS = 250;

export type Place = 'steps' | Panel['kind'];

export function placeOf({ look }: Screen): Place {
  return look.panels.at(-1)?.kind ?? 'steps';
}

/** The question on top, or the one about the doubt on top. */
export function questionOf({ run, look }: Screen): Question | undefined {
  const top = look.panels.at(-1);
  if (top?.kind === 'question') return run.questions[top.id];
  return top?.kind === 'doubt' ? doubtQuestion(run, top.task) : undefined;
}

/** The task that the panel on top is about, else the one that is looked at. */
export function focus(screen: Screen): { step: number; task: Task } | undefined {
  const { run, look } = screen;
  const top = look.panels.at(-1);
  const id =
    top?.kind === 'question' ? run.questions[top.id]?.task : top && 'task' in top ? top.task : undefined;
  if (id !== undefined) return taskOf(run, id);
  const task = chosenTask(screen);
  return task && { step: look.step, task };
}

/** A failed task of a held run may be retried, skipped or marked done. */
export function canMend(screen: Screen): boolean {
  const found = focus(screen);
  return isStill(screen) && found?.step === screen.run.cursor && hasFailed(found.task);
}

export function canGoOn(screen: Screen): boolean {
  return isStill(screen) && screen.run.undone === undefined;
}

/** Back to the step that is looked at, if it has begun. */
export function canUndo(screen: Screen): boolean {
  const { run, readOnly } = screen;
  if (readOnly || run.undone !== undefined || !(run.held || run.done)) return false;
  return run.steps[focus(screen)?.step ?? screen.look.step]?.begun === true;
}

export function canHold({ run, readOnly }: Screen): boolean {
  return !readOnly && !run.held && !run.done;
}

/** Whether a person at this screen can answer the question on top at all. */
export function canAnswer(screen: Screen): boolean {
  return !screen.readOnly && questionOf(screen) !== undefined && questionOf(screen)?.class !== 'two-person';
}

/** What is under way goes on without this screen, and the run would be held. */
export function leavingMatters({ run, readOnly }: Screen): boolean {
  return !readOnly && run.run !== '' && !run.done && !(run.held && inFlight(run).length === 0);
}

export function isTooSoon({ look, now }: Screen): boolean {
  const { raised, pressed } = look;
  if (raised === undefined || pressed === undefined) return false;
  return now - raised < READING_MS && raised - pressed < READING_MS;
}

/** What a task does or would do, as text for the clipboard: what its diff adds. */
export function commandOf({ changes }: Task): string | undefined {
  const lines = changes.flatMap((change) => change.lines.filter(({ op }) => op === '+'));
  return lines.length === 0 ? undefined : lines.map(({ text }) => text).join('\n');
}

function isStill({ run, readOnly }: Screen): boolean {
  return !readOnly && run.held !== undefined && !run.done;
}
