/** What a program leaves behind in its terminal. */
import type { Terminal } from '@xterm/headless';

/** Each names one thing that is not as before. */
export type Traces = readonly string[];

export interface Modes {
  cursorVisible(): boolean;
}

/** Follows what the emulator itself does not tell. */
export function watchModes(terminal: Terminal): Modes {
  let cursor = true;
  const DECTCEM = 25;
  const set = (visible: boolean) => (params: (number | number[])[]) => {
    if (params.includes(DECTCEM)) cursor = visible;
    // The emulator acts on it as well.
    return false;
  };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false));
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    cursor = true;
    return false;
  });
  return { cursorVisible: () => cursor };
}

/** `line` says how the modes of the line differ, where they do. */
export async function tracesIn(
  terminal: Terminal,
  modes: Modes,
  written: string,
  line: string | undefined,
): Promise<Traces> {
  const { bracketedPasteMode, mouseTrackingMode, sendFocusMode, applicationCursorKeysMode } = terminal.modes;
  const { insertMode, originMode, wraparoundMode, synchronizedOutputMode } = terminal.modes;
  const found: readonly (readonly [boolean, string])[] = [
    [terminal.buffer.active.type === 'alternate', 'the alternate screen is on'],
    [!modes.cursorVisible(), 'the cursor is hidden'],
    [line !== undefined, `the modes of the line: ${line}`],
    [bracketedPasteMode, 'bracketed paste is on'],
    [mouseTrackingMode !== 'none', `the mouse is tracked: ${mouseTrackingMode}`],
    [sendFocusMode, 'focus is reported'],
    [applicationCursorKeysMode, 'application cursor keys are on'],
    [insertMode || originMode || !wraparoundMode, 'insert, origin or wraparound mode is not as before'],
    [synchronizedOutputMode, 'the screen waits for the end of an update'],
    [
      count(written, /\u001b\[>\d+u/g) > count(written, /\u001b\[<\d*u/g),
      'keys are reported in the kitty way',
    ],
    [await paints(terminal), 'what is written next has a colour or a style'],
  ];
  return found.flatMap(([is, what]) => (is ? [what] : []));
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Writes one letter where the cursor is, looks how it came out, and takes it away again. */
async function paints(terminal: Terminal): Promise<boolean> {
  const { active } = terminal.buffer;
  const [x, y] = [active.cursorX, active.baseY + active.cursorY];
  const write = (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve));
  const under = active.getLine(y)?.getCell(x)?.getChars() || ' ';
  await write('x');
  const plain = active.getLine(y)?.getCell(x)?.isAttributeDefault() ?? true;
  await write(`\b${under}\b`);
  return !plain;
}
