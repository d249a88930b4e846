/** Runs the real `./lockstep` in pseudo-terminals of its own, with a state directory that a test file shares. */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { endAll, openPty, type Pty, type PtyOptions } from '../pty.ts';
import { buildIfStale, program } from './program.ts';

/**
 * The header of a run that is over, whose first row ends like `title` if that is given ("39/39"). The word alone also stands in the
 * story of a task ("done in 174 ms, verifying"), when keys still go to the run.
 */
export function over(title = ''): RegExp {
  return new RegExp(`${title}$\\n done {2,}\\S`, 'm');
}

/** `state` is that of `lockstepFor()`, so that `show`, `runs` and the like see the same runs. */
export function terminalsFor(state: string): {
  open(words: readonly string[], options?: PtyOptions): Pty;
} {
  beforeAll(buildIfStale);
  afterAll(endAll);
  return {
    open(words, options = {}) {
      const pty = openPty([program, ...words], {
        ...options,
        env: { LOCKSTEP_STATE: state, ...options.env },
      });
      // One that a failed test has left would hold its hosts against the next.
      onTestFinished(async () => {
        pty.kill('SIGKILL');
        await pty.ended;
      });
      return pty;
    },
  };
}
