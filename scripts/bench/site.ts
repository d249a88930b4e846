/** The hosts of a benchmark: one private sshd that answers on many loopback addresses, and a throwaway user. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSshd } from '../../test/sshd.ts';

const USER = 'lockstep-bench';

export interface Site {
  readonly user: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly identityFile: string;
  readonly knownHosts: string;
  /** Where inventories, runbooks and the state of runs go; on a disk, since fsync is part of what is measured. */
  readonly directory: string;
  /** The user's home on the "hosts". */
  readonly home: string;
  close(): Promise<void>;
}

/** Needs root. `close` takes everything away again. */
export async function openSite(hosts: number): Promise<Site> {
  await removeUser();
  // `*` is no password and no lock: sshd refuses locked accounts where it does not ask PAM.
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', '--password', '*', USER]);
  const directory = mkdtempSync('/var/tmp/lockstep-bench-');
  try {
    const sshd = await startSshd(['LogLevel ERROR', 'MaxStartups 200', 'PrintMotd no', 'PrintLastLog no']);
    return {
      user: USER,
      port: sshd.port,
      addresses: Array.from({ length: hosts }, (_, index) => `127.0.2.${index + 1}`),
      identityFile: sshd.identityFile,
      knownHosts: sshd.knownHosts,
      directory,
      home: join('/home', USER),
      async close() {
        // Ctrl-C at a terminal reaches the daemon as well, so it may be gone.
        await sshd.stop().catch(() => rmSync(sshd.directory, { recursive: true, force: true }));
        await removeUser();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    await removeUser();
    throw error;
  }
}

/** Also what a benchmark that was killed left behind. */
async function removeUser(): Promise<void> {
  const id = spawnSync('id', ['-u', USER], { encoding: 'utf8' });
  if (id.status !== 0) return;
  const uid = Number(id.stdout);
  for (let tries = 0; tries < 50; tries++) {
    const pids = processesOf(uid);
    if (pids.length === 0) break;
    // Shells see the end of their link by themselves; what does not is ended.
    if (tries >= 10) for (const pid of pids) endProcess(pid);
    await sleep(100);
  }
  const { status, stderr } = spawnSync('userdel', ['--remove', USER], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the user ${USER} cannot be removed: ${stderr.trim()}`);
}

function processesOf(uid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return statSync(`/proc/${pid}`).uid === uid || realUid(pid) === uid;
      } catch {
        return false;
      }
    });
}

function realUid(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? -1);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
