/** What a question, a doubt, a failure, and a step back offer. The first key that counts in a place wins. */
import { type Key, look, STEPS } from './key.ts';
import { close, openDiff } from './moves.ts';
import { canAnswer, canGoOn, canMend, canUndo, commandOf, focus, questionOf } from './offers.ts';
import { answer, because, copy, demand, leave, retry, sayYes, shell, undo } from './pressing.ts';
import type { Screen } from './screen.ts';

const isDoubt = (screen: Screen): boolean => canAnswer(screen) && questionOf(screen)?.purpose === 'doubt';
const hasCommand = (screen: Screen): boolean => {
  const task = focus(screen)?.task;
  return task !== undefined && commandOf(task) !== undefined;
};
const yesText = (screen: Screen): string => {
  const question = questionOf(screen);
  return question?.class === 'typed' ? `yes: type ${question.typed ?? 'yes'}` : 'yes';
};

export const PANEL_KEYS: readonly Key[] = [
  // A question.
  {
    keys: ['y'],
    shown: 'y',
    places: ['question'],
    does: 'yes; a typed question wants its word then',
    short: yesText,
    at: 'offer',
    when: canAnswer,
    press: sayYes,
  },
  {
    keys: ['N', 'n', 'enter'],
    shown: 'N',
    places: ['question'],
    does: 'no, and hold the run: the default',
    short: 'no (default)',
    at: 'offer',
    when: canAnswer,
    press: (screen) => answer(screen, 'no'),
  },
  {
    keys: ['s'],
    shown: 's',
    places: ['question'],
    does: 'skip it, with a reason',
    short: 'skip with a reason',
    at: 'offer',
    when: canAnswer,
    press: (screen) => because(screen, 'skip', 'Why is it skipped?'),
  },
  // A doubt.
  {
    keys: ['a'],
    shown: 'a',
    places: ['doubt'],
    does: 'it happened: you have looked, and say how you know',
    short: 'it happened',
    at: 'offer',
    when: isDoubt,
    press: (screen) => because(screen, 'applied', 'It happened. How do you know?'),
  },
  {
    keys: ['x'],
    shown: 'x',
    places: ['doubt'],
    does: 'it did not happen, so it is run again; say how you know',
    short: 'it did not: run it again',
    at: 'offer',
    when: isDoubt,
    press: (screen) =>
      because(screen, 'not-applied', 'It did not happen, and is run again. How do you know?'),
  },
  {
    keys: ['h', 'enter'],
    shown: 'h',
    places: ['doubt'],
    does: 'hold the run with the doubt open: the default',
    short: 'hold (default)',
    at: 'offer',
    when: isDoubt,
    press: (screen) => answer(screen, 'no'),
  },
  // A failure, when the run is held.
  {
    keys: ['r'],
    shown: 'r',
    places: ['failure', 'steps'],
    does: 'retry what has failed',
    short: 'retry',
    at: 'offer',
    when: canMend,
    press: retry,
  },
  {
    keys: ['s'],
    shown: 's',
    places: ['failure', 'steps'],
    does: 'skip what has failed, with a reason',
    short: 'skip',
    at: 'offer',
    when: canMend,
    press: (screen) => because(screen, 'skip', 'Why is it skipped?'),
  },
  {
    keys: ['m'],
    shown: 'm',
    places: ['failure', 'steps'],
    does: 'mark it done, with a reason: you have done it by hand',
    short: 'mark done',
    at: 'offer',
    when: canMend,
    press: (screen) => because(screen, 'done', 'It is done all the same. How do you know?'),
  },
  {
    keys: ['u'],
    shown: 'u',
    places: ['steps', 'failure', 'doubt'],
    does: 'undo back to this step, when the run is held or done',
    short: 'undo back to here',
    at: 'offer',
    when: canUndo,
    press: undo,
  },
  {
    keys: ['h'],
    shown: 'h',
    places: ['failure'],
    does: 'leave it held, and resume later',
    short: 'hold',
    at: 'offer',
    when: canGoOn,
    press: leave,
  },
  {
    keys: ['d'],
    shown: 'd',
    places: [...STEPS, 'output'],
    does: 'the whole diff',
    short: 'diff',
    at: 'more',
    press: look(openDiff),
  },
  {
    keys: ['!'],
    shown: '!',
    places: STEPS,
    does: 'a shell on the host',
    short: (screen) => `shell on ${focus(screen)?.task.ref.host ?? 'the host'}`,
    at: 'more',
    when: (screen) => !screen.readOnly && focus(screen) !== undefined,
    press: shell,
  },
  {
    keys: ['c'],
    shown: 'c',
    places: STEPS,
    does: 'copy the command',
    short: 'copy',
    at: 'more',
    when: (screen) => canMend(screen) && hasCommand(screen),
    press: copy,
  },
  { keys: ['c'], shown: '', places: STEPS, does: 'copy what a task writes', when: hasCommand, press: copy },
  // Leaving, or undoing.
  { keys: ['y'], shown: 'y', places: ['sure'], does: 'do it', short: 'yes', at: 'offer', press: demand },
  {
    keys: ['n', 'N', 'enter', 'escape'],
    shown: 'N',
    places: ['sure'],
    does: 'no, go back',
    short: 'no (default)',
    at: 'offer',
    press: look(close),
  },
];
