/** One sign for each state that a task can be in, and what it means in words. */
import type { Outcome } from '../engine/event.ts';
import type { Task } from '../engine/state.ts';
import type { Tone } from './screen.ts';

export type Condition = Outcome | 'asking' | 'open' | 'busy' | 'waiting';

export interface Sign {
  readonly sign: string;
  readonly tone: Tone;
  /** As in "ldap2 is in doubt". */
  readonly words: string;
}

/** From the gravest: where a cell stands for several tasks, the first of these names it. */
export const SIGNS: Readonly<Record<Condition, Sign>> = {
  open: { sign: '●', tone: 'bad', words: 'in doubt' },
  doubt: { sign: '●', tone: 'bad', words: 'in doubt' },
  failed: { sign: '✘', tone: 'bad', words: 'failed' },
  unreachable: { sign: '↯', tone: 'bad', words: 'unreachable' },
  asking: { sign: '?', tone: 'warn', words: 'asking' },
  busy: { sign: '⠹', tone: 'warn', words: 'under way' },
  waiting: { sign: '○', tone: 'dim', words: 'waiting' },
  cancelled: { sign: '∅', tone: 'dim', words: 'cancelled' },
  changed: { sign: '✚', tone: 'good', words: 'changed' },
  unchanged: { sign: '✔', tone: 'good', words: 'as it should be already' },
  skipped: { sign: '·', tone: 'dim', words: 'skipped' },
};

export const GRAVITY = Object.keys(SIGNS) as readonly Condition[];

const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Turns five times in two seconds: enough to see that it lives. */
export function signOf(condition: Condition, now: number): Sign {
  const sign = SIGNS[condition];
  if (condition !== 'busy') return sign;
  return { ...sign, sign: SPINNER[Math.floor(Math.max(0, now) / 80) % SPINNER.length] ?? '⠹' };
}

const NOTHING: ReadonlySet<string> = new Set();

/** `underWay`: ids of the tasks that a move is made for just now; without it, those only wait. */
export function conditionOf({ ref, state }: Task, underWay = NOTHING): Condition {
  switch (state.status) {
    case 'ended':
      return state.outcome;
    case 'asking':
      return 'asking';
    case 'doubtful':
      return 'open';
    case 'waiting':
      return underWay.has(ref.id) ? 'busy' : 'waiting';
    default:
      return 'busy';
  }
}

/** How many are how, what is gravest last, so that it is seen at the edge. */
export function countsOf(conditions: readonly Condition[]): readonly (readonly [Condition, number])[] {
  const counts = new Map<Condition, number>();
  for (const one of conditions) counts.set(one, (counts.get(one) ?? 0) + 1);
  return GRAVITY.toReversed().flatMap((condition) => {
    const count = counts.get(condition);
    return count === undefined ? [] : [[condition, count] as const];
  });
}

export function gravest(conditions: readonly Condition[]): Condition | undefined {
  return GRAVITY.find((condition) => conditions.includes(condition));
}
