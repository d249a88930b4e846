import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Disk {
  readonly path: string;
  /** What it is, for the report. */
  readonly about: string;
  close(): void;
}

/**
 * A fresh ext4 in a file below `directory`: the disk of the "hosts". On a file system where many files were deleted in the
 * last minutes, ext4 looks at each of their inodes before it gives out a new one (recently_deleted, fs/ext4/ialloc.c),
 * and a benchmark would measure what ran before it. Where nothing can be mounted, a plain folder.
 */
export function freshDisk(directory: string): Disk {
  const image = join(directory, 'disk.img');
  const path = join(directory, 'home');
  mkdirSync(path);
  const make = ['-q', '-i', '8192', '-E', 'lazy_itable_init=0,lazy_journal_init=0'];
  const mounted =
    works('truncate', '--size', '1G', image) &&
    works('mkfs.ext4', ...make, image) &&
    works('mount', '-o', 'loop', image, path);
  if (!mounted) rmSync(image, { force: true });
  return {
    path,
    about: mounted ? 'a fresh ext4 in a file' : 'a folder of this disk (nothing could be mounted)',
    close: () => unmount(path),
  };
}

/** Nothing happens when nothing is mounted there. Lazily where a process still stands in it. */
export function unmount(path: string): void {
  if (works('mountpoint', '--quiet', path) && !works('umount', path)) works('umount', '--lazy', path);
}

function works(program: string, ...words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0;
}
