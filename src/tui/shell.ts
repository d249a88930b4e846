/** The Ink side of the terminal UI: draws frames, hands on keys, gives the terminal back. It decides nothing. */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { Box, type Key, render, Text, useApp, useInput, useWindowSize } from 'ink';
import { createElement, memo, type ReactElement, useSyncExternalStore } from 'react';
import { paintRow } from './paint.ts';
import type { Frame, Size } from './screen.ts';

/** What comes by itself is drawn at most this often, in ms; a key at once. */
const FRAME_MS = 200;

export interface Pictures {
  subscribe(listener: () => void): () => void;
  /** A value that is another one whenever the picture may be another one. */
  getSnapshot(): unknown;
  draw(size: Size): Frame;
  /** `up`, `enter`, `ctrl-c`, …, or a character. */
  press(key: string): void;
  /** For a screen reader: what has come between two snapshots, a sentence a line. */
  words(before: unknown, now: unknown): readonly string[];
}

export interface ShellPorts {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly colour: boolean;
  /** The screen itself went wrong; the terminal is as it was. */
  readonly crashed: (error: unknown) => void;
}

export interface Shell {
  /** Hands the terminal over, and draws again afterwards. */
  suspend(use: () => Promise<void>): Promise<void>;
  /** Back to the screen that was there before. */
  close(): Promise<void>;
  /** The same at once, for a process that ends. */
  giveBack(): void;
}

/** Opens the alternate screen. It is closed on every way out of the process, a crash and `process.exit` included. */
export function openShell(pictures: Pictures, ports: ShellPorts): Shell {
  staySmall();
  const slowed = atMostEvery(FRAME_MS, pictures);
  let suspend: Shell['suspend'] = (use) => use();
  const restore = (): void => giveBack(ports);
  process.on('exit', restore);
  const app = render(
    createElement(Screen, {
      pictures: slowed,
      colour: ports.colour,
      stdin: ports.stdin,
      offer: (offered) => {
        suspend = offered;
      },
    }),
    {
      stdin: ports.stdin,
      stdout: ports.stdout,
      alternateScreen: true,
      exitOnCtrlC: false,
      patchConsole: false,
      incrementalRendering: true,
      maxFps: 30,
      interactive: true,
    },
  );
  let open = true;
  app.waitUntilExit().catch((error: unknown) => {
    open = false;
    process.off('exit', restore);
    restore();
    ports.crashed(error);
  });
  return {
    suspend: (use) => suspend(use),
    async close() {
      if (!open) return;
      open = false;
      app.unmount();
      await app.waitUntilExit().catch(() => undefined);
      slowed.stop();
      process.off('exit', restore);
      restore();
    },
    giveBack: restore,
  };
}

/**
 * A screen is open for hours, and what is printed meanwhile is garbage at once: V8 is told to collect instead of growing. With 1,000
 * lines a second, and the small nursery that ./lockstep asks for, 129 MB are resident in the place of 185.
 */
function staySmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

/** The screen before, a cursor, and an echo: written at once, since a process that ends waits for nothing. */
function giveBack({ stdin, stdout }: ShellPorts): void {
  try {
    if (stdin.isTTY) stdin.setRawMode(false);
    writeSync(fdOf(stdout), '\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[0m');
  } catch {
    // The terminal is gone: there is nothing left to put back.
  }
}

/** tty.WriteStream has one; the type does not say so. */
function fdOf(stdout: NodeJS.WriteStream): number {
  return 'fd' in stdout && typeof stdout.fd === 'number' ? stdout.fd : 1;
}

/**
 * Ink takes its listener away and leaves the read of the terminal open. It would take keys from the one who has the terminal now; and
 * behind a shell with jobs of its own, a read from the background ends the stream, or stops the process.
 */
async function stopReading(stdin: NodeJS.ReadStream): Promise<void> {
  // The stream learns of its listeners in a turn of its own, stops in another, and only if it was flowing.
  await setImmediate();
  stdin.resume();
  stdin.pause();
  await setImmediate();
}

interface ScreenProps {
  readonly stdin: NodeJS.ReadStream;
  readonly pictures: Pictures;
  readonly colour: boolean;
  readonly offer: (suspend: Shell['suspend']) => void;
}

function Screen({ pictures, colour, stdin, offer }: ScreenProps): ReactElement {
  const { columns, rows } = useWindowSize();
  useSyncExternalStore(pictures.subscribe, pictures.getSnapshot);
  const { suspendTerminal } = useApp();
  offer(async (use) => {
    await suspendTerminal(async () => {
      await stopReading(stdin);
      await use();
    });
  });
  useInput((input, key) => {
    for (const name of namesOf(input, key)) pictures.press(name);
  });
  if (process.env['LOCKSTEP_CRASH_SCREEN']) throw new Error('LOCKSTEP_CRASH_SCREEN is set');
  const frame = pictures.draw({ columns, rows });
  return createElement(
    Box,
    { flexDirection: 'column' },
    frame.map((row, index) => line(index, paintRow(row, colour))),
  );
}

function line(index: number, text: string): ReactElement {
  return createElement(Line, { key: index, text });
}

/** One Text a row: Ink measures few nodes, and a row that is the same is not measured again. */
const Line = memo(function Line({ text }: { readonly text: string }): ReactElement {
  return createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text);
});

const NAMED: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/** Names of the keys in one piece of input: several characters that came together are several keys. */
function namesOf(input: string, key: Key): readonly string[] {
  if (key.ctrl) return [`ctrl-${input.toLowerCase()}`];
  const named = NAMED.find(([flag]) => key[flag] === true);
  if (named) return [named[1]];
  return [...input].map((char) => (char === '\r' || char === '\n' ? 'enter' : char));
}

/** Tells its listeners at most once in so many ms, the last time included. */
function atMostEvery(ms: number, pictures: Pictures): Pictures & { stop(): void } {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const tell = (): void => {
    timer = undefined;
    last = performance.now();
    for (const listener of listeners) listener();
  };
  const stop = pictures.subscribe(() => {
    timer ??= setTimeout(tell, Math.max(0, ms - (performance.now() - last)));
  });
  return {
    ...pictures,
    press(key) {
      pictures.press(key);
      clearTimeout(timer);
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      stop();
      clearTimeout(timer);
    },
  };
}
