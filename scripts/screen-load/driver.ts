/**
 * Feeds the store of the terminal UI, with its screen (`screen SECONDS`) or without (`bare SECONDS`): what differs is what the screen
 * costs. Goes on until it is ended from outside. Built by build-driver.ts.
 */
import { Store } from '../../src/tui/store.ts';
import { Feed } from './feed.ts';

const [kind = 'screen', seconds = '30'] = process.argv.slice(2);
/** How often output and events come in, in ms. */
const TICK_MS = 10;
const CLOCK_MS = 500;

const store = new Store({ now: Date.now(), unicode: true, readOnly: false });
if (kind === 'screen') await open();
else process.stdout.write('feeding\n');

const feed = new Feed(store, Date.now(), Number(seconds) * 1000);
setInterval(() => feed.advance(Date.now()), TICK_MS);
setInterval(() => store.tick(Date.now(), { toGo: 90_000, wayBack: 70_000 }), CLOCK_MS);

/** Loaded here, so that the bare one does not have it in memory. */
async function open(): Promise<void> {
  const { picturesOf } = await import('../../src/tui/pictures.ts');
  const { openShell } = await import('../../src/tui/shell.ts');
  const shell = openShell(
    picturesOf(store, (key) => void store.key(key, Date.now())),
    {
      stdin: process.stdin,
      stdout: process.stdout,
      colour: true,
      crashed: (error) => {
        process.stderr.write(`${error}\n`);
        process.exit(1);
      },
    },
  );
  process.once('SIGTERM', () => void shell.close().then(() => process.exit(0)));
}
