/** Watches what must hold throughout a run: in the background, and before each change. Throws nothing into the loop. */
import type { PlannedInvariant } from '../../plan/plan.ts';
import type { Input } from '../input.ts';
import {
  breachOf,
  type Course,
  follow,
  judge,
  nextLookAt,
  type Said,
  standing,
  unknownLimit,
} from '../invariant.ts';
import type { RunState } from '../state.ts';

export interface WatchPorts {
  readonly invariants: readonly PlannedInvariant[];
  /** One look at one host; `state` is that of the run when it was entered. */
  readonly look: (planned: PlannedInvariant, host: string, state: RunState) => Promise<Said>;
  /** A steady clock, in ms. */
  readonly now: () => number;
  /** Resolves after so many ms, or at once when it is let go. Keeps no process alive. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of what is found in the background. */
  readonly tell: (input: Input) => void;
}

/** An answer may be so old, in ms, when a change begins by it. */
const FRESH_MS = 1000;

export class InvariantWatch {
  readonly #ports: WatchPorts;
  #all: readonly Watched[] = [];
  /** Why the run is to be held. */
  readonly #found: Input[] = [];
  readonly #end = new AbortController();

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** Looks at each before anything is begun, without grace: why the run is to be held. When all hold, the watch begins. */
  async enter(state: RunState): Promise<readonly Input[]> {
    this.#all = this.#ports.invariants.map((planned) => new Watched(planned, this.#ports, state));
    const breaches = await Promise.all(
      this.#all.map(async (one) => breachOf(one.spec, await one.look()) ?? []),
    );
    const found = breaches.flat();
    this.#found.push(...found);
    if (found.length === 0) for (const one of this.#all) void this.#keepLooking(one);
    return found;
  }

  /** Whether a change may begin, by fresh answers; the inputs say why the run is to be held. */
  async mayChange(): Promise<'yes' | 'not yet' | readonly Input[]> {
    const stands = this.#found.length > 0 ? [] : await this.#stands();
    if (this.#found.length > 0) return [...this.#found];
    return stands.some(({ word }) => word === 'wait') ? 'not yet' : 'yes';
  }

  /** Before the end, after which nobody looks any more: waits until each holds again, or does not for too long. */
  async last(): Promise<readonly Input[]> {
    while (this.#found.length === 0 && !this.#end.signal.aborted) {
      const stands = await this.#stands();
      if (stands.every(({ holds }) => holds)) break;
      if (this.#found.length === 0) await this.rest();
    }
    return [...this.#found];
  }

  /** A change has ended: what was seen before it says nothing of the time after. */
  changed(): void {
    for (const one of this.#all) one.outdate();
  }

  /** Until an answer that could not be had may be asked for again. */
  rest(): Promise<void> {
    return this.#ports.pause(FRESH_MS + 1, this.#end.signal);
  }

  stop(): void {
    this.#end.abort();
  }

  async #keepLooking(one: Watched): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await one.rest(signal);
      if (signal.aborted) return;
      const { breach } = await one.stand();
      if (!breach || signal.aborted) continue;
      this.#found.push(breach);
      this.#ports.tell(breach);
      return;
    }
  }

  async #stands(): Promise<readonly Stand[]> {
    const stands = await Promise.all(this.#all.map((one) => one.stand()));
    this.#found.push(...stands.flatMap(({ breach }) => breach ?? []));
    return stands;
  }
}

interface Stand {
  readonly word: ReturnType<typeof standing>;
  readonly holds: boolean;
  readonly breach: Input | undefined;
}

/** One invariant, and what is known of it. */
class Watched {
  readonly #planned: PlannedInvariant;
  readonly #ports: WatchPorts;
  readonly #state: RunState;
  /** Host → its look under way: one at a time, however many ask. */
  readonly #asking = new Map<string, Promise<unknown>>();
  #course: Course | undefined;
  #looking: Promise<Course> | undefined;
  /** Ends the rest of the background. */
  #wake: () => void = () => undefined;
  /** When the newest look began, unless a change has ended since. */
  #began: number | undefined;

  constructor(planned: PlannedInvariant, ports: WatchPorts, state: RunState) {
    this.#planned = planned;
    this.#ports = ports;
    this.#state = state;
  }

  get spec(): PlannedInvariant['spec'] {
    return this.#planned.spec;
  }

  /** Until the next look is due, which is sooner when somebody finds that it no longer holds. */
  async rest(end: AbortSignal): Promise<void> {
    const now = this.#ports.now();
    const ms = this.#course ? nextLookAt(this.spec, this.#course, now) - now : this.spec.everyMs;
    const nap = new AbortController();
    const wake = (): void => nap.abort();
    end.addEventListener('abort', wake);
    this.#wake = wake;
    await this.#ports.pause(Math.max(1, ms), nap.signal);
    end.removeEventListener('abort', wake);
  }

  outdate(): void {
    this.#began = undefined;
  }

  async stand(): Promise<Stand> {
    const course = await this.look();
    const now = this.#ports.now();
    const word = standing(this.spec, course, now);
    const breach = word === 'over' ? breachOf(this.spec, course, now) : undefined;
    return { word, holds: course.since === undefined, breach };
  }

  /** By a look that began at most `FRESH_MS` ago; else by a new one, which all who ask meanwhile share. */
  async look(): Promise<Course> {
    for (;;) {
      const serves = this.#began !== undefined && this.#ports.now() - this.#began <= FRESH_MS;
      if (serves && this.#course && !this.#looking) return this.#course;
      if (!this.#looking) return this.#begin();
      const course = await this.#looking;
      if (serves) return course;
    }
  }

  #begin(): Promise<Course> {
    const began = this.#ports.now();
    this.#began = began;
    this.#looking = this.#lookAtAll().then((answers) => {
      this.#course = follow(this.#course, judge(this.spec.need, answers), began);
      this.#looking = undefined;
      if (this.#course.since === began) this.#wake();
      return this.#course;
    });
    return this.#looking;
  }

  async #lookAtAll(): Promise<Readonly<Record<string, Said>>> {
    const looks = this.#planned.hosts.map(async (host) => [host, await this.#ask(host)] as const);
    return Object.fromEntries(await Promise.all(looks));
  }

  /** What the host says, or that it has not answered in time; a look that hangs is waited for, not doubled. */
  async #ask(host: string): Promise<Said> {
    const limit = unknownLimit(this.spec);
    const answered = new AbortController();
    let late = false;
    const answer = (async (): Promise<Said | undefined> => {
      while (this.#asking.has(host)) await this.#asking.get(host);
      return late ? undefined : this.#start(host);
    })();
    const said = await Promise.race([answer, this.#ports.pause(limit, answered.signal)]);
    late = true;
    answered.abort();
    return said ?? { said: 'unknown', because: `no answer within ${Math.round(limit / 1000)} s` };
  }

  #start(host: string): Promise<Said> {
    const asking = this.#ports
      .look(this.#planned, host, this.#state)
      .catch((error: unknown): Said => ({ said: 'unknown', because: String(error) }))
      .finally(() => this.#asking.delete(host));
    this.#asking.set(host, asking);
    return asking;
  }
}
