import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds since this process started: for order and durations, whatever the wall clock does. */
export function monotonic(): number {
  return Math.round(performance.now() * 1000) / 1000;
}

/** Resolves after so many ms, or at once when it is let go. Keeps no process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
