import type { AttachOptions } from './attach.ts';
import { EXIT, exitCodeOf, Stop } from './exit-code.ts';
import { follow } from './follow-run.ts';
import { locateRun, provenOrStop } from './open-run.ts';
import { pickReporter } from './reporter.ts';
import { teller } from './tell-records.ts';

/** Follows a run to the end of its process; one that nobody works on is told, and that is all. */
export async function attachRun(word: string, options: AttachOptions): Promise<number> {
  const { run, directory } = locateRun(word);
  const { reporter } = pickReporter({ plain: true, ...(options.ndjson && { ndjson: true }) });
  const never = new AbortController().signal;
  const state = await provenOrStop(() => follow(directory, teller(reporter), never));
  if (!state) throw new Stop(EXIT.usage, `${run} has no first record: nothing was begun`);
  reporter.ended(state, directory);
  return exitCodeOf(state);
}
