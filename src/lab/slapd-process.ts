import { readlink } from 'node:fs/promises';
import { cgroupMembers, hostCgroup } from './cgroup.ts';

/** The pids, on this machine, of the slapd that run in a host: one, or none. */
export async function slapdProcesses(lab: string, host: string): Promise<readonly number[]> {
  const pids = await cgroupMembers(hostCgroup(lab, host));
  const programs = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')));
  // The path as the host sees it; slapcat and its like are the same file by other names, and have those here. ` (deleted)`
  // follows when a package replaced the file meanwhile (proc_pid_exe(5)).
  return pids.filter((_, index) => /^\/usr\/sbin\/slapd( \(deleted\))?$/.test(programs[index] ?? ''));
}
