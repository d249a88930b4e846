/** Keys that ask something of the run, or a line of the person first. */
import { inFlight } from '../engine/state.ts';
import { open } from './moves.ts';
import { commandOf, focus, isTooSoon, leavingMatters, questionOf } from './offers.ts';
import { stepName } from './places.ts';
import type { Act, Panel, Screen, Typed } from './screen.ts';
import { answered, type Pressed } from './typing.ts';

/** Yes to a question of class notice or confirm; a typed one wants its word first. */
export function sayYes(screen: Screen): Pressed {
  const question = questionOf(screen);
  if (!question) return { look: screen.look };
  if (isTooSoon(screen)) return tooSoon(screen);
  if (question.class !== 'typed') return answer(screen, 'yes');
  const wanted = question.typed ?? 'yes';
  return typing(screen, `Type ${wanted} to go on`, { kind: 'word', question: question.id, wanted });
}

export function answer(screen: Screen, word: 'yes' | 'no'): Pressed {
  const question = questionOf(screen);
  if (!question) return { look: screen.look };
  if (isTooSoon(screen)) return tooSoon(screen);
  return answered(screen, { kind: 'answer', question: question.id, answer: word });
}

/** Skips, marks or settles once there is a reason. */
export function because(
  screen: Screen,
  what: 'skip' | 'done' | 'applied' | 'not-applied',
  prompt: string,
): Pressed {
  const question = questionOf(screen);
  const task = focus(screen)?.task.ref.id;
  if (question && what !== 'done') {
    const act: Act = { kind: 'answer', question: question.id, answer: what };
    return typing(screen, prompt, { kind: 'because', act });
  }
  if (task === undefined || what === 'applied' || what === 'not-applied') return { look: screen.look };
  return typing(screen, prompt, { kind: 'because', act: { kind: what, task } });
}

export function retry(screen: Screen): Pressed {
  const task = focus(screen)?.task.ref.id;
  return task === undefined ? { look: screen.look } : answered(screen, { kind: 'retry', task });
}

export function undo(screen: Screen): Pressed {
  const { run, look } = screen;
  const step = focus(screen)?.step ?? look.step;
  const id = run.steps[step]?.brief.id;
  if (id === undefined) return { look };
  const text = `Undo back to ${stepName(run, step)}? A run of its own takes back what was done from that step on, and asks before it does. This run cannot be resumed then.`;
  return { look: open(screen, { kind: 'sure', text, act: { kind: 'undo', step: id } }) };
}

/** Leaves; while something is under way, once the person knows what goes on without the screen. */
export function leave(screen: Screen): Pressed {
  const { run, look } = screen;
  if (!leavingMatters(screen)) return { look, act: { kind: 'leave' } };
  const tasks = inFlight(run).map(({ ref }) => ref.id);
  const more = tasks.length > 3 ? ` and ${tasks.length - 3} more` : '';
  const goesOn =
    tasks.length === 0 ? '' : ` ${tasks.slice(0, 3).join(', ')}${more} may go on where they run.`;
  const text = `Leave? The run is held here.${goesOn} lockstep resume ${run.run} takes it up again.`;
  return { look: open(screen, { kind: 'sure', text, act: { kind: 'leave' } }) };
}

/** What was asked about is done. */
export function demand({ look }: Screen): Pressed {
  const top = look.panels.at(-1);
  if (top?.kind !== 'sure') return { look };
  return { look: { ...look, panels: look.panels.slice(0, -1) }, act: top.act };
}

export function goOn({ look }: Screen): Pressed {
  const panels = look.panels.filter(({ kind }) => kind !== 'failure' && kind !== 'doubt');
  return { look: { ...look, panels }, act: { kind: 'go-on' } };
}

export function hold({ look, holding }: Screen): Pressed {
  return holding
    ? { look: { ...look, said: 'holding already, as soon as what is under way has ended' } }
    : { look, act: { kind: 'hold' } };
}

/** Ctrl-C: once to hold, twice to leave whatever is under way. */
export function interrupt({ look, run, holding, readOnly }: Screen): Pressed {
  const still = readOnly || holding || run.done || run.held !== undefined || run.run === '';
  return { look, act: { kind: still ? 'leave' : 'hold' } };
}

export function note(screen: Screen): Pressed {
  return typing(screen, 'A note for the journal', { kind: 'note' });
}

export function searching(screen: Screen): Pressed {
  const task = focus(screen)?.task.ref.id;
  if (task === undefined) return { look: screen.look };
  return typing(screen, 'Search the output for', { kind: 'search', task });
}

export function shell(screen: Screen): Pressed {
  const host = focus(screen)?.task.ref.host;
  return host === undefined ? { look: screen.look } : { look: screen.look, act: { kind: 'shell', host } };
}

export function copy(screen: Screen): Pressed {
  const { look } = screen;
  const task = focus(screen)?.task;
  const text = task && commandOf(task);
  if (text === undefined) return { look: { ...look, said: 'there is nothing to copy' } };
  return {
    look: { ...look, said: 'copied, if this terminal lets programs copy' },
    act: { kind: 'copy', text },
  };
}

function typing(screen: Screen, prompt: string, then: Typed): Pressed {
  const panel: Panel = { kind: 'typing', prompt, text: '', then };
  return { look: open(screen, panel) };
}

function tooSoon({ look }: Screen): Pressed {
  return { look: { ...look, said: 'that key came before this could be read: press it again' } };
}
