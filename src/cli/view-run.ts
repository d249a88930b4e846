import type { Stamped } from '../engine/event.ts';
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { Store } from '../tui/store.ts';
import { view } from '../tui/view/view.ts';
import { words } from '../tui/words.ts';
import { isUnicode, openScreen } from './screen.ts';

export interface Viewer {
  /** As a reporter's. */
  told(records: readonly Stamped[]): void;
  /** Resolves when the person has left. */
  readonly left: Promise<void>;
  close(): Promise<void>;
}

/** A run on the screen, to look at: nothing here can be commanded. */
export function openViewer(): Viewer {
  const store = new Store({ now: Date.now(), unicode: isUnicode(), readOnly: true });
  const { promise: left, resolve: leave, reject } = Promise.withResolvers<void>();
  const shell = openScreen(
    {
      subscribe: store.subscribe,
      getSnapshot: store.getSnapshot,
      draw: (size) => view(store.getSnapshot(), size),
      press(key) {
        if (store.key(key, Date.now())?.kind === 'leave') leave();
      },
      words: (before, now) => words(before as never, now as never),
    },
    reject,
  );
  const clock = setInterval(() => store.tick(Date.now()), 500);
  clock.unref();
  let state: RunState | undefined;
  return {
    left,
    told(records) {
      for (const record of records) {
        state = evolve(state, record.event);
        store.told([record], state);
      }
    },
    async close() {
      clearInterval(clock);
      await shell.close();
    },
  };
}
