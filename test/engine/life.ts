import { TransportError } from '../../src/engine/ports.ts';
import type { Connection } from '../../src/transport/transport.ts';

/** A controller's life: it ends, as by kill -9, before its Nth await. From then on nothing it asks for comes back. */
export class Life {
  readonly died: Promise<'died'>;
  awaits = 0;
  #left: number;
  #end: (word: 'died') => void = () => undefined;

  constructor(awaits = Number.POSITIVE_INFINITY) {
    this.#left = awaits;
    this.died = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async step(): Promise<void> {
    this.awaits++;
    if (--this.#left > 0) return;
    this.#end('died');
    await new Promise(() => undefined);
  }

  /** The connection of this controller: dies with it, before or after the host has done its part. */
  over(connection: Connection, isAway = () => false): Connection {
    const mortal =
      <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await this.step();
        if (isAway())
          throw new TransportError('not-started', connection.target.name, 'it is away', 'Wait for it.');
        const result = await act(...args).then(
          (value) => () => value,
          (error: unknown) => () => {
            throw error;
          },
        );
        await this.step();
        return result();
      };
    return {
      target: connection.target,
      identity: mortal(() => connection.identity()),
      probe: mortal((...args) => connection.probe(...args)),
      execute: mortal((...args) => connection.execute(...args)),
      receipt: mortal((...args) => connection.receipt(...args)),
      reattach: mortal((...args) => connection.reattach(...args)),
      lease: mortal((...args) => connection.lease(...args)),
      stream: mortal((...args) => connection.stream(...args)),
      forwardTcp: mortal((...args) => connection.forwardTcp(...args)),
      forwardUnix: mortal((...args) => connection.forwardUnix(...args)),
      close: () => connection.close(),
    };
  }
}
