import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputRef } from '../engine/event.ts';
import type { CommandResult } from '../engine/ports.ts';

/**
 * Keeps a command's output beside the journal, secrets replaced; nothing when it said nothing. stderr follows stdout
 * behind a line of its own. `file` is relative to the run's directory.
 */
export function keepOutput(
  directory: string,
  name: string,
  result: CommandResult,
  redact: (text: string) => string,
): OutputRef | undefined {
  if (result.stdout === '' && result.stderr === '') return undefined;
  const file = `output/${name.replaceAll(/[^A-Za-z0-9._@-]/g, '_')}.log`;
  const stderr = result.stderr === '' ? '' : `--- stderr ---\n${result.stderr}`;
  writeFileSync(join(directory, file), redact(`${result.stdout}${stderr}`), { mode: 0o600 });
  return {
    file,
    stdout: Buffer.byteLength(result.stdout),
    stderr: Buffer.byteLength(result.stderr),
    truncated: result.truncated,
  };
}
