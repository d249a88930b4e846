import {
  closeSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type JunitReporter, junitReporter } from '../reporters/junit-reporter.ts';
import { tame } from '../reporters/style.ts';
import { EXIT, exitCodeOf, Stop } from './exit-code.ts';
import { messageOf } from './message-of.ts';

/** The reporter that `--junit` asks for; it writes its file at the end, also when that comes by a second signal or a fault. */
export function openJunit(path: string | undefined): JunitReporter | undefined {
  if (path === undefined) return undefined;
  const { write } = junitFile(path);
  const reporter = junitReporter({ exitCode: exitCodeOf, write });
  process.once('exit', (code) => reporter.exits(code));
  return reporter;
}

/**
 * Where `--junit` is to go: proven to be writable before anything is contacted, and without the report of an earlier run, so that none
 * can be taken for this one's. Throws Stop.
 */
export function junitFile(path: string): { write(xml: string): void } {
  const file = placeOf(path);
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    closeSync(openSync(draft, 'w'));
    rmSync(draft);
    rmSync(file, { force: true });
  } catch (error) {
    throw refusal(path, `it cannot be written: ${messageOf(error)}`);
  }
  return {
    /** Whole or not at all. What goes wrong is told, and changes nothing of how the run came out. */
    write(xml) {
      try {
        writeFileSync(draft, xml);
        renameSync(draft, file);
      } catch (error) {
        rmSync(draft, { force: true });
        process.stderr.write(`lockstep: --junit ${tame(path)}: not written: ${messageOf(error)}\n`);
      }
    },
  };
}

/** The file itself, past symbolic links. Nothing but a report is replaced: no device, no runbook by mistake. */
function placeOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return resolve(path);
  if (!stat.isFile()) throw refusal(path, 'it is not a file');
  try {
    if (stat.size > 0 && !startOf(path).startsWith('<?xml'))
      throw refusal(path, 'it is there already, and is no XML');
    return realpathSync(path);
  } catch (error) {
    throw error instanceof Stop ? error : refusal(path, messageOf(error));
  }
}

function startOf(path: string): string {
  const handle = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(5);
    readSync(handle, bytes);
    return bytes.toString('latin1');
  } finally {
    closeSync(handle);
  }
}

function refusal(path: string, why: string): Stop {
  return new Stop(
    EXIT.usage,
    `--junit ${path}: ${why}`,
    'name a file in a folder that is there and may be written to',
  );
}
