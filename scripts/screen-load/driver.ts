/**
 * Feeds the store of the terminal UI, with its screen (`screen SECONDS`) or without (`bare SECONDS`): what differs is what the screen
 * costs. Goes on until it is ended from outside. Built by build-driver.ts.
 */
import type { Frame, Screen, Size } from '../../src/tui/screen.ts';
import { Feed, type Heard } from './feed.ts';

const [kind = 'screen', seconds = '30'] = process.argv.slice(2);
/** How often output and events come in, in ms. */
const TICK_MS = 10;
const CLOCK_MS = 500;

interface Store extends Heard {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Screen;
  tick(now: number, times: { toGo: number; wayBack: number }): void;
  key(key: string, now: number): unknown;
}
const { Store } = (await load('store')) as {
  Store: new (beginning: { now: number; unicode: boolean; readOnly: boolean }) => Store;
};
const store = new Store({ now: Date.now(), unicode: true, readOnly: false });
if (kind === 'screen') await open();
else process.stdout.write('feeding\n');

const feed = new Feed(store, Date.now(), Number(seconds) * 1000);
setInterval(() => feed.advance(Date.now()), TICK_MS);
setInterval(() => store.tick(Date.now(), { toGo: 90_000, wayBack: 70_000 }), CLOCK_MS);

async function open(): Promise<void> {
  const { view } = (await load('view')) as { view(screen: Screen, size: Size): Frame };
  const { openShell } = (await load('shell')) as {
    openShell(pictures: unknown, ports: unknown): { close(): Promise<void> };
  };
  const shell = openShell(
    {
      subscribe: store.subscribe,
      getSnapshot: store.getSnapshot,
      draw: (size: Size) => view(store.getSnapshot(), size),
      press: (key: string) => store.key(key, Date.now()),
      words: () => [],
    },
    {
      stdin: process.stdin,
      stdout: process.stdout,
      colour: true,
      crashed: (error: unknown) => {
        process.stderr.write(`${error}\n`);
        process.exit(1);
      },
    },
  );
  process.once('SIGTERM', () => void shell.close().then(() => process.exit(0)));
}

/** Its neighbours in the build. */
function load(part: string): Promise<unknown> {
  return import(`./${part}.js`);
}
