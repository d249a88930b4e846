import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Controller, fateOf, thisController } from './controller.ts';
import { guard, toJournalError } from './journal-error.ts';

/** Another lockstep is writing this journal. */
export class RunIsBusy extends Error {
  override readonly name = 'RunIsBusy';
}

/**
 * Takes the run for this process. One that died (kill -9, power) does not hold it. Returns the release. Throws RunIsBusy, or
 * JournalError when the lock cannot be written.
 */
export function lockRun(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${process.pid}`);
  try {
    guard(mine, () => writeFileSync(mine, JSON.stringify(thisController()), { mode: 0o600 }));
    for (let tries = 0; tries < 3; tries++) {
      try {
        linkSync(mine, path);
        return () => drop(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw toJournalError(path, error);
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
    drop(mine);
  }
}

/** Whether a process works on this run. One of another machine or container counts: nothing proves that it is dead. */
export function isWorkedOn(directory: string): boolean {
  const holder = readHolder(join(directory, 'lock'));
  return holder !== undefined && fateOf(holder) !== 'gone';
}

/** Where it cannot be removed (a disk turned read-only) it stays: the lock of a process that has ended holds nobody. */
function drop(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What made it so is told already, by what could not be written.
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
  drop(aside);
}

function readHolder(path: string): Controller | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Controller;
  } catch {
    return undefined;
  }
}
