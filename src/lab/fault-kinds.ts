import { durationPattern, formatDuration, parseDuration } from '../engine/duration.ts';
import { LabError } from './lab-error.ts';

/** What can be done to a host. `delayMs` is added to each packet, either way; `offsetS` is in seconds, ahead is positive. */
export type Fault =
  | { readonly kind: 'cut' | 'kill-slapd' | 'stop' | 'reboot' | 'fill-disk' | 'heal' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'clock'; readonly offsetS: number };

interface FaultKind {
  readonly kind: Fault['kind'];
  /** The word that follows it, for the help. */
  readonly takes?: string;
  /** For the help; one line. */
  readonly does: string;
}

export const faultKinds: readonly FaultKind[] = [
  { kind: 'cut', does: 'pull its network cable at the switch' },
  { kind: 'slow', takes: '[200ms]', does: 'delay every packet by so much, both ways' },
  { kind: 'kill-slapd', does: 'SIGKILL its slapd' },
  { kind: 'stop', does: 'pull its plug; nothing is shut down in order' },
  { kind: 'reboot', does: 'pull its plug, put it back and wait until it has booted' },
  { kind: 'fill-disk', does: 'take every free block of its disk, so that root too gets ENOSPC' },
  { kind: 'clock', takes: '+1h|-5m', does: 'set the clock of slapd and of new sessions ahead or back' },
  { kind: 'heal', does: 'undo all of the above' },
];

const kindNames = faultKinds.map(({ kind }) => kind).join(', ');
const defaultDelayMs = 200;

/** The words after the host: a kind, and for some a value. Throws LabError that says what may stand there. */
export function parseFault(words: readonly string[]): Fault {
  const [word, value, ...rest] = words;
  const known = faultKinds.find(({ kind }) => kind === word);
  if (word === undefined) throw new LabError(`fault: names no kind; add one of ${kindNames}`);
  if (!known) throw new LabError(`fault "${word}": is none; choose one of ${kindNames}`);
  const extra = known.takes === undefined ? value : rest[0];
  if (extra !== undefined) {
    throw new LabError(`fault ${word}: takes no "${extra}"; write ${usage(known)}`);
  }
  if (known.kind === 'slow') return { kind: 'slow', delayMs: parseDelay(value) };
  if (known.kind === 'clock') return { kind: 'clock', offsetS: parseOffset(value) };
  return { kind: known.kind };
}

function usage({ kind, takes }: FaultKind): string {
  return takes === undefined ? `\`${kind}\` alone` : `\`${kind} ${takes}\``;
}

/** More than a minute is what `cut` is for. */
function parseDelay(text: string | undefined): number {
  if (text === undefined) return defaultDelayMs;
  const delayMs = milliseconds(text);
  if (delayMs !== undefined && delayMs >= 1 && delayMs <= 60_000) return delayMs;
  throw new LabError(`fault slow ${text}: must be 1ms to 1m; write it as 500ms or 2s`);
}

/** Ten years, so that no date leaves the four digits of its year. */
const farthestS = 3650 * 86_400;

function parseOffset(text: string | undefined): number {
  if (text === undefined) throw new LabError('fault clock: needs an offset; write it as +1h or -5m');
  const sign = { '+': 1, '-': -1 }[text.charAt(0)];
  const size = milliseconds(text.slice(1)) ?? 0;
  const whole = size > 0 && size % 1000 === 0 && size <= farthestS * 1000;
  if (sign !== undefined && whole) return (sign * size) / 1000;
  throw new LabError(
    `fault clock ${text}: must be + or - and whole seconds up to 3650d, not 0; write it as +1h or -5m (\`heal\` sets it right)`,
  );
}

function milliseconds(text: string): number | undefined {
  return durationPattern.test(text) ? parseDuration(text) : undefined;
}

/** `+1h` for 3600, `-5m` for -300. */
export function offsetText(offsetS: number): string {
  return `${offsetS < 0 ? '' : '+'}${formatDuration(offsetS * 1000)}`;
}
