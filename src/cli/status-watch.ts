/** `status --watch`: a look each interval, on the screen of a terminal or one frame after the other. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './message-of.ts';

export interface WatchPorts<T> {
  /** Milliseconds from the beginning of a look to that of the next. */
  readonly everyMs: number;
  look(): Promise<T>;
  /** Settles when somebody or something wants it to end. */
  readonly ended: Promise<void>;
  /** Told of each look that came about; and of the error of one that did not. */
  shown(looked: T): void;
  failed(message: string): void;
  /** Told each second how many ms are left until the next look. */
  waits?(ms: number): void;
  /** Resolves when the next look is wanted at once. */
  wanted?(): Promise<void>;
}

/** The last look, if it came about. */
export async function watch<T>(ports: WatchPorts<T>): Promise<T | undefined> {
  const over = new AbortController();
  const end = () => over.abort();
  const ended = ports.ended.then(end, end);
  let last: T | undefined;
  while (!over.signal.aborted) {
    const began = performance.now();
    const looking = ports.look().then(
      (looked) => {
        last = looked;
        if (!over.signal.aborted) ports.shown(looked);
      },
      (error: unknown) => {
        last = undefined;
        if (!over.signal.aborted) ports.failed(messageOf(error));
      },
    );
    await Promise.race([looking, ended]);
    await pauseUntil(began + ports.everyMs, ports, over.signal);
  }
  return last;
}

async function pauseUntil(
  time: number,
  { waits, wanted }: Pick<WatchPorts<unknown>, 'waits' | 'wanted'>,
  over: AbortSignal,
): Promise<void> {
  const rest = new AbortController();
  const signal = AbortSignal.any([over, rest.signal]);
  void wanted?.().then(() => rest.abort());
  for (;;) {
    const ms = time - performance.now();
    if (ms <= 0 || signal.aborted) return;
    waits?.(ms);
    await delay(Math.min(ms, 1000), undefined, { signal }).catch(() => undefined);
  }
}
