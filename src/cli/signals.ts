import type { Input } from '../engine/input.ts';
import { EXIT } from './exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Signals {
  /** A command from outside the loop; kept until somebody listens. */
  command(input: Input): void;
  listen(command: (input: Input) => void): void;
  /** Nobody listens for now: what comes is kept for the next who does. */
  keep(): void;
  /** A signal, or output that nobody reads any more, has asked this process to end. */
  mustLeave(): boolean;
  /** The operator goes on after all: the next signal is a first one. */
  rearm(): void;
  stop(): void;
}

/**
 * The first signal holds the run at the next boundary: what is under way ends, nothing new begins. A second one lets
 * go at once; commands that run on their hosts go on there, and `resume` finds them. Output that nobody reads any more (a
 * closed terminal, `| head`) holds too, and counts as no signal: a terminal that closes brings both. `underWay` names what
 * runs where, for the second, which `farewell` writes.
 */
export function onSignals(
  write: (text: string) => unknown,
  underWay: () => readonly string[] = () => [],
  farewell: (text: string) => unknown = write,
): Signals {
  let listener: ((input: Input) => void) | undefined;
  const early: Input[] = [];
  let seen = 0;
  let leaving = false;
  const command = (input: Input): void => {
    if (listener) listener(input);
    else early.push(input);
  };
  const hold = (text: string): void => {
    leaving = true;
    command({ type: 'hold', reason: 'operator', text });
  };
  const take = (signal: NodeJS.Signals): void => {
    seen++;
    if (seen > 1) {
      farewell(`\nlockstep: let go; ${goingOn(underWay())}\n`);
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
    command,
    listen: (to) => {
      listener = to;
      for (const input of early.splice(0)) to(input);
    },
    keep: () => {
      listener = undefined;
    },
    mustLeave: () => leaving,
    rearm: () => {
      seen = 0;
      leaving = false;
    },
    stop: () => {
      for (const signal of SIGNALS) process.off(signal, take);
      process.stdout.off('error', outputGone);
    },
  };
}

function goingOn(tasks: readonly string[]): string {
  if (tasks.length === 0) return 'nothing runs on any host; resume goes on from here';
  const names = tasks.map((task) => `\n  ${task}`).join('');
  return `going on where they run, until resume takes them up again:${names}`;
}
