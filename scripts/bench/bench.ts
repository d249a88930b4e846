/**
 * The same trivial changing steps on the same hosts by lockstep, by a bare ssh2 loop, and where installed by Ansible and
 * clush; see docs/benchmark.md. Run as root by `npm run bench [-- --quick] [-- --json FILE]`.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { helpMs, planMs } from './alone.ts';
import { ansible, bare, type Contender, clush, lockstep } from './contenders.ts';
import { environmentLine } from './environment.ts';
import { median } from './median.ts';
import { type Measured, ratiosOf, report } from './report.ts';
import { openSite, type Site } from './site.ts';
import { endAll } from './timed.ts';

const HOSTS = 50;

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const rounds = options.quick ? { short: 1, long: 1, others: false } : { short: 5, long: 3, others: true };

if (process.getuid?.() !== 0)
  stop('bench: needs root (a user and an sshd of its own); run the same command with sudo');
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = true;
    endAll();
  });
}

say(`${environmentLine()}\n`);
const site = await openSite(HOSTS).catch((error: Error) => stop(`bench: ${error.message}`));
say(`receipts on ${site.homeAbout}, the journal on this disk\n\n`);
try {
  const measured = await measure(site);
  const json = { ratios: ratiosOf(measured), helpMs: await helpMs(site.directory), planMs: planMs() };
  say(`\n${report(measured, json, HOSTS)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(json, undefined, 2)}\n`);
} catch (error) {
  if (!interrupted) throw error;
  process.exitCode = 130;
  say('\nbench: interrupted\n');
} finally {
  await site.close();
}

/** In turns, so that a slow moment of the machine meets all alike; every other round goes the other way. */
async function measure(at: Site): Promise<Measured> {
  const measured: Measured = {
    lockstep10: [],
    bare10: [],
    lockstep100: [],
    bare100: [],
    ansible: [],
    clush: [],
  };
  for (let round = 0; round < rounds.short; round++)
    await inTurns(round, at, measured, [
      ['lockstep10', lockstep, 10],
      ['bare10', bare, 10],
    ]);
  for (let round = 0; round < rounds.long; round++)
    await inTurns(round, at, measured, [
      ['lockstep100', lockstep, 100],
      ['bare100', bare, 100],
    ]);
  if (rounds.others && installed('clush')) await inTurns(0, at, measured, [['clush', clush, 10]]);
  if (rounds.others && installed('ansible-playbook'))
    await inTurns(0, at, measured, [['ansible', ansible, 10]]);
  // Ansible and clush run for minutes: what they are compared with is taken after them too.
  if (rounds.others) await inTurns(0, at, measured, [['lockstep10', lockstep, 10]]);
  return measured;
}

async function inTurns(
  round: number,
  at: Site,
  measured: Measured,
  contest: readonly (readonly [keyof Measured, Contender, number])[],
): Promise<void> {
  for (const [name, run, steps] of round % 2 === 0 ? contest : contest.toReversed()) {
    const ms = await run(at, steps);
    measured[name].push(ms);
    say(
      `  ${name.padEnd(12)} ${(ms / 1000).toFixed(2)} s${measured[name].length > 1 ? `, median ${(median(measured[name]) / 1000).toFixed(2)} s` : ''}\n`,
    );
  }
}

function installed(program: string): boolean {
  const there = spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!there) say(`  ${program} is not installed\n`);
  return there;
}

function say(text: string): void {
  process.stdout.write(text);
}

function stop(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
