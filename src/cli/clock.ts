/** Milliseconds since this process started: for order and durations, whatever the wall clock does. */
export function monotonic(): number {
  return Math.round(performance.now() * 1000) / 1000;
}
