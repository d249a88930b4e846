import { rm } from 'node:fs/promises';
import { dissolveLab } from './cgroup.ts';
import { labDir, labLock } from './lab-paths.ts';
import { labNames } from './lab-record.ts';
import { unmountBelow } from './mounts.ts';
import { closeSwitch } from './network.ts';
import type { Progress } from './progress.ts';
import { withLock } from './with-lock.ts';

/** Removes a lab, whole or half-built, running or left by a crash. Resolves to whether there was anything. */
export async function down(name: string, progress: Progress): Promise<boolean> {
  const wait = () => progress.phase(`lab ${name}: waiting for another lockstep to let go of it`);
  return withLock(labLock(name), wait, async () => {
    const there = (await labNames()).includes(name);
    if (there) progress.phase(`lab ${name}: removing it`);
    await tearDown(name);
    return there;
  });
}

/** The caller holds the lab's lock. Needs no record: all that a lab takes is named after it. */
export async function tearDown(name: string): Promise<void> {
  const directory = labDir(name);
  await dissolveLab(name);
  await closeSwitch(name);
  await unmountBelow(directory);
  await rm(directory, { recursive: true, force: true });
}
