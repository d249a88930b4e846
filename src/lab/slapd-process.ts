import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { initProcess } from './host-power.ts';
import { LabError } from './lab-error.ts';
import { hostRoot } from './lab-paths.ts';
import type { LabRecord } from './lab-record.ts';
import { slapdOf } from './platforms/index.ts';

/**
 * The pids, on this machine, of the slapd that run in a host: one, or none. Told by the host's pid namespace, for one that
 * somebody started by `lab exec` is in no cgroup of the host.
 */
export async function slapdProcesses(lab: LabRecord, host: string): Promise<readonly number[]> {
  const init = await initProcess(lab.name, host);
  if (init === undefined) return [];
  const { program } = slapdOf(lab);
  const [space, pids] = await Promise.all([link(init, 'ns/pid'), readdir('/proc')]);
  const found = await Promise.all(
    pids.filter((name) => /^\d+$/.test(name)).map((name) => isSlapd(Number(name), program, space)),
  );
  return found.filter((pid) => pid !== undefined);
}

/** The path as the host sees it; slapcat and its like are the same file by other names, and have those here. */
async function isSlapd(pid: number, program: string, space: string): Promise<number | undefined> {
  const running = await link(pid, 'exe');
  // ` (deleted)` follows when a package replaced the file meanwhile (proc_pid_exe(5)).
  if (running !== program && running !== `${program} (deleted)`) return undefined;
  return (await link(pid, 'ns/pid')) === space ? pid : undefined;
}

function link(pid: number, name: string): Promise<string> {
  return readlink(`/proc/${pid}/${name}`).catch(() => '');
}

/** Whether it is there: a bare host has none until somebody installs it or sets it up. */
export function hasSlapd(lab: LabRecord, host: string): Promise<boolean> {
  return access(`${hostRoot(lab.name, host)}${slapdOf(lab).sign}`).then(
    () => true,
    () => false,
  );
}

/**
 * Waits until slapd takes connections: its init script is done before that, since slapd opens its ports as a daemon. Looks
 * from inside, for the host's cable may be out.
 */
export async function waitForSlapd(lab: LabRecord, host: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  do {
    const [pid] = await slapdProcesses(lab, host);
    if (pid !== undefined && (await listens(pid))) return;
    await sleep(10);
  } while (Date.now() < deadline);
  throw new LabError(
    `${host}: slapd listens on no TCP port 10 s after it was started; see \`lockstep lab exec ${host} --lab ${lab.name} -- journalctl -n 50\``,
  );
}

/** Whether a process has a TCP socket in state LISTEN, 0A in proc_pid_net(5). */
async function listens(pid: number): Promise<boolean> {
  const tables = ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => ''));
  const rows = (await Promise.all(tables)).flatMap((text) =>
    text.split('\n').map((row) => row.trim().split(/\s+/)),
  );
  const listening = new Set(rows.filter((row) => row[3] === '0A').map((row) => `socket:[${row[9]}]`));
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const open = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')));
  return open.some((target) => listening.has(target));
}
