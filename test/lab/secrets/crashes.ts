/** Ways in which lockstep itself breaks down in the middle of a run, with everything on that leaves something behind. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, program } from '../lockstep.ts';

/** An error nobody catches, a promise nobody waits for, abort(), no memory left; a report asked for by a signal. */
export const CRASHES = ['throw', 'reject', 'abort', 'memory', 'signal'] as const;
export type Crash = (typeof CRASHES)[number];

/** Reports of Node go to `folder`, a core to `folder` too (with no limit), the run to `folder/state`. */
export async function crash(
  how: Crash,
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  mkdirSync(folder, { recursive: true });
  const when = join(folder, 'now');
  const options = [
    `--require ${join(import.meta.dirname, 'crash.cjs')}`,
    `--report-uncaught-exception --report-on-fatalerror --report-on-signal --report-directory=${folder}`,
    ...(how === 'memory' ? ['--max-old-space-size=64'] : []),
  ];
  const child = spawn('sh', ['-c', 'ulimit -c unlimited; exec "$0" "$@"', program, ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...env,
      NO_COLOR: '1',
      LOCKSTEP_STATE: join(folder, 'state'),
      NODE_OPTIONS: options.join(' '),
      CRASH_HOW: how,
      CRASH_WHEN: when,
    },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGABRT' ? 134 : 128)));
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && !/^ {2}differs /m.test(said.stdout)) await sleep(10);
  // Its command is under way now.
  await sleep(300);
  if (how === 'signal') {
    child.kill('SIGUSR2');
    await sleep(300);
    child.kill('SIGTERM');
  } else writeFileSync(when, '');
  return { code: await ended, ...said };
}
