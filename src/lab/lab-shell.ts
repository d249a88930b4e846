import { spawn } from 'node:child_process';
import { enterArgv, initProcess } from './host-power.ts';
import { LabError } from './lab-error.ts';
import { labDir } from './lab-paths.ts';
import { type LabRecord, labHost } from './lab-record.ts';

/** argv of the system's ssh into a host; `login` is `HOST` or `USER@HOST`, `words` go to ssh as they are. */
export function sshArgv(lab: LabRecord, login: string, words: readonly string[]): readonly string[] {
  const at = login.lastIndexOf('@');
  const user = at < 0 ? 'root' : login.slice(0, at);
  const host = labHost(lab, login.slice(at + 1));
  const options = {
    IdentityFile: `${labDir(lab.name)}/id_ed25519`,
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: `${labDir(lab.name)}/known_hosts`,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    ConnectTimeout: '5',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  // -F none: what the operator has in ~/.ssh/config is for real hosts.
  return ['ssh', '-F', 'none', ...flags, '-l', user, '--', host.address, ...words];
}

/** argv that runs a program in a host without sshd and network. Throws LabError when the host is off. */
export async function execArgv(
  lab: LabRecord,
  name: string,
  argv: readonly string[],
): Promise<readonly string[]> {
  const host = labHost(lab, name);
  const init = await initProcess(lab.name, host.name);
  if (init !== undefined) return enterArgv(init, argv);
  throw new LabError(`${host.name}: is switched off; see \`lockstep lab status ${lab.name}\``);
}

/** Runs a program on our own terminal. Resolves to its exit code; 128 and the signal's number when it was killed. */
export function runAttached(
  argv: readonly string[],
  signals: Readonly<Record<string, number>>,
): Promise<number> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: 'inherit' });
    child.on('error', (cause) => reject(new LabError(`${program}: ${cause.message}`, { cause })));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signals[signal ?? ''] ?? 0)));
  });
}
