import type { RunOptions } from './option.ts';

/** How a run was left: its exit code, and the step back to which the operator wants it undone. */
export interface Left {
  readonly code: number;
  readonly undoTo: string | undefined;
}

/** An undo that was asked for on the screen of a run; that run has let go of its lock by now. */
export async function undoBackTo(run: string, step: string, options: RunOptions): Promise<number> {
  const { undoRun } = await import('./undo-run.ts');
  const { window: _window, timeout: _timeout, answers: _answers, plan: _plan, ...rest } = options;
  return undoRun(run, { ...rest, backTo: step });
}
