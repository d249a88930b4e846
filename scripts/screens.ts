/** Takes the pictures in docs/screens from the real program on real hosts. Run as root by `npm run screens [NAME…]`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale, program, repository } from '../test/lab/program.ts';
import { endAll, openPty } from '../test/pty.ts';
import { type Scenario, type Stage, scenarios } from './screens/scenarios.ts';
import { steady } from './screens/steady.ts';
import { svgOf } from './screens/svg.ts';

const LAB = 'screens';
const COLUMNS = 120;
const folder = join(repository, 'docs', 'screens');
const state = join(tmpdir(), 'lockstep-screens');

const named = process.argv.slice(2);
const unknown = named.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0)
  stop(`no scenario ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`);
process.exitCode = await main();

async function main(): Promise<number> {
  buildIfStale();
  rmSync(state, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    for (const scenario of scenarios)
      if (named.length === 0 || named.includes(scenario.name)) await play(scenario);
  } finally {
    endAll();
    lockstep('lab', 'down', LAB);
    rmSync(state, { recursive: true, force: true });
  }
  return 0;
}

/** Each on fresh hosts, so that one does not depend on what another has left. */
async function play({ name, play: act }: Scenario): Promise<void> {
  lockstep('lab', 'down', LAB);
  must('lab', 'up', LAB, '--platform', 'openldap', '--debian', '12', '--hosts', '2');
  process.stdout.write(`${name}\n`);
  await act(stage());
}

function stage(): Stage {
  return {
    inventory: `lab:${LAB}`,
    state,
    open: (words, options = {}) =>
      openPty([program, ...words], {
        cwd: repository,
        columns: COLUMNS,
        ...options,
        env: { LOCKSTEP_STATE: state, TZ: 'UTC', USER: 'alice', LOGNAME: 'alice', ...options.env },
      }),
    fault: (host, kind) => must('lab', 'fault', host, kind, '--lab', LAB),
    take(name, title, pty) {
      const rows = steady(pty.cells(), [
        [state, '~/.local/state/lockstep'],
        [repository, '~/lockstep'],
        [hostname(), 'desk'],
      ]);
      const last = rows.findLastIndex((row) => row.some(({ text }) => text.trim() !== ''));
      const file = join(folder, `${name}.svg`);
      const svg = svgOf(rows.slice(0, last + 1), { title, columns: COLUMNS });
      writeFileSync(file, svg);
      process.stdout.write(`  docs/screens/${name}.svg, ${(svg.length / 1024).toFixed(1)} KiB\n`);
    },
  };
}

function lockstep(...words: readonly string[]): number {
  return spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] }).status ?? 1;
}

function must(...words: readonly string[]): void {
  const status = lockstep(...words);
  if (status !== 0) throw new Error(`lockstep ${words.join(' ')} ended with code ${status}`);
}

function stop(text: string): never {
  process.stderr.write(`screens: ${text}\n`);
  process.exit(1);
}
