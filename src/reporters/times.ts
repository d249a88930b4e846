import type { Stamped } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';

/**
 * How long tasks and steps took, in ms, over all processes that worked on a run: each has a clock of its own, which begins with
 * `run.opened` or `run.resumed`. What nobody worked on in between does not count.
 */
export class Times {
  readonly #tasks = new Map<string, number>();
  readonly #steps = new Map<string, number>();
  /** Task → when it could begin, while it is open. */
  readonly #since = new Map<string, number>();
  /** When the next task of a step that does not do all at once could begin. */
  #free = 0;
  #last = 0;
  /** What a person says of a held run, and how long that takes, is no part of any step. */
  #held = false;
  /** Since the last record of a task: it belongs to the step only if another one follows. */
  #between = 0;
  #step: { readonly id: string; readonly isParallel: boolean } | undefined;

  ofTask(id: string): number {
    return this.#tasks.get(id) ?? 0;
  }

  ofStep(id: string): number {
    return this.#steps.get(id) ?? 0;
  }

  /** `state` is the one after all of them. */
  told(records: readonly Stamped[], state: RunState): void {
    for (const record of records) this.#take(record, state);
  }

  #take({ event, mono }: Stamped, state: RunState): void {
    if (event.type === 'run.resumed') {
      for (const task of this.#since.keys()) this.#stop(task, this.#last);
      this.#free = mono;
      this.#held = false;
    } else if (this.#held) return;
    else this.#between += Math.max(0, mono - this.#last);
    this.#last = mono;
    if (event.type === 'run.held') this.#held = true;
    if (event.type === 'step.began') {
      const brief = state.steps.find((step) => step.brief.id === event.step)?.brief;
      this.#step = { id: event.step, isParallel: brief?.order === 'parallel' };
      this.#free = mono;
      this.#between = 0;
      if (this.#step.isParallel) for (const { id } of event.tasks) this.#since.set(id, mono);
    }
    if (!('task' in event)) return;
    if (this.#step) add(this.#steps, this.#step.id, this.#between);
    this.#between = 0;
    if (!this.#since.has(event.task)) this.#since.set(event.task, this.#free);
    if (event.type !== 'task.ended') return;
    this.#stop(event.task, mono);
    if (!this.#step?.isParallel) this.#free = mono;
  }

  #stop(task: string, mono: number): void {
    add(this.#tasks, task, mono - (this.#since.get(task) ?? mono));
    this.#since.delete(task);
  }
}

/** A record that a person's word has added in between has another clock: never less than nothing. */
function add(times: Map<string, number>, id: string, ms: number): void {
  times.set(id, (times.get(id) ?? 0) + Math.max(0, ms));
}
