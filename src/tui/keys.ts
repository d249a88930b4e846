/** The table of all keys, from which the help, the foot of the screen and the offers of a panel are made. Pure. */
import type { Key, Spot } from './key.ts';
import { MOVING_KEYS, RUN_KEYS } from './moving-keys.ts';
import { type Place, placeOf } from './offers.ts';
import { PANEL_KEYS } from './panel-keys.ts';
import { raise } from './panels.ts';
import { interrupt } from './pressing.ts';
import type { Screen } from './screen.ts';
import { type Pressed, type } from './typing.ts';

export const KEYS: readonly Key[] = [...PANEL_KEYS, ...MOVING_KEYS, ...RUN_KEYS];

/**
 * What a key leads to: where the operator looks then, and what is asked of the run. A key is a character, or one of up, down, left,
 * right, enter, escape, pageup, pagedown, home, end, tab, backspace, ctrl-u and ctrl-c; any other does nothing.
 */
export function press(screen: Screen, key: string): Pressed {
  const { said: _said, ...look } = screen.look;
  const quiet: Screen = { ...screen, look };
  const { look: then, act } = pressed(quiet, key);
  const raised = { ...raise(then, look, screen.now), pressed: screen.now };
  return act ? { look: raised, act } : { look: raised };
}

function pressed(screen: Screen, key: string): Pressed {
  const top = screen.look.panels.at(-1);
  if (top?.kind === 'typing') return key === 'ctrl-c' ? interrupt(screen) : type(screen, top, key);
  const place = placeOf(screen);
  const found = KEYS.find((one) => one.keys.includes(key) && counts(one, place, screen));
  return found ? found.press(screen, key) : { look: screen.look };
}

/** Keys for one spot of the screen, as they count just now. */
export function keysNow(screen: Screen, at: Spot): readonly { shown: string; short: string }[] {
  const place = placeOf(screen);
  return KEYS.filter((one) => one.at === at && one.short !== undefined && counts(one, place, screen)).map(
    ({ shown, short = '' }) => ({ shown, short: typeof short === 'string' ? short : short(screen) }),
  );
}

function counts({ places, when }: Key, place: Place, screen: Screen): boolean {
  return places.includes(place) && (!when || when(screen));
}

const HELP: readonly Key[] = [...MOVING_KEYS, ...RUN_KEYS, ...PANEL_KEYS];

const CHAPTERS: readonly (readonly [string, Place])[] = [
  ['the steps', 'steps'],
  ['a question', 'question'],
  ['a doubt', 'doubt'],
  ['a failure', 'failure'],
  ['output', 'output'],
];

/** The help: a chapter for each place, without what was said of the one before. */
export function helpRows(): readonly { chapter?: string; shown: string; does: string }[] {
  const told = new Set<Key>();
  return CHAPTERS.flatMap(([chapter, place]) => {
    const keys = HELP.filter((one) => one.shown !== '' && one.places.includes(place) && !told.has(one));
    for (const one of keys) told.add(one);
    return [{ chapter, shown: '', does: '' }, ...keys.map(({ shown, does }) => ({ shown, does }))];
  });
}
