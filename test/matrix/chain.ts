/** A row of stages as tests: each is played on all worlds at the same time, and its figures are printed. */
import { afterAll, test } from 'vitest';
import type { lockstepFor } from '../lab/lockstep.ts';
import { lineOf, play } from './play.ts';
import type { Stage } from './stages.ts';
import type { World } from './world.ts';

/** `whole`: each run comes to its end at once. `interrupted`: its controller is killed in the middle of changes. */
export type Mode = 'whole' | 'interrupted';

export function playChain(
  worlds: readonly World[],
  stages: readonly Stage[],
  mode: Mode,
  lockstep: ReturnType<typeof lockstepFor>,
): void {
  afterAll(() => Promise.all(worlds.map((world) => world.close())));
  test.each(stages.map((stage, at) => ({ stage, at, what: inputsOf(stage) })))(
    '$stage.runbook $what',
    async ({ stage, at }) => {
      const played = worlds.map((world) =>
        play(world, stage, { lockstep, kills: killsOf(mode, at + world.debian) }),
      );
      // To the end of each: the next stage must find nobody at work.
      const ended = await Promise.allSettled(played);
      for (const one of ended) if (one.status === 'fulfilled') process.stdout.write(`${lineOf(one.value)}\n`);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
    600_000,
  );
}

function inputsOf({ set }: Stage): string {
  return Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Three blows: each at the first or second change after a start, up to 0.4 s later; the same for the same number. */
function killsOf(mode: Mode, number: number): ReadonlyArray<readonly [number, number]> {
  if (mode === 'whole') return [];
  return [0, 1, 2].map((kill) => [1 + ((number + kill) % 2), ((number * 7 + kill * 13) % 10) * 40] as const);
}
