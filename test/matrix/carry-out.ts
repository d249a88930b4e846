/** Ways to carry a run out to its end: whole, or by controllers that are killed and resumed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../../src/engine/event.ts';
import type { Ended, lockstepFor, Running } from '../lab/lockstep.ts';

export type Lockstep = ReturnType<typeof lockstepFor>;
type Env = Readonly<Record<string, string>>;

export interface CarriedOut {
  /** How the last controller ended. */
  readonly end: Ended;
  /** How often the run was interrupted and resumed. */
  readonly interruptions: number;
  /** Hosts were started anew, so that nobody can say who restarted slapd. */
  readonly rebooted?: boolean;
}

/** Words of `lockstep run` → what became of it. */
export type CarryOut = (words: readonly string[], env: Env) => Promise<CarriedOut>;

export const RESUME = ['resume', 'last', '--yes=typed', '--ndjson'];
/** 128 and SIGKILL, as a shell says it. */
export const KILLED = 137;

export function whole(lockstep: Lockstep): CarryOut {
  return async (words, env) => ({ end: await lockstep.run(words, { env }), interruptions: 0 });
}

/** At which changes of the run (1 is the first after its start or resume) and how many ms later its controller is killed. */
export type Kills = ReadonlyArray<readonly [change: number, afterMs: number]>;

export function killed(lockstep: Lockstep, kills: Kills): CarryOut {
  return async (words, env) => {
    for (let interruptions = 0; ; interruptions++) {
      const controller = lockstep.start(interruptions === 0 ? words : RESUME, { env });
      const kill = kills[interruptions];
      if (kill) await strike(controller, kill);
      const end = await controller.ended;
      // It may have been faster than the blow.
      if (end.code !== KILLED) return { end, interruptions };
    }
  };
}

/** Not if it ends before. */
async function strike(controller: Running, [change, afterMs]: Kills[number]): Promise<void> {
  let changes = 0;
  const isIt = (event: Event) => event.type === 'task.intended' && ++changes === change;
  if (!(await controller.reports(isIt).catch(() => undefined))) return;
  await sleep(afterMs);
  controller.kill('SIGKILL');
}
