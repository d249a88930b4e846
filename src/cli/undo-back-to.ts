import type { Left } from './begin-run.ts';
import type { RunOptions } from './option.ts';

/** The end of a run, or of the undo that was asked for on its screen; the run has let go of its lock by now. */
export async function undoneOr({ run, code, undoTo: step }: Left, options: RunOptions): Promise<number> {
  if (step === undefined) return code;
  const { undoRun } = await import('./undo-run.ts');
  const { window: _window, timeout: _timeout, answers: _answers, plan: _plan, ...rest } = options;
  return undoRun(run, { ...rest, backTo: step });
}
