/** How the terminal UI is shown: one place for all commands that have a screen. */
import { styleFor } from '../reporters/style.ts';
import { openShell, type Pictures, type Shell, type ShellPorts } from '../tui/shell.ts';
import { openWords } from '../tui/words-shell.ts';

/** How often the clock on the screen of a run is set, in ms. */
export const TICK_MS = 500;

/** The screen on this terminal; in words where a screen reader is said to listen. */
export function openScreen(pictures: Pictures, crashed: ShellPorts['crashed']): Shell {
  const { stdin, stdout, env } = process;
  const ports: ShellPorts = { stdin, stdout, colour: !env['NO_COLOR'], crashed };
  return env['INK_SCREEN_READER'] === 'true' ? openWords(pictures, ports) : openShell(pictures, ports);
}

export function isUnicode(): boolean {
  return styleFor(process.env, true).unicode;
}
