/** A key of the table: where it counts, what it is called there, and what it does. */
import type { Place } from './offers.ts';
import type { Look, Screen } from './screen.ts';
import type { Pressed } from './typing.ts';

/** At the foot of the screen, among the offers of a panel, or there where there is room for more. */
export type Spot = 'foot' | 'offer' | 'more';

export interface Key {
  readonly keys: readonly string[];
  /** As it is shown; '' where another key of the pair stands for both. */
  readonly shown: string;
  readonly places: readonly Place[];
  /** For the help. */
  readonly does: string;
  /** Shorter, for where it is shown beside others. */
  readonly short?: string | ((screen: Screen) => string);
  readonly at?: Spot;
  readonly when?: (screen: Screen) => boolean;
  readonly press: (screen: Screen, key: string) => Pressed;
}

export const OVER: readonly Place[] = ['question', 'failure', 'doubt'];
export const STEPS: readonly Place[] = ['steps', ...OVER];
export const LINES: readonly Place[] = ['output', 'diff', 'help'];

/** A key that moves and asks for nothing. */
export function look(move: (screen: Screen) => Look): (screen: Screen) => Pressed {
  return (screen) => ({ look: move(screen) });
}
