import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputRef } from '../engine/event.ts';
import type { CommandResult } from '../engine/ports.ts';
import { guard } from './journal-error.ts';

/**
 * Keeps a command's output beside the journal, secrets replaced; nothing when it said nothing. stderr follows stdout
 * behind a line of its own. `file` is relative to the run's directory. Throws JournalError when it cannot be kept.
 */
export function keepOutput(
  directory: string,
  name: string,
  result: CommandResult,
  redact: (text: string) => string,
): OutputRef | undefined {
  if (result.stdout === '' && result.stderr === '') return undefined;
  const file = `output/${fileName(name)}.log`;
  const stderr = result.stderr === '' ? '' : `--- stderr ---\n${result.stderr}`;
  const path = join(directory, file);
  guard(path, () => writeFileSync(path, redact(`${result.stdout}${stderr}`), { mode: 0o600 }));
  return {
    file,
    stdout: Buffer.byteLength(result.stdout),
    stderr: Buffer.byteLength(result.stderr),
    truncated: result.truncated,
  };
}

/** A name that had to be changed, or cut to what a file system takes, gets a digest: two items never share a file. */
function fileName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._@-]/g, '_');
  if (plain === name && name.length <= 200) return name;
  return `${plain.slice(0, 180)}-${hash('sha256', name, 'hex').slice(0, 8)}`;
}
