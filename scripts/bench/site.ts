/** The hosts of a benchmark: one private sshd that answers on many loopback addresses, and a throwaway user. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startSshd } from '../../test/sshd.ts';
import { addUser, homeOf, removeUser } from './bench-user.ts';
import { freshDisk, unmount } from './disk.ts';

const USER = 'lockstep-bench';
/** On a disk, since fsync is part of what is measured. */
const PREFIX = '/var/tmp/lockstep-bench-';
/** Files of the directory: the benchmark's process, and the folder of its sshd. */
const PID = 'pid';
const SSHD = 'sshd';

export interface Site {
  readonly user: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly identityFile: string;
  readonly knownHosts: string;
  /** Where inventories, runbooks and the state of runs go. */
  readonly directory: string;
  /** The user's home on the "hosts", where receipts are kept, and the file system it is on. */
  readonly home: string;
  readonly homeAbout: string;
  close(): Promise<void>;
}

/** Needs root. `close` takes everything away again. */
export async function openSite(hosts: number): Promise<Site> {
  await clearLeftovers();
  const directory = mkdtempSync(PREFIX);
  // The user has to get through to its home.
  chmodSync(directory, 0o711);
  writeFileSync(join(directory, PID), String(process.pid));
  const disk = freshDisk(directory);
  const clear = async (): Promise<void> => {
    await removeUser(USER);
    disk.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    addUser(USER, disk.path);
    const sshd = await startSshd(['LogLevel ERROR', 'MaxStartups 200', 'PrintMotd no', 'PrintLastLog no']);
    writeFileSync(join(directory, SSHD), sshd.directory);
    return {
      user: USER,
      port: sshd.port,
      addresses: Array.from({ length: hosts }, (_, index) => `127.0.2.${index + 1}`),
      identityFile: sshd.identityFile,
      knownHosts: sshd.knownHosts,
      directory,
      home: disk.path,
      homeAbout: disk.about,
      async close() {
        // Ctrl-C at a terminal reaches the daemon as well, so it may be gone.
        await sshd.stop().catch(() => rmSync(sshd.directory, { recursive: true, force: true }));
        await clear();
      },
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** What a benchmark that was killed left behind. Rejects while one is under way: both would be the same user. */
async function clearLeftovers(): Promise<void> {
  const home = homeOf(USER);
  if (home === undefined) return;
  if (!home.startsWith(PREFIX))
    throw new Error(`the user ${USER} is there with the home ${home}: remove it first`);
  const directory = dirname(home);
  const pid = textOf(join(directory, PID));
  if (runs(pid, 'bench')) throw new Error(`another benchmark is under way, process ${pid}`);
  const sshd = textOf(join(directory, SSHD));
  if (sshd !== '') {
    const daemon = textOf(join(sshd, 'pid'));
    if (runs(daemon, sshd)) process.kill(Number(daemon), 'SIGTERM');
    rmSync(sshd, { recursive: true, force: true });
  }
  await removeUser(USER);
  unmount(home);
  rmSync(directory, { recursive: true, force: true });
}

/** Is there such a process, with that word in its command line? */
function runs(pid: string, word: string): boolean {
  return /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).includes(word);
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
