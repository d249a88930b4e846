import type { Input } from '../engine/input.ts';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal holds the run at the next boundary: what is under way ends, nothing new begins. A second one lets
 * go at once; commands that run on their hosts go on there, and `resume` finds them. Output that nobody reads any more (a
 * closed terminal, `| head`) holds too, and counts as no signal: a terminal that closes brings both.
 */
export function onSignals(write: (text: string) => void): {
  listen(command: (input: Input) => void): void;
  stop(): void;
} {
  let command: ((input: Input) => void) | undefined;
  /** Came before anybody listened. */
  let early: Input | undefined;
  let seen = 0;
  const hold = (text: string): void => {
    const input: Input = { type: 'hold', reason: 'operator', text };
    if (command) command(input);
    else early = input;
  };
  const take = (signal: NodeJS.Signals): void => {
    seen++;
    if (seen > 1) {
      write('\nlockstep: let go; what runs on its host goes on there, and resume takes it up again\n');
      process.exit(EXIT.operator);
    }
    write(
      `\nlockstep: ${signal}: holding as soon as what is under way has ended; once more lets go at once\n`,
    );
    hold(`held by ${signal}`);
  };
  const outputGone = (): void => hold('held, since nobody reads its output any more');
  for (const signal of SIGNALS) process.on(signal, take);
  process.stdout.on('error', outputGone);
  return {
    listen: (listener) => {
      command = listener;
      if (early) listener(early);
    },
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, take);
      process.stdout.off('error', outputGone);
    },
  };
}
