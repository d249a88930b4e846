import type { Move } from '../engine/input.ts';
import type { RunState } from '../engine/state.ts';
import type { Took } from '../plan/estimate.ts';
import { type Plan, platformsOf } from '../plan/plan.ts';

/** Takes the time of each task: of its moves, so that what a person thought over is not in it. */
export class Stopwatch {
  readonly #now: () => number;
  readonly #tasks = new Map<string, { ms: number; wrote: boolean }>();

  /** `now` in ms; only differences count. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async around<T>(move: Move, act: () => Promise<T>): Promise<T> {
    if (move.kind === 'begin') return act();
    const began = this.#now();
    try {
      return await act();
    } finally {
      const before = this.#tasks.get(move.task.id) ?? { ms: 0, wrote: false };
      this.#tasks.set(move.task.id, {
        ms: before.ms + Math.max(0, this.#now() - began),
        wrote: before.wrote || move.kind === 'write',
      });
    }
  }

  /**
   * The changes that this process has begun and that ended well, and the gates that it saw hold; each task once. What had nothing
   * to do says nothing of the next time; nor does a question.
   */
  taken(plan: Plan, state: RunState): readonly Took[] {
    const platformOf = platformsOf(plan.inventory);
    return state.steps.flatMap(({ brief, tasks }) =>
      tasks.flatMap(({ ref, state: task }) => {
        const taken = this.#tasks.get(ref.id);
        if (!taken || task.status !== 'ended') return [];
        const counts =
          brief.kind === 'change'
            ? taken.wrote && task.outcome === 'changed'
            : brief.kind === 'gate' && task.outcome === 'unchanged';
        const platform = platformOf(ref.host);
        return counts ? [{ step: brief.id, platform, ms: Math.round(taken.ms) }] : [];
      }),
    );
  }
}
