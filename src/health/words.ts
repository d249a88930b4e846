/** Pieces of the sentences that findings are made of. */
import { formatDuration } from '../engine/duration.ts';

/** Names told in one sentence; more of them are counted. */
const NAMED = 8;

/** `a`, `a and b`, `a, b and c`. */
export function and(names: readonly string[]): string {
  const told =
    names.length > NAMED ? [...names.slice(0, NAMED - 1), `${names.length - NAMED + 1} more`] : names;
  return told.length < 2 ? told.join('') : `${told.slice(0, -1).join(', ')} and ${told.at(-1)}`;
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** As exact as it matters, and without a sign: `850ms`, `12s`, `4m5s`, `2h7m`, `3d4h`. */
export function spanText(ms: number): string {
  const size = Math.abs(ms);
  const unit = size < 1000 ? 1 : size < HOUR ? 1000 : size < DAY ? MINUTE : HOUR;
  return formatDuration(Math.round(size / unit) * unit);
}

/** `2026-11-26 04:14:40 UTC` */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1.5 GiB`, `640 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let at = 0;
  for (; size >= 1024 && at < units.length - 1; at++) size /= 1024;
  return `${size >= 10 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} ${units[at]}`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
