/** File systems for a controller's state: a tmpfs of 1 MiB, and one that turns read-only under what is open. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A tmpfs of 1 MiB, taken away at the end of the test. */
export function smallDisk(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', directory]);
  onTestFinished(() => {
    execFileSync('umount', [directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

/** Takes all there is, in smaller and smaller pieces; the path of what takes it. */
export function fill(disk: string): string {
  const path = join(disk, 'ballast');
  for (let size = 1 << 20; size >= 4096; size /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // As full as it gets in pieces of that size.
    }
  }
  return path;
}

export interface FragileDisk {
  readonly directory: string;
  /** As a disk error does it: from now on nothing can be written, whatever is open. */
  readonly breaks: () => void;
  /** Checked and mounted again, as an operator would. */
  readonly mends: () => void;
}

/** An ext4 that goes read-only at an error (EROFS), taken away at the end of the test. */
export function fragileDisk(): FragileDisk {
  const parent = mkdtempSync(join(tmpdir(), 'lockstep-read-only-'));
  let image = join(parent, 'image');
  const directory = join(parent, 'disk');
  mkdirSync(directory);
  execFileSync('truncate', ['-s', '4M', image]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', image]);
  const mount = (): void => void execFileSync('mount', ['-o', 'loop,errors=remount-ro', image, directory]);
  mount();
  onTestFinished(() => {
    execFileSync('umount', [directory]);
    rmSync(parent, { recursive: true });
  });
  return {
    directory,
    breaks() {
      const device = execFileSync('findmnt', ['-no', 'SOURCE', directory], { encoding: 'utf8' }).trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, 'a test');
    },
    mends() {
      execFileSync('umount', [directory]);
      // From a copy, as from a new disk: a mount namespace made meanwhile may keep the broken file system alive.
      const copy = `${image}-mended`;
      copyFileSync(image, copy);
      image = copy;
      // 1: it found errors and corrected them.
      execFileSync('sh', ['-c', 'e2fsck -fy "$1" >&2 || [ $? = 1 ]', 'sh', image], { stdio: 'pipe' });
      mount();
    },
  };
}
