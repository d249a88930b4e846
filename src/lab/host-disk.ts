import { mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { hostDir } from './lab-paths.ts';
import { runProgram } from './run-program.ts';

/** What a host's disk holds at most. The file behind it is sparse: it takes of the machine what the host has written. */
const sizeBytes = 8 * 1024 ** 3;

/**
 * Neither journal nor reserved blocks: a disk lives as long as its lab, and root gets ENOSPC with everybody else. The
 * inode tables are left to be zeroed never (`noinit_itable`), or the kernel would write 64 MB a host in the background.
 */
const format = ['-q', '-F', '-m', '0', '-N', '262144', '-O', '^has_journal,^resize_inode'];
const mountOptions = 'loop,noatime,noinit_itable,discard';

/** Where a host's own disk is mounted on the machine; the host's root has its upper layer there. */
function diskDir(lab: string, host: string): string {
  return `${hostDir(lab, host)}/disk`;
}

function ballastFile(lab: string, host: string): string {
  return `${diskDir(lab, host)}/ballast`;
}

/**
 * Gives a host a bounded disk: ext4 in a sparse file. The loop device is bound to the mount (autoclear), so whatever
 * unmounts the disk frees the device too. Resolves to where it is mounted.
 */
export async function makeDisk(lab: string, host: string): Promise<string> {
  const image = `${hostDir(lab, host)}/disk.img`;
  const directory = diskDir(lab, host);
  await writeFile(image, '', { mode: 0o600 });
  await truncate(image, sizeBytes);
  await runProgram(['mkfs.ext4', ...format, '-E', 'lazy_itable_init=1,nodiscard', image], {
    about: `${host}: making its disk`,
  });
  await mkdir(directory);
  await runProgram(['mount', '-o', mountOptions, image, directory], { about: `${host}: mounting its disk` });
  return directory;
}

/**
 * Takes every free block of a host's disk, by a file outside the host's root. Blocks are set aside and not written
 * (fallocate(2)), so that the machine's own disk hardly notices. Again, it takes what became free since.
 */
export async function fillDisk(lab: string, host: string): Promise<void> {
  await runProgram(['sh', '-c', fillScript, 'sh', ballastFile(lab, host)], {
    about: `${host}: filling its disk`,
  });
}

// In ever smaller pieces, to the last block of 4 KiB; a piece that does not fit leaves the file as it was, or longer by
// a part of it.
const fillScript = `
set -eu
touch "$1"
piece=1073741824
while [ "$piece" -ge 4096 ]; do
  while fallocate --length "$piece" --offset "$(stat -c %s "$1")" "$1" 2>/dev/null; do :; done
  piece=$((piece / 4))
done
`;

/** Gives the ballast back. Harmless when there is none. */
export async function freeDisk(lab: string, host: string): Promise<void> {
  await rm(ballastFile(lab, host), { force: true });
}

/** Whether `fillDisk` was called and `freeDisk` was not. */
export async function diskState(lab: string, host: string): Promise<'free' | 'full'> {
  return stat(ballastFile(lab, host)).then(
    () => 'full',
    () => 'free',
  );
}
