/** What a reporter hears. It sees state and records only, and answers nothing. */
import type { Stamped } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';

export interface Reporter {
  /** Records that are in the journal, and the state after them. */
  told(records: readonly Stamped[], state: RunState): void;
  /** For the screen only: a line about a task that is under way. */
  note(task: string, line: string): void;
  /** For the screen only: what a command of a task prints while it runs, in pieces that end anywhere; secrets replaced. */
  output?(task: string, stream: 'stdout' | 'stderr', text: string): void;
  /** The run is done or held, or was broken off. A screen stays open until the person leaves it. */
  ended(state: RunState, directory: string): void | Promise<void>;
  /** Takes a question's place on the screen while it is asked; the returned function gives it back. */
  pause(): () => void;
}
