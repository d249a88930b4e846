/** Drives a program in a pseudo-terminal as a person does: what stands on its screen, and keys. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import xterm from '@xterm/headless';
import { type Cell, cellsOf, textOf } from './pty-cells.ts';
import { KEYS, keysOf } from './pty-keys.ts';
import { allRead, echoes, modesOf, openLine, resizeLine } from './pty-line.ts';
import { type Traces, tracesIn, watchModes } from './pty-traces.ts';

export { KEYS };

export interface PtyOptions {
  /** 120 x 35 unless said. */
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Over the environment of a plain colour terminal; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface PtyEnded {
  /** 128 and the signal's number when a signal killed it, as a shell says it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

export interface Pty {
  readonly pid: number;
  /** The rows of the screen, without the blanks at their ends. */
  screen(): string[];
  /** What has scrolled off, and the screen, up to the last row with text. The alternate screen has nothing that scrolled. */
  scrollback(): string[];
  cells(): readonly (readonly Cell[])[];
  /** Every character that the program has written, control sequences too. */
  written(): string;
  /** One write a key; each is read by the program before the next is typed. */
  type(keys: string): Promise<void>;
  /** Writes at once and waits for nothing: a paste, or a measurement. */
  send(text: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves to the screen once it shows the text or fits; rejects after so many seconds (30) or when the program ends. */
  until(what: string | RegExp | ((screen: string[]) => boolean), seconds?: number): Promise<string[]>;
  alternate(): boolean;
  cursorVisible(): boolean;
  /** Whether the terminal shows what is typed; after the program has ended, as it left it. */
  echo(): Promise<boolean>;
  /** What of the terminal is not as the program found it; [] when all is as before. Not after a hangup. */
  traces(): Promise<Traces>;
  kill(signal: NodeJS.Signals): void;
  /** The terminal goes away, as when its window is closed: the program gets SIGHUP, and nothing it writes is seen. */
  hangup(): void;
  /** Resolves once all that it wrote is on the screen. */
  readonly ended: Promise<PtyEnded>;
}

/** A terminal emulator must not hand its own descriptors on: the line would not hang up while the program holds its other end. */
const CLEAN =
  'for f in /proc/$$/fd/*; do n=${f##*/}; [ "$n" -le 2 ] || eval "exec $n>&-"; done; exec setsid -c "$@"';
const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGTERM: 15,
};
/** Ink takes a lone escape for the start of a sequence for 20 ms. */
const AFTER_ESCAPE_MS = 60;
/** What would make the program take this for no terminal, for another size, or for a test. */
const FOREIGN =
  /^(CI|COLORTERM|COLUMNS|FORCE_COLOR|INK_.*|LC_.*|LINES|NODE_ENV|NO_COLOR|STY|TEST|TMUX.*|VITEST.*)$/;

const running = new Set<{ end(): void }>();

/** Ends all that still runs in a terminal; for the end of a test file. */
export function endAll(): void {
  for (const one of running) one.end();
}

export function openPty(argv: readonly string[], options: PtyOptions = {}): Pty {
  const { columns = 120, rows = 35 } = options;
  const line = openLine(columns, rows);
  const before = modesOf(line);
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 20_000, allowProposedApi: true });
  const modes = watchModes(terminal);
  const child = spawn('bash', ['-c', CLEAN, 'pty', ...argv], {
    stdio: [line.slave, line.slave, line.slave],
    env: environment(options.env ?? {}),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const reader = new ReadStream(line.master);
  let written = '';
  let open = true;
  let over: PtyEnded | undefined;
  let after: { readonly modes: string; readonly echo: boolean } | undefined;
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const one of waiting) one();
  };

  reader.setEncoding('utf8');
  reader.on('data', (chunk: string) => {
    written += chunk;
    terminal.write(chunk, look);
  });
  // EIO is how a line says that nobody holds its other end any more.
  reader.on('error', () => reader.destroy());
  const drained = new Promise<void>((resolve) => reader.once('close', () => resolve()));
  // What a program asks its terminal is answered, as by any other.
  terminal.onData((answer) => {
    if (open) writeSync(line.master, answer);
  });

  const one = { end: () => hangup('SIGKILL') };
  running.add(one);
  const ended = exitOf(child).then(async (end) => {
    if (open) {
      await before;
      after = { modes: await modesOf(line), echo: await echoes(line) };
      close();
      await Promise.race([drained, sleep(2000)]);
      reader.destroy();
    }
    await new Promise<void>((resolve) => terminal.write('', resolve));
    running.delete(one);
    over = end;
    look();
    return end;
  });
  // Whoever does not wait for the end does not hear of a fault there; who does, hears it.
  ended.catch(() => undefined);

  function close(): void {
    open = false;
    closeSync(line.slave);
  }

  function hangup(signal?: NodeJS.Signals): void {
    if (open) {
      close();
      reader.destroy();
    }
    if (signal) child.kill(signal);
  }

  const top = (): number => terminal.buffer.active.baseY;
  const screen = (): string[] => textOf(terminal.buffer.active, top(), terminal.rows, terminal.cols);

  function until(what: string | RegExp | ((screen: string[]) => boolean), seconds = 30): Promise<string[]> {
    const fits = fitting(what);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(`${seconds} s passed`), seconds * 1000);
      const check = (): void => {
        const rows = screen();
        if (fits(rows)) {
          done();
          resolve(rows);
        } else if (over) fail(`the program ended with code ${over.code}`);
      };
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(check);
      };
      const fail = (why: string): void => {
        done();
        reject(
          new Error(`${why} without ${typeof what === 'function' ? what : `showing ${what}`}\n${shown()}`),
        );
      };
      waiting.add(check);
      check();
    });
  }

  /** The screen in a frame, for a message. */
  function shown(): string {
    const edge = '-'.repeat(terminal.cols);
    const kind = terminal.buffer.active.type;
    return [
      `+${edge}+ ${terminal.cols}x${terminal.rows}, ${kind} screen`,
      ...screen().map((row) => `|${row.padEnd(terminal.cols)}|`),
      `+${edge}+`,
    ].join('\n');
  }

  return {
    pid: child.pid ?? -1,
    screen,
    scrollback() {
      const { active } = terminal.buffer;
      return textOf(active, 0, active.length, terminal.cols).join('\n').trimEnd().split('\n');
    },
    cells: () => cellsOf(terminal.buffer.active, top(), terminal.rows, terminal.cols),
    written: () => written,
    async type(keys) {
      for (const key of keysOf(keys)) {
        if (!open) throw new Error(`nobody is there to read ${JSON.stringify(key)}\n${shown()}`);
        writeSync(line.master, key);
        if (!(await allRead(line, 20))) throw new Error(`${JSON.stringify(key)} is not read\n${shown()}`);
        if (key === KEYS.escape) await sleep(AFTER_ESCAPE_MS);
      }
    },
    send: (text) => void writeSync(line.master, text),
    resize(to, high) {
      terminal.resize(to, high);
      resizeLine(line, to, high);
    },
    until,
    alternate: () => terminal.buffer.active.type === 'alternate',
    cursorVisible: modes.cursorVisible,
    echo: async () => (after ? after.echo : echoes(line)),
    async traces() {
      const now = after ? after.modes : await modesOf(line);
      return tracesIn(
        terminal,
        modes,
        written,
        (await before) === now ? undefined : `${await before} → ${now}`,
      );
    },
    kill: (signal) => void child.kill(signal),
    hangup: () => hangup(),
    ended,
  };
}

function environment(over: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { ...Object.fromEntries(own), LANG: 'C.UTF-8', TERM: 'xterm-256color', ...over };
}

function exitOf(child: ChildProcess): Promise<PtyEnded> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? 128 + (NUMBERS[signal ?? ''] ?? 0), signal: signal ?? undefined }),
    );
  });
}

function fitting(what: string | RegExp | ((screen: string[]) => boolean)): (screen: string[]) => boolean {
  if (typeof what === 'function') return what;
  if (typeof what === 'string') return (screen) => screen.join('\n').includes(what);
  return (screen) => what.test(screen.join('\n'));
}
