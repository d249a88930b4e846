/** One runbook played on one lab: planned, run (or killed and resumed), judged by what the servers hold, and run again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { contradictions } from '../../src/engine/forecast/contradictions.ts';
import type { PlanDocument } from '../../src/plan/document.ts';
import { fold } from '../engine/world.ts';
import { type Ended, eventsOf, type lockstepFor, outcomes, type Running } from '../lab/lockstep.ts';
import type { Stage } from './stages.ts';
import type { World } from './world.ts';
import { type Account, startWriter } from './writer.ts';

export interface Figures {
  readonly runbook: string;
  readonly debian: number;
  /** How often its controller was killed and its run resumed. */
  readonly kills: number;
  /** Seconds from the first start to the end, resumes included. */
  readonly seconds: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Slowest way of a write from one master to another, ms. */
  readonly slowest: number;
  readonly writer: Account | undefined;
}

export interface Player {
  readonly lockstep: ReturnType<typeof lockstepFor>;
  /** At which changes of the run (1 is the first after its start or resume) and how many ms later it is killed. */
  readonly kills: ReadonlyArray<readonly [change: number, afterMs: number]>;
}

const VISIBLE_MS = 5000;
/** 128 and SIGKILL, as a shell says it. */
const KILLED = 137;

export async function play(world: World, stage: Stage, { lockstep, kills }: Player): Promise<Figures> {
  const { lab, debian } = world;
  const about = `${stage.runbook} on Debian ${debian}`;
  await stage.prepare?.(world);
  const env = { ...world.env, ...stage.env, LOCKSTEP_STATE: `${lockstep.state}/${lab.name}` };
  const inputs = Object.entries(stage.set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const words = [stage.runbook, '-i', lab.inventory, ...inputs];
  const run = ['run', ...words, '--yes=typed', '--ndjson'];

  const members = await Promise.all(stage.masters.map((host) => world.member(host)));
  const told = await lockstep.run(['plan', ...words, '--json'], { env });
  expect([told.code, told.stderr], `plan of ${about}`).toEqual([0, '']);
  const document = JSON.parse(told.stdout) as PlanDocument;

  const starts = async (host: string) =>
    Number(await lab.inside(host, "journalctl -u slapd -o cat | grep -c 'slapd starting' || :"));
  const restarted = stage.restarted ?? [];
  const startedBefore = await Promise.all(restarted.map(starts));
  const prefix = `w${Date.now()}`;
  const writers = stage.writers && (await Promise.all(stage.writers.map((host) => world.member(host))));
  // Of three servers one may bring back what was deleted while it started (docs/openldap-notes.md): slapd's own, and by chance.
  const writer = writers && startWriter(prefix, writers, members.length === 2);
  const start = performance.now();
  let account: Account | undefined;
  let killed = 0;
  let end: Ended;
  try {
    const next = () => (killed === 0 ? run : ['resume', 'last', '--yes=typed', '--ndjson']);
    for (;;) {
      const controller = lockstep.start(next(), { env });
      const kill = kills[killed];
      if (kill) await strike(controller, kill);
      end = await controller.ended;
      // It may have been faster than the blow.
      if (end.code !== KILLED) break;
      killed++;
    }
  } finally {
    account = await writer?.stop();
  }
  const seconds = (performance.now() - start) / 1000;
  // The blow may have come after its last step.
  const errors =
    killed > 0 ? end.stderr.replace(/^run \S+ is done; nothing is left to resume\n$/, '') : end.stderr;
  expect([end.code, errors], `${about}\n${end.stdout.slice(-3000)}`).toEqual([0, '']);

  const shown = await lockstep.run(['show', 'last', '--ndjson'], { env });
  const state = fold(eventsOf(shown.stdout));
  if (!state) throw new Error(`${about} told nothing`);
  if (killed === 0) expect(contradictions(document, state), about).toEqual([]);
  const counts = Map.groupBy(Object.values(outcomes(shown.stdout)), (outcome) => outcome);

  await alike(about, members);
  for (const member of members) {
    const missing = (await writer?.missingOn(member)) ?? [];
    expect(missing, `${about}: acknowledged writes that ${member.host} does not hold`).toEqual([]);
  }
  for (const [at, host] of restarted.entries())
    expect((await starts(host)) - (startedBefore[at] ?? 0), `${about}: restarts of ${host}`).toBe(1);
  const slowest = await visible(about, members);
  // A server that is to go must have no clients left, and these are some.
  await world.close();

  const again = await lockstep.run(run, { env });
  expect([again.code, again.stderr], `${about}, again\n${again.stdout.slice(-3000)}`).toEqual([0, '']);
  const done = Object.entries(outcomes(again.stdout)).filter(([, outcome]) => outcome === 'changed');
  expect(done, `${about}: what a second run changes`).toEqual([]);
  Object.assign(world.env, stage.leaves);
  return {
    runbook: stage.runbook,
    debian,
    kills: killed,
    seconds,
    changed: counts.get('changed')?.length ?? 0,
    unchanged: counts.get('unchanged')?.length ?? 0,
    slowest,
    writer: account,
  };
}

/** Kills a run that many ms after it has set out on that change; not if it ends before. */
async function strike(controller: Running, [change, afterMs]: readonly [number, number]): Promise<void> {
  let changes = 0;
  const isIt = (event: Event) => event.type === 'task.intended' && ++changes === change;
  if (!(await controller.reports(isIt).catch(() => undefined))) return;
  await sleep(afterMs);
  controller.kill('SIGKILL');
}

type Members = ReadonlyArray<Awaited<ReturnType<World['member']>>>;

async function alike(about: string, members: Members): Promise<void> {
  const contents = () =>
    Promise.all(members.map(async (member) => `${JSON.stringify(await member.contents())}`));
  await expect
    .poll(async () => new Set(await contents()).size, {
      timeout: VISIBLE_MS,
      message: `${about}: data that differs`,
    })
    .toBe(1);
}

/** A write on each master, looked for on all others at the same time. The slowest way, ms. */
async function visible(about: string, members: Members): Promise<number> {
  let slowest = 0;
  for (const from of members) {
    const name = `seen-from-${from.host}-${Date.now()}`;
    await from.add(name, 'a test');
    const added = performance.now();
    const others = members.filter((member) => member !== from);
    await Promise.all(
      others.map(async (to) => {
        while (!(await to.has(name))) {
          const ms = performance.now() - added;
          expect(ms, `${about}: a write on ${from.host} is not on ${to.host}`).toBeLessThan(VISIBLE_MS);
          await sleep(10);
        }
        slowest = Math.max(slowest, performance.now() - added);
      }),
    );
    await from.remove(name);
  }
  return Math.round(slowest);
}

/** One line a figure, for whoever reads the output of the tests. */
export function lineOf(one: Figures): string {
  const { writer } = one;
  const written = writer
    ? `; ${writer.acknowledged} writes acknowledged in ${writer.seconds.toFixed(0)} s (${(writer.acknowledged / writer.seconds).toFixed(1)}/s), ${writer.refused} refused, longest gap ${writer.longestGap} ms, 0 lost`
    : '';
  return `${one.runbook} on Debian ${one.debian}: ${one.seconds.toFixed(1)} s, ${one.changed} changed, ${one.unchanged} unchanged, killed ${one.kills} times, slowest write ${one.slowest} ms${written}`;
}
