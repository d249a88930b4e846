/** Runs the real `./lockstep` as an operator would: by a pipe, with its input closed, or at a terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { buildIfStale, program } from './program.ts';

export { program };

export interface Ended {
  /** 128 and the signal's number when it was killed, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  readonly stdout: () => string;
  /** Resolves to what it wrote on stdout up to then; rejects if it ends first or 60 s pass. */
  readonly says: (text: string | RegExp) => Promise<string>;
  /** Resolves at the first event that fits; it must run with `--ndjson`. */
  readonly reports: (fits: (event: Event) => boolean) => Promise<Event>;
  /** Resolves when it has told so many events. */
  readonly tells: (count: number) => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly type: (keys: string) => void;
  /** Nothing more will be typed. */
  readonly endInput: () => void;
}

interface Options {
  /** What it reads: nothing at all (the default), a closed input, or a pipe that stays open and silent. */
  readonly stdin?: 'null' | 'closed' | 'pipe';
  /** Starts it in a session of its own, without a controlling terminal. */
  readonly setsid?: boolean;
  /** At a terminal: where its stdout goes instead. */
  readonly into?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Makes `dist` anew if a source is younger than it, and gives a test file a state directory of its own. */
export function lockstepFor(): {
  readonly state: string;
  start(words: readonly string[], options?: Options): Running;
  run(words: readonly string[], options?: Options): Promise<Ended>;
  atTerminal(words: readonly string[], options?: Options): Running;
} {
  const state = mkdtempSync(join(tmpdir(), 'lockstep-e2e-'));
  const running = new Set<ChildProcess>();
  beforeAll(buildIfStale);
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(state, { recursive: true, force: true });
  });

  function launch(argv: readonly string[], options: Options): Running {
    const [file = '', ...rest] = argv;
    const child = spawn(file, rest, {
      stdio: [options.stdin === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        LANG: 'C.UTF-8',
        TERM: 'xterm',
        NO_COLOR: '1',
        LOCKSTEP_STATE: state,
        ...options.env,
      },
    });
    running.add(child);
    void new Promise((resolve) => child.once('close', resolve)).then(() => running.delete(child));
    return follow(child);
  }

  const start = (words: readonly string[], options: Options = {}): Running => {
    const session = options.setsid ? ['setsid', '--wait'] : [];
    return options.stdin === 'closed'
      ? launch([...session, 'sh', '-c', 'exec "$0" "$@" <&-', program, ...words], options)
      : launch([...session, program, ...words], options);
  };
  return {
    state,
    start,
    run: (words, options) => start(words, options).ended,
    // script(1) gives it a terminal of its own and passes on its exit code; what is typed comes from our pipe.
    atTerminal(words, options = {}) {
      const into = options.into === undefined ? '' : `>${quote(options.into)}`;
      const line = ['stty cols 120 rows 35; exec', ...[program, ...words].map(quote), into].join(' ');
      // On lines: the screens of the terminal UI are driven by test/pty.ts.
      const env = { LOCKSTEP_SCREEN: 'off', ...options.env };
      return launch(['script', '-qfec', line, '/dev/null'], { ...options, env, stdin: 'pipe' });
    },
  };
}

/** Events of an `--ndjson` output or a journal; throws if a line is not JSON. */
export function eventsOf(ndjson: string): readonly Event[] {
  const lines = ndjson
    .slice(0, ndjson.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { event: Event }).event);
}

/** Task → its outcome, as the last word about it. */
export function outcomes(ndjson: string): Readonly<Record<string, string>> {
  const ended = eventsOf(ndjson).flatMap((event) => (event.type === 'task.ended' ? [event] : []));
  return Object.fromEntries(ended.map(({ task, outcome }) => [task, outcome]));
}

function follow(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  let done = false;
  let more = Promise.withResolvers<void>();
  const wake = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      done = true;
      wake();
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 128), stdout, stderr });
    });
  });

  /** Looks at once when something has been written: who kills at an event has little time. */
  async function until<T>(what: string, look: () => T | undefined): Promise<T> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const last = done;
      const arrived = more.promise;
      const found = look();
      if (found !== undefined) return found;
      if (last || performance.now() > deadline)
        throw new Error(
          `${last ? 'it ended' : '60 s passed'} without ${what}\n${stdout.slice(-3000)}\n${stderr}`,
        );
      await Promise.race([arrived, sleep(1000)]);
    }
  }

  /** The first of its events that fits; each is read once. */
  function reports(fits: (event: Event) => boolean): Promise<Event> {
    let read = 0;
    return until('the event', () => {
      const [from, to] = [read, stdout.lastIndexOf('\n') + 1];
      read = to;
      return eventsOf(stdout.slice(from, to)).find(fits);
    });
  }

  return {
    pid: child.pid ?? -1,
    ended,
    stdout: () => stdout,
    says: (text) => {
      const fits = (): boolean => (typeof text === 'string' ? stdout.includes(text) : text.test(stdout));
      return until(`saying ${text}`, () => (fits() ? stdout : undefined));
    },
    reports,
    tells: async (count) => {
      await until(`${count} events`, () => (stdout.split('\n').length > count ? true : undefined));
    },
    kill: (signal) => void child.kill(signal),
    type: (keys) => void child.stdin?.write(keys),
    endInput: () => void child.stdin?.end(),
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
