/** Ends what runs below a lane's shell, and only that: the shell lives on and writes the exit code. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessName } from './envelope.ts';
import { killFrame } from './envelope.ts';
import type { Below } from './receipts.ts';
import type { Session } from './session.ts';

/** From TERM to KILL, in ms; and from KILL to giving up. */
const GRACE_MS = 5_000;

/**
 * TERM, then KILL after 5 s (to an orphan itself as well), by way of `lane`, another shell of the same user. Resolves to whether anything was there to
 * signal; rejects with an Error when processes survive KILL for 5 s (uninterruptible sleep, or another user's).
 */
export async function stopBelow(lane: Session, below: Below, graceMs: number = GRACE_MS): Promise<boolean> {
  const send = async (
    signal: 'TERM' | 'KILL' | '0',
    known: readonly ProcessName[],
  ): Promise<readonly ProcessName[]> => {
    const seq = lane.nextSeq();
    const answer = await lane.run(killFrame(seq, signal, below, known), seq, { probe: false });
    return answer.words.slice(1).filter((word) => word !== '');
  };
  let there = await send('TERM', below.orphan ? [`${below.pid}:${below.started}`] : []);
  if (there.length === 0) return false;
  for (const last of ['KILL', 'survived'] as const) {
    const until = performance.now() + graceMs;
    for (let wait = 20; performance.now() < until; wait = Math.min(wait * 2, 500)) {
      await sleep(wait);
      there = await send('0', there);
      if (there.length === 0) return true;
    }
    if (last === 'KILL') there = await send('KILL', there);
  }
  const pids = there.map((name) => name.split(':')[0]).join(', ');
  throw new Error(`processes ${pids} are still there ${(2 * graceMs) / 1000} s after TERM and KILL`);
}

/** When to let go of a command: its deadline or the caller's signal. `off` ends the watch. */
export interface Watch {
  readonly fired: Promise<'timeout' | 'abort'>;
  readonly reason: () => 'timeout' | 'abort' | undefined;
  off(): void;
}

export function watch(timeoutMs: number | undefined, signal: AbortSignal | undefined): Watch {
  let reason: 'timeout' | 'abort' | undefined;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const fired = new Promise<'timeout' | 'abort'>((resolve) => {
    const fire = (what: 'timeout' | 'abort'): void => {
      reason ??= what;
      resolve(reason);
    };
    // setTimeout takes at most 2^31-1 ms, and fires at once beyond.
    if (timeoutMs !== undefined)
      timer = setTimeout(() => fire('timeout'), Math.min(timeoutMs, 2_147_483_647));
    if (signal === undefined) return;
    onAbort = () => fire('abort');
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  return {
    fired,
    reason: () => reason,
    off() {
      clearTimeout(timer);
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    },
  };
}
