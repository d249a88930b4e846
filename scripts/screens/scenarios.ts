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
  /** Runs a script as root in a host. */
  inside(host: string, script: string): void;
  /** Keeps what the screen shows as `docs/screens/NAME.svg`. */
  take(name: string, title: string, pty: Pty): void;
}

export interface Scenario {
  readonly name: string;
  play(stage: Stage): Promise<void>;
}

/** A screen that is drawn thirty times a second is still for so long. */
const STILL_MS = 400;

export const scenarios: readonly Scenario[] = [
  {
    name: 'plan',
    async play({ inventory, open, take }) {
      const pty = open(['plan', 'openldap/enable-mmr', '-i', inventory], { columns: 120, rows: 40 });
      await pty.until('unfold', 60);
      // On to the steps that change something.
      await pty.type(KEYS.pageDown.repeat(3));
      await pty.until('Load the syncprov module', 20);
      await still(pty);
      take(
        'plan',
        'lockstep plan openldap/enable-mmr: what a run would do, looked up on the real hosts',
        pty,
      );
      await leave(pty);
    },
  },
  {
    name: 'run',
    async play({ inventory, state, open, take }) {
      const pty = open(['run', 'openldap/enable-mmr', '-i', inventory, '--reason', 'CHG-4211']);
      // The one that wants a name typed: from there on there is no way back.
      await replyUntil(pty, state, /type ldap2/);
      await still(pty);
      take('question', 'A point of no return asks for the name of its host', pty);
      await replyUntil(pty, state, /Reads on ldap1 stop/);
      await still(pty);
      take('restart', 'Servers are restarted one at a time, each after a yes', pty);
      await replyUntil(pty, state, /\b21 changed/);
      await still(pty);
      take('done', 'A run that is done', pty);
      await leave(pty);
    },
  },
  {
    name: 'failure',
    async play({ inventory, state, open, inside, take }) {
      inside('ldap2', 'systemctl stop slapd');
      const pty = open(['run', 'openldap/enable-mmr', '-i', inventory, '--reason', 'CHG-4212']);
      await replyUntil(pty, state, /\bheld\b/);
      await still(pty);
      take('failure', 'A step that failed: what happened, what its command said, and what may be done', pty);
      await leave(pty);
      inside('ldap2', 'systemctl start slapd');
    },
  },
];

/** Until nothing has been drawn for a moment. */
async function still(pty: Pty): Promise<void> {
  for (let seen = ''; seen !== pty.written(); await sleep(STILL_MS)) seen = pty.written();
}

/** Out of the full screen; a plain run has left by itself. */
async function leave(pty: Pty): Promise<void> {
  if (pty.alternate()) await pty.type(`${KEYS.escape}q`);
  await pty.ended;
}
