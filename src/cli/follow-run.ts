import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { isWorkedOn } from '../journal/lock.ts';
import type { JournalRecord } from '../journal/record.ts';
import { JournalTail } from '../journal/tail.ts';

/** Looked at so often even where nothing tells of a change: a process that was killed writes no last word. */
const LOOK_MS = 500;
/** What comes close together is told together. */
const GATHER_MS = 20;

/**
 * Tells the records of a run as its process writes them, and the state after them: first what is there, then each batch. Resolves to
 * the last state once no process works on the run any more, or the signal aborts; undefined for a journal without a
 * record. Writes nothing. Rejects with BrokenJournal, or JournalError.
 */
export async function follow(
  directory: string,
  told: (records: readonly JournalRecord[], state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState | undefined> {
  const tail = new JournalTail(directory);
  const changes = changesOf(tail.path);
  let state: RunState | undefined;
  try {
    for (;;) {
      // Asked before it is read: the last words of a process that has ended by now are there.
      const goesOn = isWorkedOn(directory) && !signal.aborted;
      const records = tail.next();
      for (const { event } of records) state = evolve(state, event);
      if (state && records.length > 0) told(records, state);
      if (!goesOn) return state;
      await changes.next(signal);
    }
  } finally {
    changes.close();
    tail.close();
  }
}

/** Wakes when the file has changed, or might have: not every file system tells, nor is there always room for a watch. */
function changesOf(path: string): { next(signal: AbortSignal): Promise<void>; close(): void } {
  let changed = false;
  let wake: () => void = () => undefined;
  const tell = (): void => {
    changed = true;
    wake();
  };
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(path, { persistent: false }, tell);
    watcher.on('error', () => watcher?.close());
  } catch {
    // Looked at by the clock then.
  }
  return {
    async next(signal) {
      if (!changed) {
        const over = new AbortController();
        const either = AbortSignal.any([signal, over.signal]);
        const told = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([told, sleep(LOOK_MS, undefined, { signal: either }).catch(() => undefined)]);
        over.abort();
      }
      if (changed) await sleep(GATHER_MS, undefined, { signal }).catch(() => undefined);
      changed = false;
    },
    close: () => watcher?.close(),
  };
}
