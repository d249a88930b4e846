import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A login shell that is plain sh: start-up files of others take their time at each command. */
export function addUser(name: string, home: string): void {
  // `*` is no password and no lock: sshd refuses locked accounts where it does not ask PAM.
  execFileSync('useradd', [
    '--no-create-home',
    '--home-dir',
    home,
    '--shell',
    '/bin/sh',
    '--password',
    '*',
    name,
  ]);
  chownSync(home, idOf(name) ?? 0, 0);
}

/** Ends what still runs as that user, then removes it; nothing when there is no such user. */
export async function removeUser(name: string): Promise<void> {
  const uid = idOf(name);
  if (uid === undefined) return;
  for (let tries = 0; tries < 50; tries++) {
    const pids = processesOf(uid);
    if (pids.length === 0) break;
    // Shells see the end of their link by themselves; what does not is ended.
    if (tries >= 10) for (const pid of pids) end(pid);
    await sleep(100);
  }
  const { status, stderr } = spawnSync('userdel', [name], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the user ${name} cannot be removed: ${stderr.trim()}`);
}

export function homeOf(name: string): string | undefined {
  const { status, stdout } = spawnSync('getent', ['passwd', name], { encoding: 'utf8' });
  return status === 0 ? stdout.split(':')[5] : undefined;
}

function idOf(name: string): number | undefined {
  const { status, stdout } = spawnSync('id', ['-u', name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

function processesOf(uid: number): number[] {
  const pids = readdirSync('/proc').filter((word) => /^\d+$/.test(word));
  return pids.map(Number).filter((pid) => {
    try {
      return statSync(`/proc/${pid}`).uid === uid || realUid(pid) === uid;
    } catch {
      return false;
    }
  });
}

/** sshd's own process for the user is not dumpable, so its folder in /proc belongs to root. */
function realUid(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? -1);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
