import type { Event } from '../engine/event.ts';
import type { Input } from '../engine/input.ts';
import type { RunState } from '../engine/state.ts';
import { closedText, closingOf } from '../engine/window.ts';

/** The wall clock is asked again so often: a machine that slept, or whose clock was set, has not heard its timer. */
const ASK_MS = 15_000;

/**
 * Holds the run at the moment in which its window closes, so that nothing new begins after a long wait. What is under way
 * ends. Returns what stops it.
 */
export function holdAtClosing(
  run: string,
  opening: readonly Event[],
  command: (input: Input) => void,
  now: () => number = Date.now,
): () => void {
  const state = { run, policy: policyOf(opening) };
  const closing = closingOf(state.policy);
  if (!closing) return () => undefined;
  const at = Date.parse(closing.at);
  let timer: NodeJS.Timeout | undefined;
  const ask = (): void => {
    const left = at - now();
    if (left <= 0) command({ type: 'hold', reason: 'window', text: closedText(state) });
    else timer = setTimeout(ask, Math.min(left, ASK_MS)).unref();
  };
  ask();
  return () => clearTimeout(timer);
}

/** As the opening of a run, or of its resume, says it. */
function policyOf(opening: readonly Event[]): RunState['policy'] {
  const [policy] = opening.flatMap((event) =>
    event.type === 'run.opened' || event.type === 'run.resumed' ? [event.policy] : [],
  );
  return policy ?? { yes: false };
}
