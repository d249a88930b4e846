/** Measures the terminal UI under load, without any host. Run by `npm run screen-load [SECONDS]`; exits 1 over a limit. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAll, openPty, type Pty } from '../test/pty.ts';
import { buildDriver } from './screen-load/build-driver.ts';
import { LINES_A_SECOND } from './screen-load/feed.ts';
import { type Figures, linesOf, table } from './screen-load/figures.ts';
import { escapesIn, LOAD, wrongOn } from './screen-load/judge-screen.ts';

const [columns, rows] = [120, 35];
const seconds = Number(process.argv[2] ?? 30);
if (!(seconds >= 2 && seconds <= 600)) {
  process.stderr.write('screen-load: SECONDS must be 2 to 600\n');
  process.exit(1);
}
/** Clock ticks a second in /proc: sysconf(_SC_CLK_TCK), 100 on every Linux of today. */
const TICKS = 100;
/** A screen in the middle of being drawn is looked at again for so long, in s. */
const PATIENCE_S = 0.5;

process.exitCode = await main();

async function main(): Promise<number> {
  process.stdout.write(`${LOAD}, ${LINES_A_SECOND} lines a second for ${seconds} s, ${columns}x${rows}\n`);
  const driver = await buildDriver();
  try {
    const bare = await measureBare(driver);
    const shown = await measureScreen(driver);
    const figures: Figures = { ...shown, withoutScreen: bare };
    const lines = linesOf(figures);
    process.stdout.write(table(lines));
    for (const what of figures.wrong) process.stdout.write(`  ${what}\n`);
    return lines.every(({ good }) => good) ? 0 : 1;
  } finally {
    endAll();
    rmSync(dirname(driver), { recursive: true, force: true });
  }
}

function drive(driver: string, kind: 'screen' | 'bare'): Pty {
  return openPty([process.execPath, ...flags(), driver, kind, String(seconds)], { columns, rows });
}

/** Node's own, as the program starts it. */
function flags(): readonly string[] {
  const launcher = readFileSync(join(import.meta.dirname, '..', 'lockstep'), 'utf8');
  return [...launcher.matchAll(/ (--(?:max|single)-\S+)/g)].map(([, flag]) => flag ?? '');
}

async function measureBare(driver: string): Promise<number> {
  const pty = drive(driver, 'bare');
  await pty.until('feeding');
  const core = await coreWhile(pty.pid, () => sleep(seconds * 1000));
  pty.kill('SIGKILL');
  await pty.ended;
  return core;
}

async function measureScreen(driver: string): Promise<Omit<Figures, 'withoutScreen'>> {
  const pty = drive(driver, 'screen');
  await pty.until((screen) => wrongOn(screen, columns) === undefined);
  const keys: number[] = [];
  const wrong: string[] = [];
  let looks = 0;
  const end = performance.now() + seconds * 1000;
  const withScreen = await coreWhile(pty.pid, async () => {
    while (performance.now() < end) {
      for (const there of [true, false]) {
        keys.push(await answer(pty, '?', there));
        await sleep(pauseAfter(keys.length));
      }
      looks++;
      const found = await look(pty);
      if (found !== undefined) wrong.push(found);
    }
  });
  const memory = peak(pty.pid);
  pty.kill('SIGTERM');
  await pty.ended;
  const left = await pty.traces();
  return { withScreen, memory, keys, looks, wrong: [...wrong, ...escapesIn(pty.written()), ...left] };
}

/** Ms, 150 to 249, never in step with the frames: a key meets every moment between two of them. */
function pauseAfter(keys: number): number {
  return 150 + ((keys * 37) % 100);
}

/** Ms from the write of the key until the help is there, or gone. */
async function answer(pty: Pty, key: string, there: boolean): Promise<number> {
  const begun = performance.now();
  pty.send(key);
  await pty.until((screen) => helps(screen) === there, 10);
  return performance.now() - begun;
}

function helps(screen: readonly string[]): boolean {
  return screen.some((row) => /[┌+][─ -]*keys\b/.test(row));
}

async function look(pty: Pty): Promise<string | undefined> {
  try {
    await pty.until((screen) => wrongOn(screen, columns) === undefined, PATIENCE_S);
  } catch {
    return wrongOn(pty.screen(), columns);
  }
  if (!pty.alternate()) return 'the alternate screen is off';
  return pty.cursorVisible() ? 'the cursor is shown' : undefined;
}

/** Parts of a core that a process has taken meanwhile. */
async function coreWhile(pid: number, act: () => Promise<unknown>): Promise<number> {
  const [begun, before] = [performance.now(), ticks(pid)];
  await act();
  return (ticks(pid) - before) / TICKS / ((performance.now() - begun) / 1000);
}

/** utime and stime: fields 14 and 15 of proc(5)'s stat, counted behind the name, which may hold blanks. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Bytes: the most that was ever resident. */
function peak(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
