import type { Input } from '../engine/input.ts';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal holds the run at the next boundary: what is under way ends, nothing new begins. A second one lets
 * go at once; commands that run on their hosts go on there, and `resume` finds them.
 */
export function onSignals(write: (text: string) => void): {
  listen(command: (input: Input) => void): void;
  stop(): void;
} {
  let command: ((input: Input) => void) | undefined;
  /** Came before anybody listened. */
  let early: Input | undefined;
  let seen = 0;
  const take = (signal: NodeJS.Signals): void => {
    seen++;
    if (seen > 1) {
      write('\nlockstep: let go; what runs on its host goes on there, and resume takes it up again\n');
      process.exit(EXIT.operator);
    }
    write(
      `\nlockstep: ${signal}: holding as soon as what is under way has ended; once more lets go at once\n`,
    );
    const hold: Input = { type: 'hold', reason: 'operator', text: `held by ${signal}` };
    if (command) command(hold);
    else early = hold;
  };
  for (const signal of SIGNALS) process.on(signal, take);
  return {
    listen: (listener) => {
      command = listener;
      if (early) listener(early);
    },
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, take);
    },
  };
}
