/** A question of the run, and a doubt: all that a person needs to answer, and what the answers are. */
import type { Question, StepBrief } from '../../engine/event.ts';
import { tame } from '../../reporters/style.ts';
import { wrap } from '../cells.ts';
import { questionOf } from '../offers.ts';
import { taskOf, titleOf } from '../places.ts';
import type { Frame, Row, Screen } from '../screen.ts';
import type { Boxed } from './box.ts';
import { contrast, questionDiff, shortened } from './diff.ts';
import { offerRows } from './key-rows.ts';

const RISKS: Readonly<Record<StepBrief['risk'], string>> = {
  read: 'changes nothing',
  change: 'changes',
  disrupt: 'disrupts',
  irreversible: 'point of no return',
};

export function questionBox(screen: Screen, question: Question, cells: number, rows: number): Boxed {
  const { run } = screen;
  const found = taskOf(run, question.task);
  const risk = found && run.steps[found.step]?.brief.risk;
  const offers = offersOf(screen, question, cells, Math.ceil(rows / 3));
  const text = paragraph(
    question.text,
    cells,
    Math.max(1, Math.min(4, rows - offers.length - (rows > 5 ? 2 : 0))),
  );
  const room = Math.max(0, rows - offers.length - text.length);
  const diff = shortened(diffRows(question, room), room, 'd shows them');
  const why: Frame =
    question.purpose === 'repeat' ? [[{ text: 'It failed, and may have taken effect.', tone: 'warn' }]] : [];
  const all = [...why, ...diff, ...text];
  return {
    title: titleOf(run, question.task),
    ...(risk && { right: RISKS[risk] }),
    tone: risk === 'irreversible' ? 'bad' : 'warn',
    rows: [...all.slice(-Math.max(1, rows - offers.length)), ...offers],
    keep: offers.length + text.length,
  };
}

function diffRows({ changes, was }: Question, room: number): Frame {
  const whole = questionDiff(changes, was);
  return was === undefined || whole.length <= room ? whole : contrast(changes, was);
}

function offersOf(screen: Screen, question: Question, cells: number, most: number): Frame {
  if (screen.readOnly)
    return say(
      `It is answered where the run was started: ${screen.run.operator.name}@${screen.run.operator.host}.`,
      cells,
    );
  if (question.class !== 'two-person') return offerRows(screen, cells, most, 'Proceed?');
  const { name } = screen.run.operator;
  const digest = screen.run.sealed?.digest;
  const need =
    digest === undefined
      ? 'this run carries out no sealed plan: seal one (lockstep plan --out), and run that'
      : `lockstep approve PLAN --out FILE, then lockstep resume ${screen.run.run} --answers FILE`;
  return [
    ...say(
      `It takes two people, and cannot be answered here. Somebody else than ${name} approves the plan:`,
      cells,
    ),
    ...say(need, cells),
    ...offerRows(screen, cells, 1),
  ];
}

export function doubtBox(screen: Screen, id: string, cells: number, rows: number): Boxed {
  const { run } = screen;
  const found = taskOf(run, id);
  const state = found?.task.state;
  const seen = state?.status === 'doubtful' ? state.why : '';
  const asked = questionOf(screen);
  const offers = screen.readOnly
    ? []
    : offerRows(
        screen,
        cells,
        Math.ceil(rows / 3),
        asked ? 'Did it happen?' : 'Its host has not answered yet.',
      );
  const probe = paragraph(`What is known: ${seen}`, cells, Math.max(1, Math.min(3, rows - offers.length)));
  const output = (screen.stories[id]?.output ?? []).map(
    ({ text }): Row => [{ text: `│ ${text}`, tone: 'dim' }],
  );
  const room = Math.max(0, rows - offers.length - probe.length);
  const tail = output.slice(-Math.max(0, Math.min(3, room - 2)) || output.length);
  const intent = shortened(
    questionDiff(found?.task.changes ?? []),
    Math.max(0, room - tail.length),
    'd shows them',
  );
  return {
    title: titleOf(run, id),
    right: 'in doubt',
    tone: 'bad',
    rows: [...intent, ...tail, ...probe, ...offers],
    keep: offers.length + probe.length,
  };
}

export function paragraph(text: string, cells: number, most: number): Frame {
  return wrap(tame(text, 2000).replaceAll('\n      ', '\n'), cells, most).map((line) => [{ text: line }]);
}

function say(text: string, cells: number): Frame {
  return wrap(text, cells, 3).map((line) => [{ text: line, tone: 'warn' }]);
}
