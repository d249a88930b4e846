import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupMembers, dissolveCgroup, hostCgroup, makeCgroup } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { hostDir, hostRoot, netnsFile } from './lab-paths.ts';
import { type LabRecord, labHost } from './lab-record.ts';
import { setCarrier } from './network.ts';
import { isAlive, parseIdentity } from './process-identity.ts';
import { plainEnvironment, runProgram } from './run-program.ts';

/** Milliseconds until a host must have booted, or have shut down in order. */
const patienceMs = 60_000;

/**
 * First the cgroup and the record of the process, then anything else: whatever is killed from here on, `down` finds it.
 * The private /run keeps systemd-nspawn's own files off the machine. With --keep-unit it does not boot a container again
 * that asked for a reboot but ends with 133, for whoever started it to do so. SIGTERM is an orderly shutdown.
 */
const bootScript = `
set -eu; umask 022
dir=$1; groups=$2; shift 2
for group in $groups; do echo $$ > "$group/cgroup.procs"; done
echo "$$ $(cut -d ' ' -f 22 /proc/$$/stat)" > "$dir/process"
mount -t tmpfs -o mode=755 tmpfs /run
code=133; child=
trap 'kill -TERM "$child"' TERM
while [ "$code" -eq 133 ]; do
  "$@" & child=$!
  code=0; wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do code=0; wait "$child" || code=$?; done
done
exit "$code"
`;

function nspawnArgv(lab: string, host: string): readonly string[] {
  return [
    'systemd-nspawn',
    `--directory=${hostRoot(lab, host)}`,
    `--machine=${lab}-${host}`,
    `--hostname=${host}`,
    `--network-namespace-path=${netnsFile(lab, host)}`,
    '--boot',
    '--register=no',
    '--keep-unit',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
  ];
}

/** Switches a host on and waits until its systemd has started everything. Resolves to the units that failed. */
export async function startHost(
  lab: LabRecord,
  name: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const host = labHost(lab, name).name;
  await setCarrier(lab.name, host, 'on');
  if ((await hostPower(lab.name, host)) === 'off') await switchOn(lab.name, host);
  return waitBooted(lab.name, host, signal);
}

async function switchOn(lab: string, host: string): Promise<void> {
  const groups = await makeCgroup(hostCgroup(lab, host));
  const log = await open(`${hostDir(lab, host)}/console.log`, 'a', 0o600);
  const boot = ['sh', '-c', bootScript, 'sh', hostDir(lab, host), groups.join(' '), ...nspawnArgv(lab, host)];
  const child = spawn('unshare', ['--mount', '--propagation', 'slave', ...boot], {
    cwd: '/',
    env: plainEnvironment,
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  try {
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await recorded(lab, host, child.pid);
  } finally {
    child.unref();
    await log.close();
  }
}

/** Waits until the boot script has joined its cgroup, so that from our return on the host can be switched off. */
async function recorded(lab: string, host: string, pid: number | undefined): Promise<void> {
  const deadline = Date.now() + 5000;
  while ((await recordedProcess(lab, host)) !== pid) {
    if (Date.now() > deadline)
      throw new LabError(await noBoot(lab, host, 'did not begin to boot within 5 s'));
    await sleep(10);
  }
}

/** Switches a host off: `kill` is the plug pulled, `orderly` lets its systemd stop services first. */
export async function stopHost(lab: LabRecord, name: string, how: 'kill' | 'orderly'): Promise<void> {
  const host = labHost(lab, name).name;
  if (how === 'orderly') await shutDown(lab.name, host);
  await setCarrier(lab.name, host, 'off');
  await dissolveCgroup(hostCgroup(lab.name, host));
}

/** Pulls the plug, puts it back and waits for the boot. Disks keep what was written, as after a real one. */
export async function rebootHost(lab: LabRecord, name: string): Promise<readonly string[]> {
  await stopHost(lab, name, 'kill');
  return startHost(lab, name);
}

async function shutDown(lab: string, host: string): Promise<void> {
  const supervisor = await recordedProcess(lab, host);
  if (supervisor !== undefined) process.kill(supervisor, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline && (await hostPower(lab, host)) === 'on') await sleep(50);
}

export async function hostPower(lab: string, host: string): Promise<'on' | 'off'> {
  return (await recordedProcess(lab, host)) === undefined ? 'off' : 'on';
}

/** The pid of the script that runs the host's systemd-nspawn, if it is still that process. */
async function recordedProcess(lab: string, host: string): Promise<number | undefined> {
  const text = await readFile(`${hostDir(lab, host)}/process`, 'utf8').catch(() => '');
  const identity = parseIdentity(text);
  return identity && (await isAlive(identity)) ? identity.pid : undefined;
}

/** The pid, on this machine, of the host's own pid 1; undefined while there is none. */
export async function initProcess(lab: string, host: string): Promise<number | undefined> {
  for (const pid of await cgroupMembers(hostCgroup(lab, host))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    // NSpid lists the pid in each namespace, ours first (proc_pid_status(5)).
    if (/^NSpid:\s+\d+\s+(\d+\s+)*1$/m.test(status)) return pid;
  }
  return undefined;
}

/**
 * Runs argv in the host's namespaces and waits for its end. nsenter's own fork stops itself when its child is stopped, which
 * systemd-shutdown does to all: nobody would reap the child, and a host that reboots would never go down. This shell is still
 * outside of the host's pids: it runs nothing by itself, and without `exit` some shells would become the `env`.
 */
const enterScript = 'trap : INT QUIT; /usr/bin/env -i "$@"; exit $?';

/** argv that runs `argv` inside a host, as root, past sshd and the network. */
export function enterArgv(init: number, argv: readonly string[]): readonly string[] {
  const environment = { ...plainEnvironment, TERM: process.env.TERM ?? 'dumb' };
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const enter = ['nsenter', '--target', `${init}`, '--all', '--no-fork', '--'];
  return [...enter, '/bin/sh', '-c', enterScript, 'sh', ...settings, ...argv];
}

async function waitBooted(lab: string, host: string, signal?: AbortSignal): Promise<readonly string[]> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    const state = await systemState(lab, host);
    if (state === 'running') return [];
    if (state === 'degraded') return failedUnits(lab, host);
    await sleep(50, undefined, signal ? { signal } : {});
    if ((await hostPower(lab, host)) === 'off') {
      throw new LabError(await noBoot(lab, host, 'went off while it booted'));
    }
  }
  throw new LabError(await noBoot(lab, host, `did not boot within ${patienceMs / 1000} s`));
}

/** The kernel counts them by user, over all hosts of all labs: four or five a host, and the usual limit is 128. */
const inotifyHint =
  'The hosts of all labs together use up fs.inotify.max_user_instances: take a lab down, or raise it with `sysctl -w`';

async function noBoot(lab: string, host: string, fact: string): Promise<string> {
  const file = `${hostDir(lab, host)}/console.log`;
  const console = await readFile(file, 'utf8').catch(() => '');
  const lines = console.trim().split('\n').slice(-8).join('\n  ');
  const hint = /inotify.*Too many open files/.test(console) ? `\n  ${inotifyHint}` : '';
  return `${host}: ${fact}; last lines of its console (${file}):\n  ${lines}${hint}`;
}

/** What the host's systemd says of itself; empty while it cannot be asked. Waits for the end of the boot. */
async function systemState(lab: string, host: string): Promise<string> {
  const init = await initProcess(lab, host);
  if (init === undefined) return '';
  // Bounded: --wait sleeps for ever when the boot ends between its look and its subscription to the signal.
  const question = enterArgv(init, ['timeout', '2', 'systemctl', 'is-system-running', '--wait']);
  return (await runProgram(question, { anyCode: true })).stdout.trim();
}

async function failedUnits(lab: string, host: string): Promise<readonly string[]> {
  const init = await initProcess(lab, host);
  if (init === undefined) return [];
  const question = enterArgv(init, ['systemctl', 'list-units', '--failed', '--plain', '--no-legend']);
  const { stdout } = await runProgram(question, { anyCode: true });
  return stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
}
