/** `status --watch` at a terminal: the report on the alternate screen, made anew at each look and each size. */
import { rowsOf } from '../tui/painted.ts';
import type { Row } from '../tui/screen.ts';
import { scrollBy, watchView } from '../tui/view/watch.ts';
import { isUnicode, openScreen } from './screen.ts';

export interface WatchScreen {
  /** The report for a terminal of so many columns, with SGR codes. */
  show(report: (columns: number) => string): void;
  /** What stands at the foot. */
  say(text: string, isBad?: boolean): void;
  /** Resolves when the person leaves; rejects when the screen itself goes wrong. */
  readonly left: Promise<void>;
  /** Resolves when the person wants another look now. */
  wanted(): Promise<void>;
  close(): Promise<void>;
}

interface Look {
  readonly report: (columns: number) => string;
  readonly scroll: number;
  readonly said: Row;
}

export function openWatchScreen(): WatchScreen {
  const listeners = new Set<() => void>();
  const { promise: left, resolve: leave, reject } = Promise.withResolvers<void>();
  let wish = Promise.withResolvers<void>();
  let look: Look = { report: () => '', scroll: 0, said: [] };
  let height = 1;
  let drawn:
    | { readonly of: Look['report']; readonly columns: number; readonly rows: readonly Row[] }
    | undefined;

  function rowsFor(columns: number): readonly Row[] {
    const { report } = look;
    if (drawn?.of !== report || drawn.columns !== columns)
      drawn = { of: report, columns, rows: rowsOf(report(columns).trimEnd()) };
    height = drawn.rows.length;
    return drawn.rows;
  }

  function change(next: Partial<Look>): void {
    look = { ...look, ...next };
    for (const listener of listeners) listener();
  }

  const shell = openScreen(
    {
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      getSnapshot: () => look,
      draw: (size) => watchView({ ...look, rows: rowsFor(size.columns) }, size, isUnicode()),
      press(key) {
        if (['q', 'escape', 'ctrl-c'].includes(key)) leave();
        else if (key === 'r') wish.resolve();
        else change({ scroll: scrollBy(look.scroll, height, key) });
      },
      words: (before, now) => {
        const [was, is] = [before, now] as readonly (Look | undefined)[];
        if (!is || was?.report === is.report) return [];
        return rowsFor(100).map((row) => row.map(({ text }) => text).join(''));
      },
    },
    reject,
  );
  return {
    show: (report) => change({ report }),
    say: (text, isBad = false) => change({ said: [{ text, tone: isBad ? 'bad' : 'dim' }] }),
    left,
    wanted() {
      wish = Promise.withResolvers();
      return wish.promise;
    },
    close: () => shell.close(),
  };
}
