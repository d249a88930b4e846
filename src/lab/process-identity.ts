import { readFile } from 'node:fs/promises';

/** A process for good: pids are used again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot: field 22 of /proc/PID/stat (proc_pid_stat(5)). */
  readonly startTime: string;
}

/** Reads `PID STARTTIME`; undefined for anything else, a half-written file included. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^(\d+) (\d+)\n$/.exec(text);
  return match ? { pid: Number(match[1]), startTime: match[2] ?? '' } : undefined;
}

/** State letter and start time from /proc/PID/stat; the command's name may hold spaces and parentheses. */
export function parseStat(stat: string): { readonly state: string; readonly startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

/** Whether that very process still runs; a zombie does not. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const stat = await readFile(`/proc/${identity.pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return false;
  const { state, startTime } = parseStat(stat);
  return startTime === identity.startTime && state !== 'Z' && state !== 'X';
}
