import type { AttachOptions } from './attach.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { follow } from './follow-run.ts';
import { begunOrStop, locateRun, provenOrStop } from './open-run.ts';
import { pickReporter } from './reporter.ts';
import { canShow } from './screen-able.ts';
import { teller } from './tell-records.ts';

/** Follows a run to the end of its process; one that nobody works on is told, and that is all. */
export async function attachRun(word: string, options: AttachOptions): Promise<number> {
  const { run, directory } = locateRun(word);
  if (!options.ndjson && canShow(options)) return watchRun(run, directory);
  const { reporter } = pickReporter({ plain: true, ...(options.ndjson && { ndjson: true }) });
  const never = new AbortController().signal;
  const state = begunOrStop(run, await provenOrStop(() => follow(directory, teller(reporter), never)));
  reporter.ended(state, directory);
  return exitCodeOf(state);
}

/** On the screen: it stays when the run's process has ended, until the person leaves. */
async function watchRun(run: string, directory: string): Promise<number> {
  const { openViewer } = await import('./view-run.ts');
  const viewer = openViewer();
  const gone = new AbortController();
  try {
    const following = provenOrStop(() => follow(directory, viewer.told, gone.signal));
    await Promise.race([viewer.left, following.then(() => viewer.left)]);
    gone.abort();
    const state = begunOrStop(run, await following);
    // Who leaves a run that goes on has seen no end of it.
    return state.done || state.held ? exitCodeOf(state) : EXIT.done;
  } finally {
    gone.abort();
    await viewer.close();
  }
}
