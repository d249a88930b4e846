/**
 * Runs a runbook whose commands count their own executions, under random faults, and judges every end; see
 * docs/torture.md. Run as root by `npm run torture -- [--seed N] [--rounds M] [--only R] [--pairs P] [--faults KIND,KIND] [--json FILE]`.
 */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LabError } from '../../src/lab/lab-error.ts';
import { checkMachine } from '../../src/lab/requirements.ts';
import { Interrupted, killAll } from './controller.ts';
import { FAULT_KINDS, type FaultKind, planRound } from './fault-plan.ts';
import { judge } from './judge.ts';
import type { RoundSeen } from './observe.ts';
import { openPen, type Pair, type Pen } from './pen.ts';
import { playRound } from './round.ts';
import { figuresOf, isClean, type RoundJudged, table } from './verdicts.ts';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    rounds: { type: 'string', default: '100' },
    only: { type: 'string' },
    pairs: { type: 'string', default: '6' },
    faults: { type: 'string', default: FAULT_KINDS.join(',') },
    json: { type: 'string' },
  },
});
const seed = whole('--seed', options.seed, 0);
const pairs = whole('--pairs', options.pairs, 1);
const rounds =
  options.only === undefined
    ? Array.from({ length: whole('--rounds', options.rounds, 1) }, (_, index) => index + 1)
    : [whole('--only', options.only, 1)];

const kinds = kindsNamed(options.faults);
const narrowed = kinds.length === FAULT_KINDS.length ? '' : ` --faults ${kinds.join(',')}`;
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped.abort();
    killAll();
  });
process.exitCode = await main();

async function main(): Promise<number> {
  checkMachine();
  const begun = performance.now();
  say(`seed ${seed}, ${rounds.length} rounds on ${pairs} pairs of hosts\n`);
  const pen = await openPen(pairs, stopped.signal);
  const judged: RoundJudged[] = [];
  try {
    // To the end of each, so that nobody works on hosts that are being taken away.
    const all = await Promise.allSettled(pen.pairs.map((pair, index) => playAll(pen, pair, index, judged)));
    for (const one of all) if (one.status === 'rejected') throw one.reason;
  } catch (error) {
    if (error instanceof LabError) {
      process.stderr.write(`torture: the lab failed: ${error.message}\n`);
      return 2;
    }
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    killAll();
    await pen.close(judged.some(({ verdict }) => verdict.findings.length > 0));
  }
  if (stopped.signal.aborted) return 130;
  const figures = figuresOf(judged);
  say(`\n${table(figures)}\n${((performance.now() - begun) / 1000).toFixed(0)} s, seed ${seed}\n`);
  for (const { round, verdict } of judged.toSorted((a, b) => a.round - b.round))
    if (verdict.findings.length > 0)
      say(
        `round ${round} again: npm run torture -- --seed ${seed} --only ${round} --pairs ${pairs}${narrowed}; kept: ${join(pen.directory, `r${round}`)}\n`,
      );
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  return isClean(figures) ? 0 : 1;
}

/** A pair's rounds, one after the other, measured by an undisturbed one on the same hosts. */
async function playAll(pen: Pen, pair: Pair, index: number, judged: RoundJudged[]): Promise<void> {
  const mine = rounds.filter((round) => (round - 1) % pairs === index);
  if (mine.length === 0) return;
  const calm = await playCalm(pen, pair, index);
  for (const round of mine) {
    if (stopped.signal.aborted) return;
    const begun = performance.now();
    const played = await playRound(pen, pair, planRound(seed, round, kinds), `r${round}`);
    const verdict = judge(played.seen, calm);
    judged.push({ round, played, verdict });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    say(
      `round ${String(round).padStart(4)}  ${seconds.padStart(5)} s  ${(played.struck.join(' ') || 'nothing struck').padEnd(40)} exits ${played.codes.join(' ')}\n`,
    );
    for (const finding of verdict.findings) say(`            ${finding}\n`);
  }
}

async function playCalm(pen: Pen, pair: Pair, index: number): Promise<RoundSeen> {
  const plan = { ...planRound(seed, 0), stubborn: false, impatient: false, lives: [] };
  const { seen, codes } = await playRound(pen, pair, plan, `calm${index + 1}`);
  const { findings } = judge(seen, seen);
  if (findings.length > 0 || codes.join(' ') !== '0')
    throw new Error(`the undisturbed run ended with ${codes.join(' ')}:\n${findings.join('\n')}`);
  return seen;
}

function kindsNamed(text: string): readonly [FaultKind, ...FaultKind[]] {
  const names = text.split(',');
  const known = FAULT_KINDS.filter((kind) => names.includes(kind));
  const [first, ...rest] = known;
  if (first !== undefined && known.length === names.length) return [first, ...rest];
  process.stderr.write(`torture: --faults ${text}: must be some of ${FAULT_KINDS.join(',')}\n`);
  process.exit(1);
}

function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  process.stderr.write(`torture: ${option} ${text}: must be a whole number from ${least}\n`);
  process.exit(1);
}

function say(text: string): void {
  process.stdout.write(text);
}
