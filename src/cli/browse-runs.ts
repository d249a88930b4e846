import { isWorkedOn } from '../journal/lock.ts';
import { pressRuns, runsView } from '../tui/view/runs.ts';
import { attachRun } from './attach-run.ts';
import { browse } from './browse.ts';
import { runRows } from './list-runs.ts';
import { openRun } from './open-run.ts';
import { isUnicode } from './screen.ts';
import { showRun } from './show-run.ts';

/** The list of runs on the screen; what is opened from it comes back to it. */
export async function browseRuns(): Promise<void> {
  for (let at = 0; ; ) {
    const rows = runRows();
    const chosen = await browse<number, { at: number; open?: string }>(
      Math.min(at, Math.max(0, rows.length - 1)),
      (look, size) => runsView(rows, look, size, isUnicode()),
      (look, key) => {
        const led = pressRuns(rows, look, key);
        if (led.leave) return { chosen: { at: led.at } };
        return led.open === undefined ? { look: led.at } : { chosen: { at: led.at, open: led.open } };
      },
    );
    if (chosen.open === undefined) return;
    at = chosen.at;
    await open(chosen.open);
  }
}

async function open(run: string): Promise<void> {
  const { directory, replay } = openRun(run);
  if (isWorkedOn(directory)) await attachRun(run, {});
  else await showRun(replay.records);
}
