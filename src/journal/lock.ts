import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Controller, fateOf, thisController } from './controller.ts';

/** Another lockstep is writing this journal. */
export class RunIsBusy extends Error {
  override readonly name = 'RunIsBusy';
}

/** Takes the run for this process. One that died (kill -9, power) does not hold it. Returns the release. */
export function lockRun(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${process.pid}`);
  const fd = openSync(mine, 'w', 0o600);
  writeSync(fd, JSON.stringify(thisController()));
  closeSync(fd);
  try {
    for (let tries = 0; tries < 3; tries++) {
      try {
        linkSync(mine, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder && fateOf(holder) === 'alive')
        throw new RunIsBusy(`process ${holder.pid} is working on this run; wait for it, or end it`);
      if (holder && fateOf(holder) === 'unknown')
        throw new RunIsBusy(
          `process ${holder.pid} of another machine or container took this run; if it is gone, remove ${path}`,
        );
      takeAway(path);
    }
    throw new RunIsBusy('another process keeps taking this run');
  } finally {
    unlinkSync(mine);
  }
}

/** Removes a dead holder's lock, and puts it back if in between a living one has taken its name. */
function takeAway(path: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  if (holder && fateOf(holder) !== 'gone') linkSync(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): Controller | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Controller;
  } catch {
    return undefined;
  }
}
