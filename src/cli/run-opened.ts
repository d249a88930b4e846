import { decide } from '../engine/decide.ts';
import type { Event } from '../engine/event.ts';
import { evolve } from '../engine/evolve.ts';
import type { Input } from '../engine/input.ts';
import { type RunPorts, run } from '../engine/run.ts';
import type { RunState } from '../engine/state.ts';

export interface OpenedPorts extends RunPorts {
  /** What must be so before the loop may begin: leases, a world as it was left. Resolves to a hold where it is not. */
  readonly enter: (state: RunState) => Promise<readonly Input[]>;
  /** Gives back what `enter` took. */
  readonly leave: () => Promise<void>;
}

/** From the opening events to the end of the run. `before` is what they are folded on: nothing, or a run that was held. */
export async function runOpened(
  before: RunState | undefined,
  opening: readonly Event[],
  ports: OpenedPorts,
): Promise<RunState> {
  let state = opening.reduce<RunState | undefined>(evolve, before);
  if (!state) throw new Error('a run opens with run.opened');
  await ports.record(opening, state);
  try {
    for (const input of await ports.enter(state)) {
      const events = decide(state, input);
      state = events.reduce<RunState>(evolve, state);
      if (events.length > 0) await ports.record(events, state);
    }
    return await run(state, ports);
  } finally {
    await ports.leave();
  }
}
