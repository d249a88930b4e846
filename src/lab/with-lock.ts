import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LabError } from './lab-error.ts';
import { plainEnvironment } from './run-program.ts';

/**
 * Runs `work` while holding flock(2) on `file`. A child holds the lock for as long as our end of its stdin is open, so
 * the kernel frees it however we end. `onWait` is called when somebody else has it. It is free by the time this settles.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  let release = await take(file, ['-n']);
  if (!release) {
    onWait();
    release = await take(file, []);
  }
  if (!release) throw new LabError(`${file}: flock did not give the lock; is /run writable?`);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Resolves to the releasing function, or undefined when the lock is held elsewhere. */
function take(file: string, flags: readonly string[]): Promise<(() => Promise<void>) | undefined> {
  // -o keeps the descriptor from `cat`; flock itself stays its parent and holds the lock until `cat` reads end of file.
  const child = spawn('flock', [...flags, '-o', file, 'sh', '-c', 'echo held; exec cat'], {
    env: plainEnvironment,
    stdio: ['pipe', 'pipe', 'ignore'],
    // Its own process group: Ctrl-C must not free the lock before the clean-up is done.
    detached: true,
  });
  child.stdin.on('error', () => {});
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new LabError(`flock: ${cause.message}; install util-linux`, { cause })),
    );
    gone.then(() => resolve(undefined));
    const release = (): Promise<void> => {
      child.stdin.end();
      return gone;
    };
    child.stdout.once('data', () => resolve(release));
  });
}
