import type { Seen } from './facts.ts';

/** The value, or undefined where it could not be read. */
export function known<T>(seen: Seen<T> | undefined): T | undefined {
  return seen && 'value' in seen ? seen.value : undefined;
}

/** Why it could not be read; undefined where it could. */
export function whyUnknown(seen: Seen<unknown>): string | undefined {
  return 'unknown' in seen ? seen.unknown : undefined;
}
