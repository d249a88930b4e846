/** The same stages on two sites: on the one they run whole, on the other they are interrupted at each step; `before` on both whole. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Blow, struckAtEachStep } from './blows.ts';
import { type Lockstep, whole } from './carry-out.ts';
import { countTools, toolsRun } from './counted-tools.ts';
import { endState } from './end-state.ts';
import type { MailStage } from './mail-stages.ts';
import type { MailWorld } from './mail-world.ts';
import { leap, lineOf, play } from './play.ts';

export function playBeside(
  calm: MailWorld,
  struck: MailWorld,
  before: readonly MailStage[],
  stages: readonly MailStage[],
  blows: readonly Blow[],
  lockstep: Lockstep,
): void {
  const servers = () =>
    calm.lab
      .record()
      .hosts.filter(({ kind }) => ['master', 'bare', 'replica'].includes(kind))
      .map(({ name }) => name);
  const tell = (line: string) => void process.stdout.write(`${line}\n`);

  beforeAll(() => Promise.all([calm, struck].map((world) => countTools(world, servers()))));
  beforeAll(async () => {
    for (const stage of before)
      await Promise.all([calm, struck].map((world) => leap(world, stage, lockstep)));
  }, 1_800_000);
  afterAll(() => Promise.all([calm.close(), struck.close()]));

  test.each(stages.map((stage) => ({ stage })))(
    '$stage.runbook ends the same, however often it was interrupted',
    async ({ stage }) => {
      const ended = await Promise.allSettled([
        play(calm, stage, { lockstep, carryOut: whole(lockstep) }),
        play(struck, stage, { lockstep, carryOut: struckAtEachStep(lockstep, struck.lab.name, blows, tell) }),
      ]);
      for (const one of ended) if (one.status === 'fulfilled') tell(lineOf(one.value));
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
      for (const host of servers()) {
        const about = `${stage.runbook}: ${host}`;
        // A host that loses its power takes the tool with it, one that is cut off from the master does nothing and says so: it is left to do.
        const [calmly, interrupted] = await Promise.all([calm, struck].map((world) => toolsRun(world, host)));
        expect(unique(interrupted?.begun), `${about}: tools that were run`).toEqual(calmly?.begun);
        expect(interrupted?.ended, `${about}: tools that ran to their end`).toEqual(
          unique(interrupted?.ended),
        );
        // A host with nothing but the software has nothing to compare.
        if (stage.masters.includes(host) || stage.replicas?.includes(host))
          expect(await endState(struck, host), about).toBe(await endState(calm, host));
      }
    },
    3_600_000,
  );
}

function unique(words: readonly string[] | undefined): readonly string[] | undefined {
  return words && [...new Set(words)];
}
