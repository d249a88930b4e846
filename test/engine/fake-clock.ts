interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that goes only when it is told: by `pass`, or by what sleeps, which takes no time and wakes no timer. */
export class FakeClock {
  #now: number;
  #timers: readonly Timer[] = [];

  constructor(now = 0) {
    this.#now = now;
  }

  /** How many wait for their time. */
  get pending(): number {
    return this.#timers.length;
  }

  now = (): number => this.#now;

  set(now: number): void {
    this.#now = now;
  }

  sleep = async (ms: number): Promise<void> => {
    this.#now += ms;
  };

  /** Resolves once so much time has passed, or when it is let go. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = { at: this.#now + ms, ring: resolve };
      this.#timers = [...this.#timers, timer];
      signal.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        resolve();
      });
    });
  }

  /** Timers that are due ring in their order, and what they wake comes to rest before the next. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = Math.max(this.#now, until);
  }
}

/** All that can go on without time has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((turned) => setImmediate(turned));
}
