import { linesOf } from '../engine/command-value.ts';
import { formatDuration } from '../engine/duration.ts';
import type { CommandResult, Exit } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';

/** How a command ended, as the end of a sentence: `exited 3`, `was killed by SIGKILL`, `timed out after 10m`. */
export function exitText(exit: Exit): string {
  switch (exit.kind) {
    case 'exited':
      return `exited ${exit.code}`;
    case 'killed':
      return `was killed by ${exit.signal}`;
    case 'timed-out':
      return `timed out after ${formatDuration(exit.afterMs)}`;
  }
}

/** True when the command ended by itself with one of these codes. */
export function exitedWith(exit: Exit, codes: readonly number[]): boolean {
  return exit.kind === 'exited' && codes.includes(exit.code);
}

export { linesOf };

/** The last line of stderr, or of stdout when stderr is empty, with its name in front. */
export function lastLine(result: CommandResult): string {
  const name = result.stderr.trim() === '' ? 'stdout' : 'stderr';
  const line = linesOf((name === 'stderr' ? result.stderr : result.stdout).trimEnd()).at(-1);
  return line === undefined ? 'it printed nothing' : `${name}: ${line}`;
}

/** The error for a command that did not end as it should: subject, how it ended, its last line; `command` has the rest. */
export function commandFailed(subject: string, result: CommandResult, next?: string): ActionError {
  return new ActionError(`${subject} ${exitText(result.exit)}; ${lastLine(result)}`, {
    command: result,
    ...(next === undefined ? {} : { next }),
  });
}
