import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.ts';

/**
 * Each host has a cgroup of its own. Without one, systemd-nspawn --keep-unit puts every container of a machine without
 * systemd into the same `payload` group, and one host's systemd stops another's services.
 */
export function hostCgroup(lab: string, host: string): string {
  return `lockstep/${lab}/${host}`;
}

/** Mount points of the hierarchies that systemd uses: cgroup2, and `name=systemd` on machines with cgroup v1. */
export function systemdHierarchies(mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(
      ([, , type, options]) => type === 'cgroup2' || (type === 'cgroup' && options?.includes('name=systemd')),
    )
    .map(([, point = '']) => point);
}

async function directories(group: string): Promise<readonly string[]> {
  const points = systemdHierarchies(await readFile('/proc/self/mounts', 'utf8'));
  if (points.length > 0) return points.map((point) => `${point}/${group}`);
  throw new LabError(
    'this machine has no cgroup2 file system mounted; mount it with `mount -t cgroup2 none /sys/fs/cgroup`',
  );
}

/** Makes the group in each hierarchy; ends what was left in it. Resolves to its directories; a process joins by its `cgroup.procs`. */
export async function makeCgroup(group: string): Promise<readonly string[]> {
  await dissolveCgroup(group);
  const made = await directories(group);
  for (const directory of made) await mkdir(directory, { recursive: true });
  return made;
}

/** Processes of a group and of the groups below it, on any hierarchy. */
export async function cgroupMembers(group: string): Promise<readonly number[]> {
  const all = await Promise.all((await directories(group)).map(members));
  return [...new Set(all.flat())];
}

async function members(directory: string): Promise<readonly number[]> {
  const text = await readFile(`${directory}/cgroup.procs`, 'utf8').catch(() => '');
  // 0 stands for a process of a pid namespace we cannot see; as an argument of kill(2) it would mean ourselves.
  const own = text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
  const below = await Promise.all((await subgroups(directory)).map(members));
  return [...own, ...below.flat()];
}

async function subgroups(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${directory}/${entry.name}`);
}

/** SIGKILL to all of a group at once, as a power cut would, and waits until it is empty. Harmless when there is none. */
async function killCgroup(group: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const pids = await cgroupMembers(group);
    if (pids.length === 0) return;
    await killAll(group, pids);
    await sleep(10);
  }
  throw new LabError(
    `cgroup ${group}: processes remain 5 s after SIGKILL; look at them with \`ps\` and try again`,
  );
}

async function killAll(group: string, pids: readonly number[]): Promise<void> {
  for (const directory of await directories(group)) {
    // cgroup.kill (Linux 5.14) leaves no time to fork; older kernels and cgroup v1 get one signal a process.
    await writeFile(`${directory}/cgroup.kill`, '1', { flag: 'r+' }).catch(() => {});
  }
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
}

/**
 * Kills all of a group and removes it. Once it is gone nothing can join it, not even a host that was being switched on
 * by a process that has died meanwhile. Harmless when there is none.
 */
export async function dissolveCgroup(group: string): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    await killCgroup(group);
    const busy = await removeCgroup(group).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (!busy) return;
    if (busy.code !== 'EBUSY' || Date.now() > deadline)
      throw new LabError(`cgroup: ${busy.message}`, { cause: busy });
    await sleep(10);
  }
}

async function removeCgroup(group: string): Promise<void> {
  for (const directory of await directories(group)) await removeTree(directory);
}

async function removeTree(directory: string): Promise<void> {
  for (const below of await subgroups(directory)) await removeTree(below);
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Ends all processes of a lab and removes its groups, and the one of all labs with the last of them. */
export async function dissolveLab(lab: string): Promise<void> {
  await dissolveCgroup(`lockstep/${lab}`);
  for (const directory of await directories('lockstep')) await rmdir(directory).catch(() => {});
}
