import type { CommandResult } from './ports.ts';
import type { Value } from './value.ts';

/** A command's result as expressions see it (`capture`, `until`); `code` is -1 when it did not exit by itself. */
export function commandValue(result: CommandResult): { readonly [key: string]: Value } {
  return {
    code: result.exit.kind === 'exited' ? result.exit.code : -1,
    stdout: result.stdout,
    stderr: result.stderr,
    lines: linesOf(result.stdout),
  };
}

/** The lines of an output, without the empty one after the last newline. */
export function linesOf(output: string): readonly string[] {
  const lines = output.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
