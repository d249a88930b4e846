import type { Stamped } from '../engine/event.ts';
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Reporter } from '../reporters/reporter.ts';

/** Tells records of a journal one by one, each with the state that it led to, as a reporter of the run itself hears them. */
export function teller(reporter: Pick<Reporter, 'told'>): (records: readonly Stamped[]) => void {
  let state: RunState | undefined;
  return (records) => {
    for (const record of records) {
      state = evolve(state, record.event);
      reporter.told([record], state);
    }
  };
}
