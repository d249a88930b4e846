import { readFile } from 'node:fs/promises';
import { LabError } from './lab-error.ts';
import { runProgram } from './run-program.ts';

/** Mount points at or below `directory`, from /proc/self/mountinfo, in the order in which they can be unmounted. */
export function mountsBelow(mountinfo: string, directory: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) =>
        String.fromCharCode(parseInt(code, 8)),
      ),
    )
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts all at or below `directory`. What is still busy is detached; the kernel lets go of it with its last user. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const point of await current(directory)) {
    const plain = await runProgram(['umount', point], { anyCode: true });
    if (plain.code !== 0) await runProgram(['umount', '--lazy', point], { anyCode: true });
  }
  const left = await current(directory);
  if (left.length > 0) {
    throw new LabError(
      `${left.join(', ')}: could not be unmounted, so nothing there was deleted; see \`findmnt\``,
    );
  }
}

async function current(directory: string): Promise<readonly string[]> {
  return mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), directory);
}
