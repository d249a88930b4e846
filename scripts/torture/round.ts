/** One round: a run that is disturbed as planned, and resumed until it is done. */
import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns } from '../../src/journal/run-directory.ts';
import { LabError } from '../../src/lab/lab-error.ts';
import { runProgram } from '../../src/lab/run-program.ts';
import { Controller, type Ended, program } from './controller.ts';
import type { FaultKind, Moment, RoundPlan } from './fault-plan.ts';
import { strike } from './faults.ts';
import { observeHost, observeRun, type RoundSeen } from './observe.ts';
import { answerAtTerminal, answerDoubts, type Desk } from './operator.ts';
import type { Pair, Pen } from './pen.ts';

/** A round that needs more has gone wrong. */
const MOST_RESUMES = 30;

/** The state's disk in rounds that fill it; the launcher's run needs some 300 KiB. */
const STATE_SIZE = '2m';

export interface RoundPlayed {
  readonly seen: RoundSeen;
  readonly struck: readonly FaultKind[];
  readonly resumes: number;
  /** Exit codes of the lives, in order. */
  readonly codes: readonly number[];
}

/** `name` tells this round from all others on its hosts. Rejects when the lab itself fails. */
export async function playRound(pen: Pen, pair: Pair, plan: RoundPlan, name: string): Promise<RoundPlayed> {
  const state = join(pen.directory, name);
  const folder = `/srv/${name}`;
  const nonce = `${name}-${plan.seed}`;
  const env = { ...pen.env, LOCKSTEP_STATE: state };
  const desk: Desk = { pen, env, folder };
  mkdirSync(state, { mode: 0o700 });
  const small = plan.lives.flat().some(({ faults }) => faults.some(({ kind }) => kind === 'state-full'));
  if (small) await runProgram(['mount', '-t', 'tmpfs', '-o', `size=${STATE_SIZE},mode=700`, 'tmpfs', state]);
  const calm = plan.lives.length === 0;
  if (calm) await pen.inside(pair[0], `touch ${folder}.mended`);
  if (calm || !plan.stubborn) await pen.inside(pair[0], `touch ${folder}.allowed`);

  const struck: FaultKind[] = [];
  const complaints: string[] = [];
  const codes: number[] = [];
  let lastWords = '';
  const unmended: Promise<unknown>[] = [];
  const words = [
    ...['run', join(import.meta.dirname, 'torture.yaml'), '-i', `lab:${pen.lab.name}`, '--yes', '--ndjson'],
    ...['--set', `pool=${pair.join(',')}`, '--set', `first=${pair[0]}`, '--set', `folder=${folder}`],
    ...['--set', `nonce=${nonce}`, '--set', `paces=${plan.paces.join(',')}`],
  ];
  const runNow = (): string | undefined => listRuns(join(state, 'runs'))[0];

  for (let life = 0; codes.at(-1) !== 0; life++) {
    if (life > MOST_RESUMES) {
      complaints.push(`it is not done after ${MOST_RESUMES} resumes: ${codes.join(' ')}: ${lastWords}`);
      break;
    }
    const run = runNow();
    const ended = await live(
      run === undefined ? words : ['resume', run, '--yes', '--ndjson'],
      plan.lives[life] ?? [],
    );
    codes.push(ended.code);
    lastWords = heldText(ended.stdout);
    if (ended.code === 70 || /Unhandled|a fault of lockstep/.test(ended.stderr)) {
      complaints.push(`a fault of lockstep itself: ${ended.stderr.slice(0, 2000)}`);
      break;
    }
    const stop = await respond(ended, runNow());
    if (stop !== undefined) complaints.push(stop);
    if (stop !== undefined) break;
  }

  await Promise.all(unmended);
  const run = runNow() ?? '';
  const hosts = await Promise.all(
    pair.map(async (host) => [host, await observeHost(desk, host, nonce)] as const),
  );
  const seen = {
    ...(await observeRun(desk, run, join(state, 'runs', run))),
    ...{ nonce, hosts: Object.fromEntries(hosts), complaints },
  };
  if (small) await keepOnDisk(state);
  // Receipts and folders of earlier rounds would fill the small disk.
  await Promise.all(pair.map((host) => pen.inside(host, `rm -rf /var/lib/lockstep/* ${folder} ${folder}.*`)));
  return { seen, struck, resumes: Math.max(0, codes.length - 1), codes };

  /** Does what an operator does about a run that ended so. Resolves to what cannot be helped. */
  async function respond({ code, stderr }: Ended, run: string | undefined): Promise<string | undefined> {
    // Held by a signal, or killed by one that came before or after it was listened to.
    if (code === 0 || code > 128) return undefined;
    switch (code) {
      case 1:
        // Killed before its first record: there is no run yet, and nothing was begun.
        return run === undefined ? undefined : `it refused to go on with run ${run}`;
      case 2:
        if (codes.length > MOST_RESUMES / 2) await Promise.all(unmended);
        if (run !== undefined) await mendByPlan();
        return undefined;
      case 3: {
        await Promise.all(unmended);
        if (run === undefined) return 'it asks, and there is no run';
        const next = await answerAtTerminal(desk, run);
        codes.push(next.code);
        return next.code === 3 ? `it asks again, though it was answered: ${next.stdout}` : respond(next, run);
      }
      case 6:
        // Its lease was not there, or its host did not say: nobody else works here, so it goes on when all is mended.
        await Promise.all(unmended);
        return undefined;
      case 4:
        await Promise.all(unmended);
        return run === undefined ? 'it doubts, and there is no run' : answerDoubts(desk, run);
      default:
        return `a life ended with ${code}: ${stderr}`;
    }
  }

  /** What makes the step fail by plan is put right once it has failed. */
  async function mendByPlan(): Promise<void> {
    const [first] = pair;
    await pen
      .inside(first, `if grep -q '^flaky .* 3$' ${folder}/ends 2>/dev/null; then touch ${folder}.mended; fi`)
      .catch((error: unknown) => {
        // Switched off just now: it fails again, and is mended then.
        if (!(error instanceof LabError)) throw error;
      });
  }

  /** One controller, and what befalls it. */
  async function live(argv: readonly string[], moments: readonly Moment[]): Promise<Ended> {
    const controller = new Controller([program, ...argv], env);
    const field = {
      ...{ pen, pair, controller, state, folder, env },
      runDirectory: () => {
        const run = runNow();
        return run === undefined ? undefined : join(state, 'runs', run);
      },
      complain: (what: string) => void complaints.push(what),
    };
    const befalling = Promise.all(
      moments.map(async ({ after, plusMs, faults }) => {
        if (!(await controller.hasTold(after))) return;
        await sleep(plusMs);
        await Promise.all(
          faults.map(async (fault) => {
            if (await strike(field, fault)) struck.push(fault.kind);
          }),
        );
      }),
    );
    const ended = await controller.ended;
    unmended.push(befalling);
    if (!plan.impatient) await befalling;
    return ended;
  }
}

/** A small disk's files outlive it, should they be wanted as evidence. */
async function keepOnDisk(state: string): Promise<void> {
  const copy = `${state}.copy`;
  await runProgram(['cp', '-a', state, copy]);
  await runProgram(['umount', '--lazy', state]);
  rmdirSync(state);
  renameSync(copy, state);
}

/** Why a life ended, out of its last record; records that were cut off tell nothing. */
function heldText(stdout: string): string {
  return /"type":"run\.(?:held|stopping)"[^\n]*?"text":("(?:[^"\\]|\\.)*")/.exec(stdout)?.[1] ?? '';
}
