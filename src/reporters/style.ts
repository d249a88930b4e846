/** Colour and signs, or neither: NO_COLOR, TERM=dumb, LANG=C and a pipe each get what they can show. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly unicode: boolean;
}

export function styleFor(env: NodeJS.ProcessEnv, isTerminal: boolean): Style {
  const colour = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return styleOf(colour, /utf-?8/i.test(locale));
}

export function styleOf(colour: boolean, unicode: boolean): Style {
  const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31), warn: paint(33), unicode };
}

/** `850 ms`, `12.3 s`, `4 m 05 s`, `2 h 07 m`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(Math.floor(seconds % 60))} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** C0 but tab and newline, DEL, C1, and what turns the direction of writing or breaks lines in Unicode's own way. */
const HOSTILE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Remote text is hostile: control sequences are shown, not sent to the terminal, and long lines are cut. Further lines
 * are indented, so that none of them can pass for a line of ours.
 */
export function tame(text: string, width = 400): string {
  const shown = text.trimEnd().replaceAll(HOSTILE, escaped).replaceAll('\n', '\n      ');
  return shown.length > width ? `${shown.slice(0, width)} … (${shown.length - width} more)` : shown;
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 64)}`;
  return code < 0x100 ? `\\x${code.toString(16)}` : `\\u${code.toString(16)}`;
}
