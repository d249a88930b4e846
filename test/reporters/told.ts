import type { Event } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { textReporter } from '../../src/reporters/text.ts';

/** What the text reporter says of these events, each told a second after the one before. */
export function told(
  events: readonly Event[],
  env: Readonly<Record<string, string>> = {},
  isTerminal = false,
): string {
  let text = '';
  let state: RunState | undefined;
  const reporter = textReporter({
    write: (chunk) => {
      text += chunk;
    },
    style: styleFor(env, isTerminal),
    isTerminal,
    now: () => 0,
    columns: () => 80,
  });
  events.forEach((event, index) => {
    state = evolve(state, event);
    reporter.told([{ seq: index + 1, at: '', mono: index * 1000, event }], state);
  });
  if (state) reporter.ended(state, '/runs/7f3a');
  return text;
}
