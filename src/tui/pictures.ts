import type { Screen } from './screen.ts';
import type { Pictures } from './shell.ts';
import type { Store } from './store.ts';
import { view } from './view/view.ts';
import { words } from './words.ts';

/** The pictures of a run, as its store knows it. */
export function picturesOf(store: Store, press: Pictures['press']): Pictures {
  return {
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    draw: (size) => view(store.getSnapshot(), size),
    press,
    // Only what getSnapshot gave comes back.
    words: (before, now) => words(before as Screen | undefined, now as Screen),
  };
}
