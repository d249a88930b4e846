import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';

/** Makes a file whole (mode 0600) or not at all, and never in place of another: link(2) refuses a name that is taken. Throws what the system says. */
export function writeNewFile(path: string, text: string): void {
  const mine = `${path}.${process.pid}.part`;
  const file = openSync(mine, 'wx', 0o600);
  try {
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
}
