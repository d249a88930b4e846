/** What the pictures of the documentation show: a lab, a run, and the moments that are worth a look. */
import { setTimeout as sleep } from 'node:timers/promises';
import { replyUntil } from '../../test/person.ts';
import { KEYS, type Pty, type PtyOptions } from '../../test/pty.ts';

export interface Stage {
  /** `-i` of the lab. */
  readonly inventory: string;
  /** The state directory. */
  readonly state: string;
  open(words: readonly string[], options?: PtyOptions): Pty;
  /** As `lockstep lab fault`. */
  fault(host: string, kind: string): void;
  /** Keeps what the screen shows as `docs/screens/NAME.svg`. */
  take(name: string, title: string, pty: Pty): void;
}

export interface Scenario {
  readonly name: string;
  play(stage: Stage): Promise<void>;
}

const ENABLE_MMR = ['run', 'openldap/enable-mmr', '-i'];
/** On the full screen, or on plain lines. */
const DONE = /39\/39[\s\S]*\bdone\b|^done: /m;
/** Longer than from one setting of the screen's clock and estimates to the next. */
const STILL_MS = 1200;

export const scenarios: readonly Scenario[] = [
  {
    name: 'plan',
    async play({ inventory, open, take }) {
      const pty = open(['plan', 'openldap/enable-mmr', '-i', inventory]);
      // It looks at the hosts first.
      await pty.until('unfold', 60);
      // On to the steps that change something.
      await pty.type(KEYS.pageDown.repeat(3));
      await pty.until('Load the syncprov module', 20);
      await still(pty);
      take('plan', 'A plan: what a run would do, looked up on the real hosts', pty);
      await leave(pty);
    },
  },
  {
    name: 'run',
    async play({ inventory, state, open, take }) {
      const pty = open([...ENABLE_MMR, inventory, '--reason', 'CHG-4211']);
      // From there on there is no way back.
      await replyUntil(pty, state, /type ldap2/);
      await still(pty);
      take('question', 'A point of no return asks for the name of its host to be typed', pty);
      await replyUntil(pty, state, /Reads on ldap1 stop/);
      await still(pty);
      take('restart', 'Servers are restarted one at a time, each after a yes', pty);
      await replyUntil(pty, state, DONE);
      // Whichever host was the last.
      await pty.type(KEYS.left.repeat(2));
      await still(pty);
      take('done', 'A run that is done', pty);
      await leave(pty);
    },
  },
  {
    name: 'failure',
    async play({ inventory, state, open, fault, take }) {
      const pty = open([...ENABLE_MMR, inventory, '--reason', 'CHG-4211']);
      await replyUntil(pty, state, /type ldap2/);
      fault('ldap2', 'fill-disk');
      await replyUntil(pty, state, /retry|^held/m);
      await still(pty);
      take('failure', 'A step that failed: what its command said, and what may be done about it', pty);
      await leave(pty);
    },
  },
  {
    name: 'doubt',
    async play({ inventory, open, fault, take }) {
      const slow = ['--set', 'pool=ldap1', '--set', 'seconds=60', '--reason', 'CHG-4211'];
      const pty = open(['run', 'test/lab/runbooks/slow.yaml', '-i', inventory, ...slow]);
      await pty.until(/line 3/, 60);
      fault('ldap1', 'reboot');
      await pty.until(/it happened/, 60);
      await still(pty);
      take('doubt', 'A reboot cut a command off: nothing but a person can tell whether it took effect', pty);
      await leave(pty);
    },
  },
];

/** Until nothing but clocks and spinners has moved for a moment. */
async function still(pty: Pty): Promise<void> {
  const now = (): string =>
    pty
      .screen()
      .join('\n')
      .replaceAll(/[\d\u2800-\u28ff]/g, '');
  for (let seen = ''; seen !== now(); await sleep(STILL_MS)) seen = now();
}

/** Out of the full screen, which may ask whether it is meant; a plain run has left by itself, or is left at its question. */
async function leave(pty: Pty): Promise<void> {
  if (pty.alternate()) {
    await pty.type('q');
    await sleep(STILL_MS);
    if (pty.screen().join('\n').includes('Leave?')) await pty.type('y');
  } else pty.kill('SIGTERM');
  await pty.ended;
}
