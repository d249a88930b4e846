import type { Input, Move } from '../input.ts';
import type { RunState } from '../state.ts';
import type { InvariantWatch } from './invariant-watch.ts';

type Perform = (move: Move, state: RunState) => Promise<readonly Input[]>;

type Watch = Pick<InvariantWatch, 'mayChange' | 'changed' | 'last' | 'rest'>;

/**
 * Carries out moves, but begins no change unless the invariants hold by fresh answers: before the look that leads to it, and again
 * when the look has taken its time. Where it cannot be told yet, nothing comes of the move, and the loop starts it anew. What ends the
 * run is told only after a last look.
 */
export function guarded(watch: Watch, perform: Perform): Perform {
  return async (move, state) => {
    const inputs = mayLeadToChange(move, state)
      ? await look(watch, () => perform(move, state))
      : await perform(move, state).finally(() => {
          if (move.kind === 'write') watch.changed();
        });
    const ends = state.cursor === state.steps.length - 1 && inputs.some(mayEnd);
    return ends ? [...(await watch.last()), ...inputs] : inputs;
  };
}

async function look(watch: Watch, perform: () => Promise<readonly Input[]>): Promise<readonly Input[]> {
  const before = await watch.mayChange();
  if (before === 'not yet') {
    await watch.rest();
    return [];
  }
  if (before !== 'yes') return before;
  const inputs = await perform();
  if (!inputs.some(isDifference)) return inputs;
  const after = await watch.mayChange();
  if (after === 'yes') return inputs;
  if (after !== 'not yet') return [...after, ...inputs];
  await watch.rest();
  return inputs.filter((input) => !isDifference(input));
}

function mayLeadToChange(move: Move, { steps, cursor }: RunState): boolean {
  return move.kind === 'look' && steps[cursor]?.brief.kind === 'change';
}

function isDifference(input: Input): boolean {
  return input.type === 'looked' && input.look.kind === 'differs';
}

/** A task may end by it, and the run with its last task; a step without hosts ends when it begins. */
function mayEnd(input: Input): boolean {
  if (input.type === 'began') return input.tasks.length === 0;
  if (input.type === 'looked') return !isDifference(input);
  return ['wrote', 'verified', 'settled', 'broke'].includes(input.type);
}
