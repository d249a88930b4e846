import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupMembers, hostCgroup } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { hostRoot } from './lab-paths.ts';

/** The pids, on this machine, of the slapd that run in a host: one, or none. */
export async function slapdProcesses(lab: string, host: string): Promise<readonly number[]> {
  const pids = await cgroupMembers(hostCgroup(lab, host));
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')));
  // The path as the host sees it; slapcat and its like are the same file by other names, and have those here. ` (deleted)`
  // follows when a package replaced the file meanwhile (proc_pid_exe(5)).
  return pids.filter((_, index) => /^\/usr\/sbin\/slapd( \(deleted\))?$/.test(programs[index] ?? ''));
}

/** Whether it is installed: a bare host has none until somebody installs it. */
export function hasSlapd(lab: string, host: string): Promise<boolean> {
  return access(`${hostRoot(lab, host)}/usr/sbin/slapd`).then(
    () => true,
    () => false,
  );
}

/**
 * Waits until slapd takes connections: its init script is done before that, since slapd opens its ports as a daemon. Looks
 * from inside, for the host's cable may be out.
 */
export async function waitForSlapd(lab: string, host: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  do {
    const [pid] = await slapdProcesses(lab, host);
    if (pid !== undefined && (await listens(pid))) return;
    await sleep(10);
  } while (Date.now() < deadline);
  throw new LabError(
    `${host}: slapd listens on no TCP port 10 s after it was started; see \`lockstep lab exec ${host} --lab ${lab} -- journalctl -u slapd\``,
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
