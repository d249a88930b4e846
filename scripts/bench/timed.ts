/** Runs one program and takes its time, start-up included. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Timed {
  readonly ms: number;
  /** stdout and stderr, in the order they came. */
  readonly output: string;
}

/** From SIGTERM to SIGKILL, in ms. */
const GRACE_MS = 3000;

const running = new Set<ChildProcess>();
let over = false;

/** Output goes to a file of `directory`, so that reading it takes nobody's time. Rejects when the code is not 0. */
export async function timed(
  argv: readonly [string, ...string[]],
  directory: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Timed> {
  if (over) throw new Error('interrupted');
  const file = join(directory, 'output');
  const fd = openSync(file, 'w');
  try {
    const [program, ...words] = argv;
    const begun = performance.now();
    const child = spawn(program, words, {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', fd, fd],
    });
    running.add(child);
    const ended = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(signal ?? String(code)));
    }).finally(() => running.delete(child));
    const ms = performance.now() - begun;
    const output = readFileSync(file, 'utf8');
    if (ended !== '0') throw new Error(`${argv.join(' ')} ended with ${ended}:\n${output.slice(-2000)}`);
    return { ms, output };
  } finally {
    closeSync(fd);
  }
}

/** Ends what is under way and starts nothing more, for Ctrl-C. */
export function endAll(): void {
  over = true;
  for (const child of running) {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
  }
}
