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

/** Another lockstep is writing this journal. */
export class RunIsBusy extends Error {
  override readonly name = 'RunIsBusy';
}

interface Holder {
  readonly pid: number;
  /** Start time in clock ticks after boot (field 22 of /proc/PID/stat), so that a reused pid is not taken for it. */
  readonly started: string;
  readonly boot: string;
}

/** Takes the run for this process. One that died (kill -9, power) does not hold it. Returns the release. */
export function lockRun(directory: string): () => void {
  const path = join(directory, 'lock');
  const mine = join(directory, `lock.${process.pid}`);
  const fd = openSync(mine, 'w', 0o600);
  writeSync(fd, JSON.stringify(self()));
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
      if (holder && isAlive(holder))
        throw new RunIsBusy(`process ${holder.pid} is working on this run; wait for it, or end it`);
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
  if (holder && isAlive(holder)) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function self(): Holder {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId() };
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started, boot }: Holder): boolean {
  return boot === bootId() && startOf(pid) === started;
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
