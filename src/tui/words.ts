/** The screen in words, for somebody who hears it: what has changed between two screens, as plain sentences. */
import { crossed } from '../engine/crossed.ts';
import type { Question } from '../engine/event.ts';
import type { RunState, StepState, Task } from '../engine/state.ts';
import { tame } from '../reporters/style.ts';
import { clean } from './cells.ts';
import { helpRows, keysNow } from './keys.ts';
import { outputOf } from './moves.ts';
import { foldNames } from './name-range.ts';
import { chosenTask, hostsOf, placeOf, taskOf } from './places.ts';
import type { Panel, Screen } from './screen.ts';
import { conditionOf, SIGNS } from './signs.ts';

/** Nothing where nothing has changed that one would say. Without `before`, what there is to say at first. */
export function words(before: Screen | undefined, after: Screen): readonly string[] {
  if (before === after) return [];
  const lines = [
    ...runWords(before?.run, after.run),
    ...panelWords(before, after),
    ...placeWords(before, after),
    ...holdingWords(before, after),
    ...(after.look.said !== undefined && after.look.said !== before?.look.said ? [after.look.said] : []),
  ];
  return lines
    .map((line) => clean(line).trim())
    .filter((line) => line !== '')
    .map(sentence);
}

function runWords(before: RunState | undefined, after: RunState): readonly string[] {
  if (before === after || after.run === '') return [];
  const lines: string[] = [];
  const { name, version } = after.runbook;
  if (!before || before.run !== after.run)
    lines.push(`${name} ${version}, run ${after.run}, ${after.steps.length} steps`);
  const first = before?.run === after.run ? before.cursor : after.cursor;
  for (let index = Math.max(0, first); index <= after.cursor && index < after.steps.length; index++)
    lines.push(...stepWords(before?.steps[index], after.steps[index], index, after));
  if (after.done && !before?.done) lines.push('The run is done');
  if (after.held && !before?.held) lines.push(`The run is held: ${tame(after.held.text)}`);
  if (before?.held && !after.held) lines.push('The run goes on');
  const crossing = crossed(after);
  if (crossing && !(before && crossed(before)))
    lines.push(`The point of no return ${crossing.surely ? 'is' : 'may be'} crossed: ${crossing.task}`);
  return lines;
}

function stepWords(
  before: StepState | undefined,
  after: StepState | undefined,
  index: number,
  run: RunState,
): readonly string[] {
  if (!after || before === after) return [];
  const lines: string[] = [];
  const { brief, tasks } = after;
  if (after.begun && !before?.begun) {
    const flag = brief.risk === 'irreversible' ? ', a point of no return,' : '';
    lines.push(
      `Step ${index + 1} of ${run.steps.length}${flag}: ${brief.title || brief.id}, on ${foldNames(brief.hosts)}`,
    );
  }
  const groups = new Map<string, string[]>();
  tasks.forEach((task, place) => {
    if (before?.tasks[place]?.state.status === task.state.status && !endedAnew(before.tasks[place], task))
      return;
    const told = taskWords(task);
    if (told !== undefined) groups.set(told, [...(groups.get(told) ?? []), placeOf(task)]);
  });
  for (const [told, places] of groups) lines.push(`${foldNames(places)}: ${told}`);
  return lines;
}

function endedAnew(before: Task | undefined, after: Task): boolean {
  return before?.state.attempt !== after.state.attempt && after.state.status === 'ended';
}

function taskWords(task: Task): string | undefined {
  const { state } = task;
  if (state.status === 'waiting' || state.status === 'asking' || state.status === 'verifying')
    return undefined;
  const said = SIGNS[conditionOf(task)].words;
  if (state.status === 'doubtful') return `${said}: ${tame(state.why)}`;
  if (state.status !== 'ended' || !state.why) return said;
  const { what, next } = state.why;
  return `${said}: ${tame(what)}${next === undefined ? '' : `. Next: ${tame(next)}`}`;
}

function panelWords(before: Screen | undefined, after: Screen): readonly string[] {
  const top = after.look.panels.at(-1);
  const old = before?.look.panels.at(-1);
  if (!top || top === old) return [];
  // Letters are heard as they are typed; a line that is read through is scrolled, not told again.
  if (old?.kind === top.kind && ['typing', 'output'].includes(top.kind)) return [];
  return opened(after, top);
}

function opened(screen: Screen, top: Panel): readonly string[] {
  const { run } = screen;
  switch (top.kind) {
    case 'question': {
      const question = run.questions[top.id];
      return question ? [...asked(screen, question), offers(screen)] : [];
    }
    case 'doubt': {
      const state = taskOf(run, top.task)?.task.state;
      const why = state?.status === 'doubtful' ? `: ${tame(state.why)}` : '';
      return [`In doubt, ${top.task}${why}. Did it happen?`, offers(screen)];
    }
    case 'failure':
      return [`Failed: ${top.task}`, offers(screen)];
    case 'diff':
      return [`The diff of ${top.task}`, ...diffWords(taskOf(run, top.task)?.task.changes ?? [])];
    case 'output':
      return [
        `The output of ${top.task}`,
        ...outputOf(screen, top.task)
          .slice(-5)
          .map(({ text }) => text),
      ];
    case 'typing':
      return [top.prompt, 'Type, then enter; escape goes back'];
    case 'sure':
      return [top.text, offers(screen)];
    case 'help':
      return helpRows().map(({ chapter, shown, does }) => chapter ?? `${shown}: ${does}`);
  }
}

function asked({ run, readOnly }: Screen, question: Question): readonly string[] {
  const { task, text, changes, was } = question;
  const lines = [`Question about ${task}: ${tame(text, 1000)}`];
  if (was) lines.push('Approved was:', ...diffWords(was), 'It would now be:');
  lines.push(...diffWords(changes));
  if (readOnly) lines.push(`It is answered by ${run.operator.name}, where the run was started`);
  else if (question.class === 'two-person') lines.push('It takes two people, and cannot be answered here');
  return lines;
}

function diffWords(changes: Question['changes']): readonly string[] {
  const NAMES = { '+': 'added', '-': 'removed', ' ': 'as it is' };
  return changes.flatMap(({ what, lines }) => [
    tame(what),
    ...lines.filter(({ op }) => op !== ' ').map(({ op, text }) => `${NAMES[op]}: ${tame(text)}`),
  ]);
}

function offers(screen: Screen): string {
  const keys = [...keysNow(screen, 'offer'), ...keysNow(screen, 'more')];
  return `Keys: ${keys.map(({ shown, short }) => `${shown} ${short}`).join(', ')}`;
}

/** Where the operator has moved to; what the run moves by itself is told as what happens. */
function placeWords(before: Screen | undefined, { run, look }: Screen): readonly string[] {
  if (!before || !look.moved || before.run.run !== run.run) return [];
  if (before.look.step === look.step && before.look.host === look.host) return [];
  const step = run.steps[look.step];
  const task = chosenTask({ run, look });
  const is = task ? SIGNS[conditionOf(task)].words : 'not begun';
  return [`Step ${look.step + 1}, ${step?.brief.title ?? ''}, ${hostsOf(run)[look.host] ?? ''}: ${is}`];
}

function holdingWords(before: Screen | undefined, { holding, run }: Screen): readonly string[] {
  if (!holding || before?.holding || run.held) return [];
  return ['Holding as soon as what is under way has ended'];
}

function sentence(text: string): string {
  return /[.?!:]$/.test(text) ? text : `${text}.`;
}
