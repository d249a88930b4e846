/** Which panels lie over the screen: what the run asks comes by itself, and never under the fingers of somebody who types. */
import type { Question } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { failedTasks, hasFailed, taskOf } from './places.ts';
import type { Look, Panel } from './screen.ts';

/** The panels after the run went on: what is settled is gone, what is new lies below what came first. */
export function arrived(look: Look, before: RunState, after: RunState, now: number): Look {
  if (before === after) return look;
  const kept = look.panels.filter((panel) => isOpen(panel, after));
  const fresh = ofRun(after).filter(
    (panel) => !ofRun(before).some((old) => isSame(old, panel)) && !kept.some((old) => isSame(old, panel)),
  );
  const panels = fresh.reduce<readonly Panel[]>(insert, kept);
  const top = panels.at(-1) === look.panels.at(-1) ? {} : { scroll: 0 };
  return raise({ ...look, panels, ...top }, look, now);
}

/** Notes when another panel has come up, so that no key answers what nobody can have read. */
export function raise(look: Look, before: Look, now: number): Look {
  const top = look.panels.at(-1);
  const old = before.panels.at(-1);
  if (top === old || (top && old && isSame(top, old))) return look;
  return { ...look, raised: now };
}

export function panelOf(question: Question): Panel {
  return question.purpose === 'doubt'
    ? { kind: 'doubt', task: question.task }
    : { kind: 'question', id: question.id };
}

/** What is asked about a task just now. */
export function questionAbout(run: RunState, task: string): Question | undefined {
  return Object.values(run.questions).find((one) => one.task === task);
}

/** A question about a doubt; there is none before its host was asked. */
export function doubtQuestion(run: RunState, task: string): Question | undefined {
  return Object.values(run.questions).find((one) => one.purpose === 'doubt' && one.task === task);
}

function ofRun(run: RunState): readonly Panel[] {
  const panels = Object.values(run.questions).map(panelOf);
  if (!run.held || run.done) return panels;
  const doubts = (run.steps[run.cursor]?.tasks ?? [])
    .filter(({ state, ref }) => state.status === 'doubtful' && !doubtQuestion(run, ref.id))
    .map(({ ref }): Panel => ({ kind: 'doubt', task: ref.id }));
  const failures = failedTasks(run).map(({ ref }): Panel => ({ kind: 'failure', task: ref.id }));
  return [...panels, ...doubts, ...failures];
}

function isOpen(panel: Panel, run: RunState): boolean {
  switch (panel.kind) {
    case 'question':
      return run.questions[panel.id] !== undefined;
    case 'failure': {
      const found = taskOf(run, panel.task);
      return found !== undefined && hasFailed(found.task);
    }
    case 'doubt':
      return taskOf(run, panel.task)?.task.state.status === 'doubtful';
    case 'typing': {
      const { then } = panel;
      if (then.kind === 'word') return run.questions[then.question] !== undefined;
      return (
        then.kind !== 'because' ||
        then.act.kind !== 'answer' ||
        run.questions[then.act.question] !== undefined
      );
    }
    default:
      return true;
  }
}

function isSame(one: Panel, other: Panel): boolean {
  if (one.kind === 'question') return other.kind === 'question' && one.id === other.id;
  return one.kind === other.kind && 'task' in one && 'task' in other && one.task === other.task;
}

function insert(panels: readonly Panel[], panel: Panel): readonly Panel[] {
  const ofTheRun = (one: Panel): boolean => ['question', 'failure', 'doubt'].includes(one.kind);
  const busy = (one: Panel): boolean => one.kind === 'typing' || one.kind === 'sure';
  const lowest = panels.findIndex(ofTheRun);
  const typed = panels.findIndex(busy);
  const place = lowest >= 0 ? lowest : typed >= 0 ? typed : panels.length;
  return [...panels.slice(0, place), panel, ...panels.slice(place)];
}
