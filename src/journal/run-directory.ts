import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { JournalError } from './journal-error.ts';
import { JOURNAL } from './record.ts';

/** Where runs are kept: $LOCKSTEP_STATE, else XDG's state directory. */
export function runsRoot(env: NodeJS.ProcessEnv): string {
  if (env['LOCKSTEP_STATE']) return join(env['LOCKSTEP_STATE'], 'runs');
  const state = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'lockstep', 'runs');
}

/**
 * `20261122-015312-7f3a`: sorts by start, and its last word is enough to name it. UTC. The first two of the four digits
 * are 256ths of the second, so that `last` is the last of two runs of one second.
 */
export function newRunId(now: Date): string {
  const [day = '', time = ''] = now.toISOString().replaceAll('-', '').replaceAll(':', '').split('T');
  const part = Math.floor((now.getUTCMilliseconds() * 256) / 1000);
  return `${day}-${time.slice(0, 6)}-${part.toString(16).padStart(2, '0')}${randomBytes(1).toString('hex')}`;
}

export function createRunDirectory(root: string, run: string): string {
  const directory = join(root, run);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    mkdirSync(join(directory, 'output'), { recursive: true, mode: 0o700 });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new JournalError(
      `${directory}: the run's directory cannot be made: ${cause}`,
      'make it writable or free space, or set LOCKSTEP_STATE to another directory; nothing was started',
      { cause: error },
    );
  }
  return directory;
}

/** Takes away the directory of a run whose first record found no room; the error then says that nothing was begun. */
export function dropUnbegun(directory: string, error: JournalError): JournalError {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // A read-only file system keeps an empty directory, which nothing lists.
  }
  const next = `free space there or make it writable, then start it again: nothing was begun`;
  return new JournalError(error.message, next, { cause: error });
}

/** Ids of all runs, newest first. */
export function listRuns(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, JOURNAL)))
    .sort()
    .reverse();
}

/** The run that `word` names: its id, its last four letters, or `last`. */
export function findRun(root: string, word: string): { run: string; directory: string } {
  const runs = listRuns(root);
  const matches =
    word === 'last' ? runs.slice(0, 1) : runs.filter((run) => run === word || run.endsWith(`-${word}`));
  const [run] = matches;
  if (run === undefined)
    throw new NoSuchRun(
      runs.length === 0
        ? `no run ${word}: there are no runs in ${root}`
        : `no run ${word} in ${root}; the newest is ${runs[0]}`,
    );
  if (matches.length > 1) throw new NoSuchRun(`${word} names ${matches.length} runs: ${matches.join(', ')}`);
  return { run, directory: join(root, run) };
}

export class NoSuchRun extends Error {
  override readonly name = 'NoSuchRun';
}
