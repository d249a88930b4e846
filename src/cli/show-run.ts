import type { Stamped } from '../engine/event.ts';
import { openViewer } from './view-run.ts';

/** A run that is over or held, on the screen, until the person leaves. */
export async function showRun(records: readonly Stamped[]): Promise<void> {
  const viewer = openViewer();
  try {
    viewer.told(records);
    await viewer.left;
  } finally {
    await viewer.close();
  }
}
