/** Each fault, struck and mended again. */
import { closeSync, existsSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost, stopHost } from '../../src/lab/host-power.ts';
import { LabError } from '../../src/lab/lab-error.ts';
import { hostRoot } from '../../src/lab/lab-paths.ts';
import { setLink } from '../../src/lab/network.ts';
import { type Controller, call } from './controller.ts';
import type { Fault, FaultKind } from './fault-plan.ts';
import type { Pair, Pen } from './pen.ts';
import { slowLink } from './slow-link.ts';
import { endsUnsynced, tearJournal } from './torn-journal.ts';

/** Where a fault strikes. */
export interface Field {
  readonly pen: Pen;
  readonly pair: Pair;
  readonly controller: Controller;
  /** LOCKSTEP_STATE of the round, and the folder on its hosts. */
  readonly state: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the run under way; undefined before there is one. */
  runDirectory(): string | undefined;
  /** What lockstep did that it must not do. */
  complain(what: string): void;
}

type Strike = (field: Field, fault: Fault, host: string) => Promise<boolean>;

const strikes: Readonly<Record<FaultKind, Strike>> = {
  kill: async ({ controller }) => controller.signal('SIGKILL'),
  term: async ({ controller }) => controller.signal('SIGTERM'),
  hangup: async ({ controller }) => controller.signal('SIGHUP'),
  'interrupt-twice': async ({ controller }, { ms }) => {
    const first = controller.signal('SIGINT');
    await sleep(ms / 30);
    return first && controller.signal('SIGINT');
  },
  freeze: (field, { ms }) => frozen(field, () => sleep(ms)),
  'second-controller': (field) => frozen(field, () => refusesSecond(field)),
  cut: async ({ pen }, { ms }, host) => {
    await setLink(pen.lab.name, host, 'down');
    await sleep(ms);
    await setLink(pen.lab.name, host, 'up');
    return true;
  },
  reset: (field, { how }, host) =>
    killed(field, host, "pkill -KILL -f '^sshd(-session)?: (root|admin)'", how < 0.5),
  'kill-lane': (field, { how }, host) => killed(field, host, 'pkill -KILL -f -x sh', how < 0.7),
  'kill-command': (field, { how }, host) =>
    killed(field, host, `pkill -${how < 0.5 ? 'KILL' : 'TERM'} -f '^/bin/sh ${field.folder}/act '`, true),
  reboot: async ({ pen }, _fault, host) => {
    await pen.atSwitch(host, async () => {
      await stopHost(pen.lab, host, 'kill');
      await startHost(pen.lab, host);
    });
    return true;
  },
  'power-off': async ({ pen }, { ms, how }, host) => {
    await pen.atSwitch(host, async () => {
      await stopHost(pen.lab, host, how < 0.5 ? 'kill' : 'orderly');
      await sleep(ms / 2);
      await startHost(pen.lab, host);
    });
    return true;
  },
  slow: ({ pen }, { ms }, host) => slowLink(pen.lab.name, host, ms),
  'disk-full': async ({ pen }, { ms }, host) => {
    const disk = join(hostRoot(pen.lab.name, host), 'var/lib/lockstep');
    return filled(disk, () => sleep(ms));
  },
  'state-full': (field, { ms }) => filled(field.state, () => sleep(ms)),
  torn: async (field, { how }) => {
    const directory = field.runDirectory();
    if (directory === undefined) return false;
    // Most records are synced; the moment is chosen among those when the last one is not.
    for (let looks = 0; looks < 1000 && !endsUnsynced(directory); looks++) await sleep(1);
    if (!field.controller.signal('SIGKILL')) return false;
    await field.controller.ended;
    return tearJournal(directory, how);
  },
};

/** Strikes, and resolves when it is mended: whether it struck at all. */
export async function strike(field: Field, fault: Fault): Promise<boolean> {
  return strikes[fault.kind](field, fault, field.pair[fault.host]);
}

async function frozen({ controller }: Field, meanwhile: () => Promise<unknown>): Promise<boolean> {
  if (!controller.signal('SIGSTOP') || !(await controller.stands())) return false;
  try {
    await meanwhile();
  } finally {
    controller.signal('SIGCONT');
  }
  return true;
}

/** A second controller must be turned away while the first lives, however still it stands. */
async function refusesSecond(field: Field): Promise<void> {
  const directory = field.runDirectory();
  // It has let go of the run already, and was only about to end.
  if (directory === undefined || !existsSync(join(directory, 'lock'))) return;
  const { code, stderr } = await call(['resume', 'last', '--yes', '--ndjson'], field.env);
  // On a full disk it cannot even ask; that is told as what it is, and nothing was done.
  const turnedAway = code === 6 || (code === 2 && /the disk is full/.test(stderr));
  if (!turnedAway) field.complain(`a second controller ended with ${code} while the first lives: ${stderr}`);
}

/**
 * Whether something was there to kill; `busy` waits up to 2 s for a command to be under way, and kills then. A host that is
 * off has nothing.
 */
async function killed({ pen, folder }: Field, host: string, kill: string, busy: boolean): Promise<boolean> {
  const wait = `for i in $(seq 80); do pgrep -f '^/bin/sh ${folder}/act ' >&2 && break; sleep 0.025; done`;
  try {
    return (await pen.inside(host, `${busy ? wait : ':'}; ${kill} && echo struck || :`)) !== '';
  } catch (error) {
    if (error instanceof LabError) return false;
    throw error;
  }
}

let fills = 0;

/** Fills a small disk to its last byte, and frees it after `meanwhile`. */
async function filled(directory: string, meanwhile: () => Promise<unknown>): Promise<boolean> {
  // Two of them may fill one disk at a time.
  const file = join(directory, `fill-${++fills}`);
  const fd = openSync(file, 'a');
  try {
    const block = Buffer.alloc(64 * 1024);
    for (let size = block.length; size >= 1; ) {
      try {
        writeSync(fd, block, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 4);
      }
    }
    closeSync(fd);
    await meanwhile();
    return statSync(file).size > 0;
  } finally {
    rmSync(file, { force: true });
  }
}
