import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, offsetText } from './fault-kinds.ts';
import { clockOffset, clockTmpfiles, healClock, setClock } from './host-clock.ts';
import { diskState, fillDisk, freeDisk } from './host-disk.ts';
import { enterArgv, hostPower, initProcess, rebootHost, startHost, stopHost } from './host-power.ts';
import { LabError } from './lab-error.ts';
import { labLock } from './lab-paths.ts';
import { type LabRecord, labHost, openLab } from './lab-record.ts';
import { linkState, setLink } from './network.ts';
import { slapdOf } from './platforms/index.ts';
import { runProgram } from './run-program.ts';
import { hasSlapd, slapdProcesses, waitForSlapd } from './slapd-process.ts';
import { linkDelay, slowDown, speedUp } from './slow-link.ts';
import { withLock } from './with-lock.ts';

type Work<F extends Fault> = (lab: LabRecord, host: string, fault: F) => Promise<string>;

/** What each fault does; resolves to what it did, as a sentence without its subject. */
const works: { readonly [K in Fault['kind']]: Work<Extract<Fault, { readonly kind: K }>> } = {
  cut,
  slow,
  'kill-slapd': killSlapd,
  stop,
  reboot,
  'fill-disk': fill,
  clock,
  heal,
};

/**
 * Does a fault to a host, or heals it. Resolves to one line that says what was done, and how it is healed. Nobody takes the
 * lab down or does another fault in it meanwhile; `onWait` is called when somebody is at it. Rejects with LabError.
 */
export async function inflict(name: string, host: string, fault: Fault, onWait = () => {}): Promise<string> {
  await openLab(name);
  return withLock(labLock(name), onWait, async () => {
    const lab = await openLab(name);
    const one = labHost(lab, host).name;
    const work = works[fault.kind] as Work<Fault>;
    try {
      const done = await work(lab, one, fault);
      const lasts = fault.kind !== 'heal' && fault.kind !== 'reboot';
      return `${one}: ${done}${lasts ? `; heal it with \`lockstep lab fault ${one} heal${option(name)}\`` : ''}`;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      throw new LabError(`lab ${name}: ${fault.kind}: ${error.message}`, { cause: error });
    }
  });
}

function option(lab: string): string {
  return lab === 'default' ? '' : ` --lab ${lab}`;
}

async function cut(lab: LabRecord, host: string): Promise<string> {
  const was = await linkState(lab.name, host);
  await setLink(lab.name, host, 'down');
  return was === 'cut' ? 'its cable was pulled already' : 'its cable is pulled';
}

async function slow(
  lab: LabRecord,
  host: string,
  { delayMs }: { readonly delayMs: number },
): Promise<string> {
  await slowDown(lab.name, host, delayMs);
  return `every packet takes ${delayMs} ms more, each way`;
}

async function killSlapd(lab: LabRecord, host: string): Promise<string> {
  await mustBeOn(lab, host);
  const pids = await slapdProcesses(lab, host);
  if (!(await hasSlapd(lab, host))) throw new LabError(`${host}: has no slapd; ${slapdOf(lab).remedy}`);
  if (pids.length === 0) {
    throw new LabError(
      `${host}: runs no slapd; start it with \`lockstep lab fault ${host} heal${option(lab.name)}\``,
    );
  }
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  while ((await slapdProcesses(lab, host)).some((pid) => pids.includes(pid))) await sleep(10);
  return 'its slapd got SIGKILL';
}

async function stop(lab: LabRecord, host: string): Promise<string> {
  const was = await hostPower(lab.name, host);
  await stopHost(lab, host, 'kill');
  return was === 'off' ? 'its plug was pulled already' : 'its plug is pulled';
}

async function reboot(lab: LabRecord, host: string): Promise<string> {
  const was = await hostPower(lab.name, host);
  const failed = await rebootHost(lab, host);
  const plug = was === 'off' ? 'its plug was out and is put back' : 'its plug was pulled and put back';
  return `${plug}; it has booted${notStarted(failed)}`;
}

async function fill(lab: LabRecord, host: string): Promise<string> {
  await fillDisk(lab.name, host);
  return 'its disk is full, for root too';
}

async function clock(
  lab: LabRecord,
  host: string,
  { offsetS }: { readonly offsetS: number },
): Promise<string> {
  if ((await diskState(lab.name, host)) === 'full') {
    throw new LabError(
      `${host}: its disk is full and takes no settings; \`lockstep lab fault ${host} heal${option(lab.name)}\` first, then set the clock, then fill the disk`,
    );
  }
  await setClock(lab, host, offsetS);
  if ((await hostPower(lab.name, host)) === 'on') {
    await inside(lab, host, ['systemd-tmpfiles', '--create', clockTmpfiles]);
    await reloadSlapd(lab, host);
  }
  return `slapd and new sessions see the clock at ${offsetText(offsetS)}; sessions that are open keep theirs`;
}

/** In this order: a host boots better with a free disk and the right time. */
async function heal(lab: LabRecord, host: string): Promise<string> {
  const done: string[] = [];
  if ((await linkState(lab.name, host)) === 'cut') done.push('cable in');
  await setLink(lab.name, host, 'up');
  if ((await linkDelay(lab.name, host)) > 0) done.push('delay gone');
  await speedUp(lab.name, host);
  if ((await diskState(lab.name, host)) === 'full') done.push('disk freed');
  await freeDisk(lab.name, host);
  const wrong = (await clockOffset(lab.name, host)) !== 0;
  if (wrong) done.push('clock right');
  await healClock(lab, host);
  const was = await hostPower(lab.name, host);
  const failed = await startHost(lab, host);
  if (was === 'off') done.push(`switched on${notStarted(failed)}`);
  else if (wrong) await reloadSlapd(lab, host);
  if (await hasSlapd(lab, host)) {
    if ((await slapdProcesses(lab, host)).length === 0) {
      await inside(lab, host, slapdOf(lab).start);
      done.push('slapd started');
    }
    await waitForSlapd(lab, host);
  }
  return done.length === 0 ? 'nothing was wrong with it' : `healed: ${done.join(', ')}`;
}

/** Has systemd read slapd's settings; a slapd that runs is started anew with them, one that does not is left alone. */
async function reloadSlapd(lab: LabRecord, host: string): Promise<void> {
  await inside(lab, host, ['systemctl', 'daemon-reload']);
  if ((await slapdProcesses(lab, host)).length === 0) return;
  await inside(lab, host, slapdOf(lab).start);
  await waitForSlapd(lab, host);
}

function notStarted(units: readonly string[]): string {
  return units.length === 0 ? '' : `, but did not start: ${units.join(', ')}`;
}

async function mustBeOn(lab: LabRecord, host: string): Promise<void> {
  if ((await hostPower(lab.name, host)) === 'on') return;
  throw new LabError(
    `${host}: is switched off; switch it on with \`lockstep lab fault ${host} heal${option(lab.name)}\``,
  );
}

async function inside(lab: LabRecord, host: string, argv: readonly string[]): Promise<void> {
  const init = await initProcess(lab.name, host);
  if (init === undefined) throw new LabError(`${host}: went off; see \`lockstep lab status ${lab.name}\``);
  await runProgram(enterArgv(init, argv), { about: `${host}: ${argv.join(' ')}` });
}
