import { monotonic } from './clock.ts';

/** Quieter than this, nothing is said. */
const PATIENCE_MS = 2_000;
const REDRAW_MS = 500;

/** What is looked at, and for how long: a line at a terminal, redrawn, once it takes longer than two seconds. */
export function lookProgress(stream: NodeJS.WriteStream = process.stderr): {
  tell(stage: string): void;
  stop(): void;
} {
  if (stream.isTTY !== true) return { tell: () => undefined, stop: () => undefined };
  const since = monotonic();
  let stage = '';
  let drawn = false;
  const draw = (): void => {
    const ms = monotonic() - since;
    if (ms < PATIENCE_MS) return;
    stream.write(`\r\u001b[K  ${stage}, ${Math.floor(ms / 1000)} s`);
    drawn = true;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    tell(next) {
      stage = next;
      draw();
    },
    stop() {
      clearInterval(timer);
      if (drawn) stream.write('\r\u001b[K');
    },
  };
}
