/** Keeps one host reachable: dials when needed, again with growing pauses after a link has dropped. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../engine/ports.ts';
import { effectiveUser, enter, entryFor } from './become.ts';
import type { Purpose } from './lanes.ts';
import { Lanes } from './lanes.ts';
import type { Channel, Link } from './link.ts';
import { LaneLost } from './link.ts';
import { Session } from './session.ts';
import type { Target, TransportOptions } from './transport.ts';

/** How a transport reaches its target. Rejects with TransportError, `not-started` or `refused`. */
export type Dial = () => Promise<Link>;

interface Up {
  readonly link: Link;
  readonly lanes: Lanes;
}

/** Pauses in ms before each further try after a dropped link; about 10 s in all. */
const PAUSES = [300, 700, 1500, 3000, 4500];

export class Reach {
  readonly target: Target;
  readonly #dial: Dial;
  readonly #options: TransportOptions;
  #up: Promise<Up> | undefined;
  #wasUp = false;
  #closed = false;

  constructor(target: Target, dial: Dial, options: TransportOptions) {
    this.target = target;
    this.#dial = dial;
    this.#options = options;
  }

  /** The link, dialled if need be. Rejects with TransportError: nothing has been started. */
  async up(): Promise<Up> {
    if (this.#closed) throw this.notStarted('the connection was closed by lockstep');
    const current = this.#up;
    if (current !== undefined) {
      const up = await current;
      if (up.link.lost === undefined) return up;
      if (this.#up === current) this.#up = undefined;
      return this.up();
    }
    const dialling = this.#wasUp ? this.#redial() : this.#connect();
    this.#up = dialling;
    try {
      return await dialling;
    } catch (error) {
      if (this.#up === dialling) this.#up = undefined;
      throw error;
    }
  }

  /**
   * Runs `use` with a lane of that user, and takes the lane back after it. Rejects with TransportError, or with
   * `LaneLost` when the link dropped: before `use` began it is not `written`.
   */
  async withLane<T>(
    purpose: Purpose,
    as: string | undefined,
    use: (lane: Session) => Promise<T>,
  ): Promise<T> {
    const { link, lanes } = await this.up();
    let lane: Session;
    try {
      lane = await lanes.take(purpose, effectiveUser(this.target, as, link.user));
    } catch (error) {
      const known = error instanceof TransportError || error instanceof LaneLost;
      throw known ? error : this.notStarted(messageOf(error), error);
    }
    try {
      return await use(lane);
    } finally {
      lanes.give(lane);
    }
  }

  /** A channel in which `as` has been entered, outside the lanes. Rejects with TransportError. */
  async openRaw(as: string | undefined): Promise<Channel> {
    const { link, lanes } = await this.up();
    const user = effectiveUser(this.target, as, link.user);
    try {
      return await lanes.raw(() => this.#enter(link, user, async (channel) => channel));
    } catch (error) {
      throw error instanceof TransportError ? error : this.notStarted(messageOf(error), error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const up = await this.#up?.catch(() => undefined);
    await up?.link.close();
  }

  notStarted(cause: string, error?: unknown): TransportError {
    const { name } = this.target;
    return new TransportError(
      'not-started',
      name,
      `${name} is not reachable: ${cause}`,
      'Check the host and its link, then try again.',
      {
        cause: error,
      },
    );
  }

  async #connect(): Promise<Up> {
    const link = await this.#dial();
    if (this.#closed) {
      await link.close();
      throw this.notStarted('the connection was closed by lockstep');
    }
    if (this.#wasUp) this.#tell('up', 'connected again');
    this.#wasUp = true;
    link.onLost((detail) => this.#tell('lost', detail));
    const channels = this.#options.channels ?? 8;
    const lanes = new Lanes((user) => this.#startLane(link, user), channels);
    return { link, lanes };
  }

  async #redial(): Promise<Up> {
    const pauses = this.#options.reconnectPausesMs ?? PAUSES;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#connect();
      } catch (error) {
        const pause = pauses[attempt];
        if (pause === undefined || this.#closed) throw error;
        if (error instanceof TransportError && error.kind === 'refused') throw error;
        this.#tell('retrying', messageOf(error));
        await sleep(pause * (0.75 + Math.random() / 2));
      }
    }
  }

  #startLane(link: Link, user: string): Promise<Session> {
    const main = effectiveUser(this.target, undefined, link.user);
    // A directory that was set belongs to the host's main user; others cannot write there and use their default.
    const receipts = user === main ? this.target.receipts : undefined;
    return this.#enter(link, user, (channel) => Session.start(channel, user, this.target.name, receipts));
  }

  async #enter<T>(link: Link, user: string, begin: (channel: Channel) => Promise<T>): Promise<T> {
    const entry = entryFor(this.target, user, link.user, randomBytes(8).toString('hex'));
    const channel = await link.open(entry.commandLine);
    const limit = this.#options.connectTimeoutMs ?? 30_000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new LaneLost(false, `no shell for ${user} within ${limit / 1000} s`)),
        limit,
      );
    });
    try {
      const entered = enter(channel, entry, this.target.name).then(() => begin(channel));
      return await Promise.race([entered, late]);
    } catch (error) {
      channel.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(state: 'up' | 'lost' | 'retrying', detail: string): void {
    this.#options.onLink?.(this.target.name, state, detail);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
