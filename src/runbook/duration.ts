import { parseDuration } from '../engine/duration.ts';

/** "10m", "1h30m" to milliseconds; undefined for what is not a duration, where the engine's own throws. */
export function durationMs(text: unknown): number | undefined {
  if (typeof text !== 'string' || text !== text.trim()) return undefined;
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}
