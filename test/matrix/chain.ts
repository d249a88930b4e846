/** A row of stages as tests: each is played on all worlds at the same time, and its figures are printed. */
import { afterAll, test } from 'vitest';
import { type Kills, killed, type Lockstep, whole } from './carry-out.ts';
import { lineOf, play } from './play.ts';
import type { Stage } from './stages.ts';
import type { World } from './world.ts';

/** `whole`: each run comes to its end at once. `interrupted`: its controller is killed in the middle of changes. */
export type Mode = 'whole' | 'interrupted';

export function playChain<W extends World>(
  worlds: readonly W[],
  stages: readonly Stage<W>[],
  mode: Mode,
  lockstep: Lockstep,
): void {
  afterAll(() => Promise.all(worlds.map((world) => world.close())));
  test.each(stages.map((stage, at) => ({ stage, at, what: inputsOf(stage) })))(
    '$stage.runbook $what',
    async ({ stage, at }) => {
      const played = worlds.map((world) =>
        play(world, stage, {
          lockstep,
          carryOut: mode === 'whole' ? whole(lockstep) : killed(lockstep, killsOf(at + world.number)),
        }),
      );
      // To the end of each: the next stage must find nobody at work.
      const ended = await Promise.allSettled(played);
      for (const one of ended) if (one.status === 'fulfilled') process.stdout.write(`${lineOf(one.value)}\n`);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
    900_000,
  );
}

function inputsOf({ set }: Pick<Stage, 'set'>): string {
  return Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Three blows: each at the first or second change after a start, up to 0.4 s later; the same for the same number. */
function killsOf(number: number): Kills {
  return [0, 1, 2].map((kill) => [1 + ((number + kill) % 2), ((number * 7 + kill * 13) % 10) * 40] as const);
}
