/** One life of `./lockstep`: what it tells, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const program = join(import.meta.dirname, '..', '..', 'lockstep');

export interface Ended {
  /** As a shell says it: 128 and the signal's number when it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNAL_CODES: Readonly<Record<string, number>> = {
  SIGKILL: 137,
  SIGTERM: 143,
  SIGHUP: 129,
  SIGINT: 130,
};

/** Those that still run, so that nothing is left behind when the torture itself is interrupted. */
const living = new Set<ChildProcess>();

/** What a terminal's cursor and colours are moved with. */
const CONTROL = /\u001b\[[0-9;?]*[A-Za-z]/g;

let interrupted = false;

export class Controller {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #lines = 0;
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>, typed = false) {
    if (interrupted) throw new Interrupted('interrupted');
    const [file, ...words] = argv;
    this.#child = spawn(file, words, {
      stdio: [typed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, LANG: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '1', ...env },
    });
    living.add(this.#child);
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#lines += text.split('\n').length - 1;
      this.#wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#over = true;
        living.delete(this.#child);
        this.#wake();
        const number = code ?? SIGNAL_CODES[signal ?? ''] ?? 128;
        resolve({ code: number, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves to true once it has told so many records, to false when it ends before. */
  async hasTold(records: number): Promise<boolean> {
    while (this.#lines < records && !this.#over) await this.#news();
    return this.#lines >= records;
  }

  /** Resolves to what it says from `from` on, once that fits; to undefined when it ends before. */
  async says(fits: RegExp, from: number): Promise<RegExpExecArray | undefined> {
    for (;;) {
      const found = fits.exec(this.#stdout.slice(from).replaceAll(CONTROL, ''));
      if (found) return found;
      if (this.#over) return undefined;
      await this.#news();
    }
  }

  get said(): string {
    return this.#stdout;
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Whether the signal found it alive. */
  signal(name: NodeJS.Signals): boolean {
    return !this.#over && this.#child.kill(name);
  }

  /** Whether it stands still after SIGSTOP; false when it was quicker and is gone. */
  async stands(): Promise<boolean> {
    for (;;) {
      const state = stateOf(this.#child.pid ?? 0);
      if (state === undefined || state === 'Z' || state === 'X') return false;
      if (state === 'T' || state === 't') return true;
      await sleep(2);
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Runs lockstep to its end. */
export function call(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Controller([program, ...words], env).ended;
}

/** At a terminal of its own; script(1) passes on the exit code. */
export function atTerminal(words: readonly string[], env: Readonly<Record<string, string>>): Controller {
  const quoted = [program, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const line = `stty cols 200 rows 50; LOCKSTEP_SCREEN=off exec ${quoted.join(' ')}`;
  return new Controller(['script', '-qfec', line, '/dev/null'], env, true);
}

/** The torture itself was stopped. */
export class Interrupted extends Error {}

/** Ends what is under way, and starts nothing more. */
export function killAll(): void {
  interrupted = true;
  for (const child of living) child.kill('SIGKILL');
}

/** The state letter of proc_pid_stat(5); undefined when the process is gone. */
function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return undefined;
  }
}
