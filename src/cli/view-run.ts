import type { Stamped } from '../engine/event.ts';
import { picturesOf } from '../tui/pictures.ts';
import { Store } from '../tui/store.ts';
import { isUnicode, openScreen, TICK_MS } from './screen.ts';
import { teller } from './tell-records.ts';

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
    picturesOf(store, (key) => {
      if (store.key(key, Date.now())?.kind === 'leave') leave();
    }),
    reject,
  );
  const clock = setInterval(() => store.tick(Date.now()), TICK_MS);
  clock.unref();
  return {
    left,
    told: teller(store),
    async close() {
      clearInterval(clock);
      await shell.close();
    },
  };
}
