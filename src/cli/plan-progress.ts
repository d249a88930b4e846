import { monotonic } from './clock.ts';

/** Quieter than this, nothing is said. */
const PATIENCE_MS = 2_000;

/** How far a plan has looked: a line at a terminal, redrawn, once it takes longer than two seconds. */
export function planProgress(): { tell(done: number, of: number): void; stop(): void } {
  const since = monotonic();
  const draws = process.stderr.isTTY === true;
  let drawn = false;
  return {
    tell(done, of) {
      if (!draws || monotonic() - since < PATIENCE_MS) return;
      process.stderr.write(`\r\u001b[K  looking at step ${done + 1} of ${of}`);
      drawn = true;
    },
    stop() {
      if (drawn) process.stderr.write('\r\u001b[K');
    },
  };
}
