/** A line that is being typed: a reason, a note, a search, the word that a question wants. */
import { clean } from './cells.ts';
import { close, search } from './moves.ts';
import type { Act, Look, Panel, Screen } from './screen.ts';

/** Characters; a reason is a sentence, and it is journaled. */
const LONGEST = 300;

export interface Pressed {
  readonly look: Look;
  readonly act?: Act;
}

type Typing = Extract<Panel, { kind: 'typing' }>;

const NAMED = /^(up|down|left|right|enter|escape|pageup|pagedown|home|end|tab|backspace|delete|ctrl-.*|)$/;

export function type(screen: Screen, typing: Typing, key: string): Pressed {
  const { look } = screen;
  const write = (text: string): Pressed => {
    const line: Panel = { ...typing, text: [...text].slice(0, LONGEST).join('') };
    return { look: { ...look, panels: [...look.panels.slice(0, -1), line] } };
  };
  if (key === 'escape') return { look: close(screen) };
  if (key === 'enter') return finish(screen, typing);
  if (key === 'backspace') return write([...typing.text].slice(0, -1).join(''));
  if (key === 'ctrl-u') return write('');
  return NAMED.test(key) ? { look } : write(typing.text + clean(key));
}

function finish(screen: Screen, { then, text }: Typing): Pressed {
  const look = close(screen);
  const below: Screen = { ...screen, look };
  switch (then.kind) {
    case 'word':
      if (text !== then.wanted)
        return { look: { ...look, said: `that was not ${then.wanted}: nothing is answered` } };
      return answered(below, { kind: 'answer', question: then.question, answer: 'yes' });
    case 'because': {
      const because = text.trim();
      if (because === '') return { look: { ...screen.look, said: 'a reason is needed; escape goes back' } };
      return answered(below, { ...then.act, because } as Act);
    }
    case 'note': {
      const note = text.trim();
      return note === '' ? { look } : { look: { ...look, said: 'noted' }, act: { kind: 'note', text: note } };
    }
    case 'search':
      return { look: search(below, then.task, text) };
  }
}

/** The panel that has asked is closed with its answer, so that no second key answers it again. */
export function answered({ look, run }: Screen, act: Act): Pressed {
  const panels = look.panels.filter((panel) => {
    if (act.kind !== 'answer') return panel.kind !== 'failure' || !('task' in act) || panel.task !== act.task;
    const task = run.questions[act.question]?.task;
    return panel.kind === 'question'
      ? panel.id !== act.question
      : panel.kind !== 'doubt' || panel.task !== task;
  });
  return { look: { ...look, panels }, act };
}
