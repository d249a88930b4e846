/**
 * The lanes of one link. A changing command occupies its lane; a probe takes an idle one or opens another, so that it
 * never waits for a changing command while the server grants channels.
 */
import type { Channel } from './link.ts';
import { ChannelRefused } from './link.ts';
import type { Session } from './session.ts';

/** `control` looks after a running command (receipts, output, signals): it may use one channel above the limit. */
export type Purpose = 'change' | 'probe' | 'control';

export class Lanes {
  readonly #open: (user: string) => Promise<Session>;
  #limit: number;
  #count = 0;
  #changing = 0;
  readonly #idle = new Set<Session>();
  readonly #purposes = new Map<Session, Purpose>();
  #waiting: (() => void)[] = [];

  constructor(open: (user: string) => Promise<Session>, limit: number) {
    this.#open = open;
    this.#limit = limit;
  }

  /** A lane of that user for one frame or more; `give` it back. */
  async take(purpose: Purpose, user: string): Promise<Session> {
    for (;;) {
      const mayChange = purpose !== 'change' || this.#changing < Math.max(1, this.#limit - 1);
      const idle = mayChange ? this.#idleOf(user) : undefined;
      if (idle !== undefined) return this.#begin(idle, purpose);
      if (mayChange && this.#count < this.#limit + (purpose === 'control' ? 1 : 0)) {
        const session = await this.#add(purpose, user);
        if (session !== undefined) return session;
      } else if (!mayChange || !this.#closeOneIdle()) {
        await this.#turn();
      }
    }
  }

  give(session: Session): void {
    if (this.#purposes.get(session) === 'change') this.#changing--;
    this.#purposes.delete(session);
    if (session.alive && !session.busy) this.#idle.add(session);
    else this.#drop(session);
    this.#wake();
  }

  /** Opens a channel that is not a lane, and counts it until it is closed. */
  async raw(open: () => Promise<Channel>): Promise<Channel> {
    for (;;) {
      if (this.#count < this.#limit) {
        const channel = await this.#counted(open);
        if (channel === undefined) continue;
        void channel.closed.then(() => {
          this.#count--;
          this.#wake();
        });
        return channel;
      }
      if (!this.#closeOneIdle()) await this.#turn();
    }
  }

  #idleOf(user: string): Session | undefined {
    for (const session of this.#idle) {
      if (!session.alive) this.#forget(session);
      else if (session.user === user) return session;
    }
    return undefined;
  }

  #begin(session: Session, purpose: Purpose): Session {
    this.#idle.delete(session);
    this.#purposes.set(session, purpose);
    if (purpose === 'change') this.#changing++;
    return session;
  }

  async #add(purpose: Purpose, user: string): Promise<Session | undefined> {
    if (purpose === 'change') this.#changing++;
    const session = await this.#counted(() => this.#open(user)).catch((error: unknown) => {
      if (purpose === 'change') this.#changing--;
      throw error;
    });
    if (session !== undefined) this.#purposes.set(session, purpose);
    else if (purpose === 'change') this.#changing--;
    return session;
  }

  /** Opens and counts; undefined when the server grants no more for now, after others have made room. */
  async #counted<T>(open: () => Promise<T>): Promise<T | undefined> {
    this.#count++;
    try {
      return await open();
    } catch (error) {
      this.#count--;
      if (!(error instanceof ChannelRefused) || this.#count === 0) {
        this.#wake();
        throw error;
      }
      // The server's own limit is lower: live with what it granted.
      this.#limit = Math.max(1, this.#count);
      if (!this.#closeOneIdle()) await this.#turn();
      return undefined;
    }
  }

  #closeOneIdle(): boolean {
    const [session] = this.#idle;
    if (session === undefined) return false;
    this.#forget(session);
    session.close();
    return true;
  }

  #forget(session: Session): void {
    this.#idle.delete(session);
    this.#count--;
  }

  #drop(session: Session): void {
    this.#count--;
    session.close();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
