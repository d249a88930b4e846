/**
 * A TCP proxy on loopback that breaks connections at a byte or at a call, as links break: with a reset, or by swallowing
 * all that is sent from then on. What is encrypted stays so: an offset counts bytes of the TCP stream.
 */
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** `up` is from the client to the server: from the controller to its host. */
export type Direction = 'up' | 'down';

/** `reset` sends RST to both sides; `swallow` keeps both connections open and passes nothing on, nor any end. */
export type CutMode = 'reset' | 'swallow';

export interface Cut {
  readonly direction: Direction;
  /** Bytes of that direction that still pass, counted over all connections since the last `arm` or `heal`. */
  readonly afterBytes: number;
  readonly mode: CutMode;
}

export interface TcpProxy {
  readonly port: number;
  /** Connections taken since the start. */
  readonly connections: number;
  /** Bytes passed on since the start, those that were swallowed not among them. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Breaks at a byte to come, once; connections after that one pass. In place of any cut that was armed. */
  arm(cut: Cut): void;
  /** Whether the armed cut has happened. */
  readonly fired: boolean;
  /** Breaks every connection there is, now; in mode `swallow` those to come too, until `heal`. */
  cut(mode: CutMode): void;
  /** Disarms, takes connections again, and resets those that were swallowed: their bytes are gone. */
  heal(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  swallowing: boolean;
}

/** Forwards to `port` on 127.0.0.1. */
export async function startProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const bytes = { up: 0, down: 0 };
  let connections = 0;
  let armed: (Cut & { left: number }) | undefined;
  let fired = false;
  let dark = false;

  const reset = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  };
  const sever = (pair: Pair, mode: CutMode): void => {
    if (mode === 'reset') reset(pair);
    else pair.swallowing = true;
  };
  const pass = (pair: Pair, direction: Direction, chunk: Buffer): void => {
    if (pair.swallowing) return;
    const to = direction === 'up' ? pair.server : pair.client;
    const now = armed?.direction === direction && armed.left <= chunk.length ? armed : undefined;
    const passed = now === undefined ? chunk : chunk.subarray(0, now.left);
    if (armed?.direction === direction) armed.left -= passed.length;
    bytes[direction] += passed.length;
    if (now === undefined) {
      to.write(passed);
      return;
    }
    armed = undefined;
    fired = true;
    // A reset overtakes bytes that wait to be sent; those before the cut are to arrive.
    if (passed.length === 0) sever(pair, now.mode);
    else to.write(passed, () => sever(pair, now.mode));
    pair.swallowing = true;
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    connections++;
    const toHost = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    const pair: Pair = { client, server: toHost, swallowing: dark };
    pairs.add(pair);
    for (const [from, to, direction] of [
      [client, toHost, 'up'],
      [toHost, client, 'down'],
    ] as const) {
      from.on('data', (chunk) => pass(pair, direction, chunk));
      from.on('end', () => void (pair.swallowing || to.end()));
      from.on('error', () => void (pair.swallowing || reset(pair)));
      from.on('close', () => void (to.destroyed && pairs.delete(pair)));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    bytes,
    get fired() {
      return fired;
    },
    arm(cut) {
      armed = { ...cut, left: cut.afterBytes };
      fired = false;
    },
    cut(mode) {
      dark = mode === 'swallow';
      for (const pair of pairs) sever(pair, mode);
    },
    heal() {
      armed = undefined;
      fired = false;
      dark = false;
      for (const pair of pairs) if (pair.swallowing) reset(pair);
    },
    async stop() {
      for (const pair of pairs) reset(pair);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
