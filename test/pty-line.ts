/** The kernel's side of a pseudo-terminal: opening one, its size, its modes, and what is typed but not yet read. */
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const call = promisify(execFile);
/**
 * node-pty's own `spawn` lets go of the terminal as soon as its program ends, and what the program has left behind in it is
 * what we want to see. So only these calls of its native part are used; its version is pinned.
 */
interface Native {
  open(
    columns: number,
    rows: number,
  ): { readonly master: number; readonly slave: number; readonly pty: string };
  resize(master: number, columns: number, rows: number): void;
}

/** It is optional: where nothing can be compiled, `npm ci` goes on without it. */
function native(): Native {
  try {
    return (createRequire(import.meta.url)('node-pty') as { readonly native: Native }).native;
  } catch (cause) {
    throw new Error(
      'node-pty is not built: it needs python3, make, g++ and the headers of Node (npm config set nodedir /usr where they are in /usr/include/node); then npm ci again',
      { cause },
    );
  }
}

export interface Line {
  readonly master: number;
  /** Kept open by us, so that its modes outlive the program. */
  readonly slave: number;
  /** `/dev/pts/N` */
  readonly path: string;
}

export function openLine(columns: number, rows: number): Line {
  const { master, slave, pty } = native().open(columns, rows);
  // That one does not block, which a program that is no Node takes for a fault.
  const blocking = openSync(pty, constants.O_RDWR | constants.O_NOCTTY);
  closeSync(slave);
  return { master, slave: blocking, path: pty };
}

export function resizeLine({ master }: Line, columns: number, rows: number): void {
  native().resize(master, columns, rows);
}

/** Modes of the line as `stty -g` prints them: the same text, the same modes. */
export async function modesOf({ path }: Line): Promise<string> {
  return (await call('stty', ['-F', path, '-g'])).stdout.trim();
}

export async function echoes({ path }: Line): Promise<boolean> {
  return /(^|\s)echo(\s|;|$)/m.test((await call('stty', ['-F', path, '-a'])).stdout);
}

/** Polls until nothing that was typed waits to be read any more. Exits 3 where the line is gone, 1 after some seconds. */
const ALL_READ = `
  sysopen(my $line, $ARGV[0], O_RDWR | O_NOCTTY | O_NONBLOCK) or exit 3;
  my ($end, $all) = (time + $ARGV[1], "");
  vec($all, fileno $line, 1) = 1;
  while (select(my $some = $all, undef, undef, 0) > 0) { exit 1 if time > $end; select undef, undef, undef, 0.002 }
`;

/** Whether the program has read all that was typed within so many seconds; a line that is gone has nothing to read. */
export async function allRead({ path }: Line, seconds: number): Promise<boolean> {
  try {
    await call('perl', ['-MFcntl', '-e', ALL_READ, path, String(seconds)]);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return false;
    if ((error as { code?: unknown }).code === 3) return true;
    throw error;
  }
}
