import type { Frame, Size } from '../tui/screen.ts';
import { openScreen } from './screen.ts';

/** What a key leads to: another look, or the end with what was chosen. */
export type Browsed<S, R> = { readonly look: S } | { readonly chosen: R };

/** Shows something that does not change by itself, until the person has chosen or left. */
export async function browse<S, R>(
  first: S,
  draw: (look: S, size: Size) => Frame,
  press: (look: S, key: string) => Browsed<S, R>,
): Promise<R> {
  const listeners = new Set<() => void>();
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  let look = first;
  const shell = openScreen(
    {
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      getSnapshot: () => look,
      draw: (size) => draw(look, size),
      press(key) {
        const led = press(look, key);
        if ('chosen' in led) {
          resolve(led.chosen);
          return;
        }
        look = led.look;
        for (const listener of listeners) listener();
      },
      // In words it is the page itself, as it is drawn for a wide terminal.
      words: (before, now) =>
        before === now
          ? []
          : draw(look, { columns: 100, rows: 60 }).map((row) =>
              row
                .map(({ text }) => text)
                .join('')
                .trimEnd(),
            ),
    },
    reject,
  );
  try {
    return await promise;
  } finally {
    await shell.close();
  }
}
