/** Keys as a terminal sends them. */
export const KEYS = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  enter: '\r',
  tab: '\t',
  escape: '\u001b',
  backspace: '\u007f',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
} as const;

/** A sequence, or one letter. */
const KEY = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[@-~]|./gsu;

/** What is typed, key by key: an escape that begins no sequence is a key of its own. */
export function keysOf(text: string): readonly string[] {
  return text.match(KEY) ?? [];
}
