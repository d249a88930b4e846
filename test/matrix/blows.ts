/** A run that is interrupted at each of its steps once: its controller is killed, a host is cut off, or loses its power. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, StepBrief } from '../../src/engine/event.ts';
import { stepIdOf } from '../../src/engine/state.ts';
import { inflict } from '../../src/lab/fault.ts';
import { openLab } from '../../src/lab/lab-record.ts';
import { setLink } from '../../src/lab/network.ts';
import { slowDown, speedUp } from '../../src/lab/slow-link.ts';
import { eventsOf, type Running } from '../lab/lockstep.ts';
import { type CarryOut, type Lockstep, RESUME } from './carry-out.ts';

export type Blow = 'kill' | 'cut' | 'reboot';

interface Moment {
  readonly step: string;
  readonly host: string;
  /** A change was about to be made there. */
  readonly change: boolean;
}

/** So long a cable stays pulled, unless the run gives up before: a look is taken again, a command is in doubt then. */
const CUT_MS = { look: 8_000, change: 20_000 };
/** A packet's way, so that a look takes long enough to be struck in the middle. */
const SLOW_MS = 8;

/** `blows` in rotation; of these, steps that only look have no reboot, which would be the same as a cut for them. */
export function struckAtEachStep(
  lockstep: Lockstep,
  lab: string,
  blows: readonly Blow[],
  tell: (line: string) => void = () => undefined,
): CarryOut {
  return async (words, env) => {
    const struck = new Set<string>();
    const turns = { look: 0, change: 0 };
    const own = { ...env, HOME: await impatientHome() };
    const hosts = (await openLab(lab)).hosts.map(({ name }) => name);
    for (const host of hosts) await slowDown(lab, host, SLOW_MS);
    let steps: readonly StepBrief[] = [];
    let rebooted = false;
    for (let interruptions = 0; ; interruptions++) {
      const controller = lockstep.start(interruptions === 0 ? words : RESUME, { env: own });
      const before = struck.size;
      for (;;) {
        const moment = await nextMoment(controller, (event) => {
          if (event.type === 'run.opened') steps = event.steps;
          return unstruck(event, steps, struck);
        });
        if (!moment) break;
        struck.add(moment.step);
        const kind = moment.change ? 'change' : 'look';
        const fit = moment.change ? blows : blows.filter((one) => one !== 'reboot');
        const blow = fit[turns[kind]++ % fit.length] ?? 'kill';
        tell(`${blow} at ${moment.step} on ${moment.host}`);
        rebooted ||= blow === 'reboot';
        // Soon after it began; of longer changes some are struck in the middle.
        await sleep(moment.change ? ((struck.size * 7) % 10) * 40 : 0);
        await strike(lab, controller, moment, blow);
      }
      const end = await controller.ended;
      tell(`controller ended with ${end.code}, struck at ${struck.size} of ${steps.length} steps`);
      // A run that nothing has befallen must come to its end.
      if (end.code === 0 || struck.size === before) {
        // Not by `heal`, which would also start a slapd that the run has stopped.
        for (const host of hosts) await speedUp(lab, host);
        await rm(own.HOME, { recursive: true });
        return { end, interruptions, rebooted };
      }
    }
  };
}

/** A home whose ssh configuration gives a link up in seconds, not in a minute. */
async function impatientHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'lockstep-home-'));
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh/config'), 'Host *\n  ServerAliveInterval 2\n  ServerAliveCountMax 2\n');
  return home;
}

/** What a controller tells from the moment of the call on; `undefined` when it has ended. */
async function nextMoment(
  controller: Running,
  fits: (event: Event) => Moment | undefined,
): Promise<Moment | undefined> {
  let passed = eventsOf(controller.stdout()).length;
  let found: Moment | undefined;
  for (;;) {
    let count = 0;
    const waited = controller.reports((event) => {
      if (++count <= passed) return false;
      passed = count;
      found = fits(event);
      return found !== undefined;
    });
    if (await waited.catch(() => undefined)) return found;
    // It gives up after 60 s, and a step may take longer.
    if (await Promise.race([controller.ended.then(() => true), sleep(0, false)])) return undefined;
  }
}

/** A look is struck when its step begins; a change when it is intended, or when there turns out to be none. */
function unstruck(
  event: Event,
  steps: readonly StepBrief[],
  struck: ReadonlySet<string>,
): Moment | undefined {
  const changes = (step: string) => steps.find(({ id }) => id === step)?.kind === 'change';
  if (event.type === 'step.began' && !changes(event.step) && !struck.has(event.step)) {
    const host = event.tasks[0]?.host;
    return host === undefined ? undefined : { step: event.step, host, change: false };
  }
  if (event.type !== 'task.intended' && event.type !== 'task.ended') return undefined;
  const step = stepIdOf(event.task);
  if (struck.has(step) || !changes(step)) return undefined;
  return { step, host: event.task.split('@')[1] ?? '', change: event.type === 'task.intended' };
}

async function strike(lab: string, controller: Running, { host, change }: Moment, blow: Blow): Promise<void> {
  if (blow === 'kill') {
    controller.kill('SIGKILL');
    await controller.ended;
  } else if (blow === 'reboot') {
    await inflict(lab, host, { kind: 'reboot' });
  } else {
    await setLink(lab, host, 'down');
    try {
      await Promise.race([controller.ended, sleep(CUT_MS[change ? 'change' : 'look'])]);
    } finally {
      await setLink(lab, host, 'up');
    }
  }
}
