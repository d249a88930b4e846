import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDisk } from './host-disk.ts';
import { type HostFile, logins } from './host-files.ts';
import { hostDir, hostRoot } from './lab-paths.ts';
import { runProgram } from './run-program.ts';

/**
 * Lays an empty upper layer, on a disk of the host's own, over the image and mounts it. `volatile`: nothing must survive a
 * crash of the machine. `xino`: with layers on two file systems, files would else have other device numbers than their
 * directories, and other inode numbers once they are written to.
 */
export async function mountRoot(lab: string, host: string, image: string): Promise<string> {
  const directory = hostDir(lab, host);
  const root = hostRoot(lab, host);
  await mkdir(directory, { mode: 0o700 });
  const disk = await makeDisk(lab, host);
  for (const part of [`${disk}/upper`, `${disk}/work`, root]) {
    await mkdir(part);
    // The upper layer's own mode becomes the mode of the host's `/`, whatever our umask.
    await chmod(part, 0o755);
  }
  const layers = `lowerdir=${image}/root,upperdir=${disk}/upper,workdir=${disk}/work,volatile,xino=on`;
  await runProgram(['mount', '-t', 'overlay', '-o', layers, `lockstep-${lab}-${host}`, root], {
    about: `${host}: mounting its overlay`,
  });
  return root;
}

// The paths reach sh as arguments, never as text of the script. Without pipefail the first tar's failure would be lost.
const copyScript = `
{ tar -c -C "$1" --numeric-owner . || echo failed >&3; } |
  tar -x -C "$2" --numeric-owner -p --no-overwrite-dir --keep-directory-symlink
`;

/**
 * Copies a folder over a host's root. Files keep mode and owner; directories that are there keep theirs and links to
 * directories (/bin) are followed, so that a folder made under a strict umask cannot lock a host up.
 */
export async function layOver(root: string, folder: string): Promise<void> {
  const script = `failed=$( { ${copyScript} } 3>&1 >/dev/null ) && [ -z "$failed" ]`;
  await runProgram(['sh', '-c', script, 'sh', folder, root], { about: `overlay ${folder}` });
}

/** Writes a host's own files, sets passwords (by stdin), and gives homes to their owners. */
export async function writeHostFiles(
  root: string,
  files: readonly HostFile[],
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  for (const file of files) {
    const path = `${root}${file.path}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, file.text);
    await chmod(path, file.mode);
  }
  const lines = Object.entries(passwords).map(([user, password]) => `${user}:${password}\n`);
  await runProgram(['chroot', root, 'chpasswd'], { stdin: lines.join('') });
  for (const [user, home] of logins) {
    await runProgram(['chroot', root, 'chown', '-R', `${user}:`, `${home}/.ssh`]);
  }
}
