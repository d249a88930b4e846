import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cgroupMembers, dissolveCgroup, makeCgroup } from './cgroup.ts';
import { delayLine } from './delay-line.ts';
import { LabError } from './lab-error.ts';
import { netnsFile } from './lab-paths.ts';
import { detourEnd, endDetour, makeDetour } from './network.ts';
import { plainEnvironment } from './run-program.ts';

/** The delay line of a host has a group of its own: it outlives the host's plug, and goes with its lab. */
function lineCgroup(lab: string, host: string): string {
  return `lockstep/${lab}/slow-${host}`;
}

/** Makes every packet from and to a host `delayMs` late. In place of any delay there was. */
export async function slowDown(lab: string, host: string, delayMs: number): Promise<void> {
  await makeDetour(lab, host, () => startLine(lab, host, delayMs));
}

/** Takes the delay away; packets that were under way are lost, as on a cable that is changed. Harmless when there is none. */
export async function speedUp(lab: string, host: string): Promise<void> {
  await endDetour(lab, host);
  await dissolveCgroup(lineCgroup(lab, host));
}

/** Milliseconds that a packet takes each way; 0 when the link is as fast as it can be. */
export async function linkDelay(lab: string, host: string): Promise<number> {
  for (const pid of await cgroupMembers(lineCgroup(lab, host))) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const [program, , delayMs] = words.split('\0');
    if (program === 'perl') return Number(delayMs);
  }
  return 0;
}

// First the cgroup: whatever is killed from here on, `down` finds it.
const joinScript = 'for group in $1; do echo $$ > "$group/cgroup.procs"; done; shift; exec "$@"';

/** Resolves once the line carries packets; it goes on when we end. */
async function startLine(lab: string, host: string, delayMs: number): Promise<void> {
  const groups = await makeCgroup(lineCgroup(lab, host));
  const line = ['perl', '-', `${delayMs}`, host, detourEnd(host)];
  const enter = ['nsenter', `--net=${netnsFile(lab, 'switch')}`, ...line];
  const child = spawn('sh', ['-c', joinScript, 'sh', groups.join(' '), ...enter], {
    cwd: '/',
    env: plainEnvironment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(delayLine);
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: string) =>
      reject(new LabError(`${host}: its delay line ${cause} ${complaint}`.trim()));
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, signal) => failed(`ended at once with ${code ?? signal}:`));
    child.stdout.once('data', () => resolve());
  });
  child.removeAllListeners('exit');
  for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
  child.unref();
}
