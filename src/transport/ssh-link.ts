/** A logged-in ssh2 client as a link. */

import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import type { Channel, Closed, Link } from './link.ts';
import { ChannelRefused, LaneLost } from './link.ts';

/** How often a refused channel is asked for again: sshd frees a closed one a moment later. */
const CHANNEL_TRIES = 3;

export function sshLink(client: Client, user: string, hostKey: string, sock: Duplex): Link {
  let lost: string | undefined;
  let closing = false;
  const told: ((detail: string) => void)[] = [];
  let drop: (detail: string) => void = () => {};
  /** ssh2 may never close a channel whose link has gone, so everything waits for this as well. */
  const dropped = new Promise<string>((resolve) => {
    drop = (detail) => {
      if (lost !== undefined) return;
      lost = detail;
      resolve(detail);
      if (!closing) for (const tell of told) tell(detail);
    };
  });
  client.on('error', (error) => {
    drop(error.message);
    client.destroy();
  });
  client.on('close', () => drop('the connection was closed by the other side'));

  /** Asks the client for a channel; rejects with `LaneLost` when the link drops first. */
  async function ask<T>(request: (done: (error: Error | undefined, channel: T) => void) => void): Promise<T> {
    if (lost !== undefined) throw new LaneLost(false, lost);
    const answer = new Promise<T>((resolve, reject) => {
      request((error, channel) => (error ? reject(error) : resolve(channel)));
    });
    const first = await Promise.race([answer, dropped]).catch((error: Error) => {
      throw lost === undefined && /open failure/i.test(error.message)
        ? error
        : new LaneLost(false, error.message);
    });
    if (typeof first === 'string') throw new LaneLost(false, first);
    return first;
  }

  /** Listens in the very turn in which the channel is granted: its exit and its close may be in the same packet. */
  function heard(done: (error: Error | undefined, channel: Channel) => void) {
    return (error: Error | undefined, channel: ClientChannel): void => {
      if (error) done(error, undefined as never);
      else done(undefined, channelOf(channel, dropped));
    };
  }

  async function open(commandLine: string): Promise<Channel> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask<Channel>((done) => client.exec(commandLine, heard(done)));
      } catch (error) {
        if (error instanceof LaneLost || !(error instanceof Error)) throw error;
        if (attempt === CHANNEL_TRIES)
          throw new ChannelRefused(`sshd grants no further channel: ${error.message}`);
        await sleep(attempt * (30 + Math.random() * 70));
      }
    }
  }

  return {
    user,
    hostKey,
    get lost() {
      return lost;
    },
    onLost: (tell) => void told.push(tell),
    open,
    forwardTcp: (host, port) => ask<Duplex>((done) => client.forwardOut('127.0.0.1', 0, host, port, done)),
    forwardUnix: (path) => ask<Duplex>((done) => client.openssh_forwardOutStreamLocal(path, done)),
    async close() {
      closing = true;
      client.end();
      // A peer that is gone never answers the farewell; and once it is said, the client's own destroy does nothing.
      const timer = setTimeout(() => sock.destroy(), 2000);
      await dropped;
      clearTimeout(timer);
    },
  };
}

function channelOf(channel: ClientChannel, dropped: Promise<string>): Channel {
  let code: number | null = null;
  let signal: string | null = null;
  const exit = new Promise<void>((resolve) => {
    channel.on('exit', (status: number | null, name?: string) => {
      code = status;
      signal = name ?? null;
      resolve();
    });
  });
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  const ended = new Promise<Closed>((resolve) => {
    channel.once('close', () => resolve({ cause: 'exit', code, signal }));
  });
  const closed = Promise.race([ended, dropped.then((detail): Closed => ({ cause: 'link', detail }))]).then(
    (first) =>
      // A channel that closes without a code was cut: its link is going.
      first.cause === 'exit' && first.code === null && first.signal === null
        ? ({ cause: 'link', detail: 'the channel was closed' } satisfies Closed)
        : first,
  );
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    closed,
    exited: Promise.race([exit, closed.then(() => {})]),
    signal: (name) => {
      if (channel.writable) channel.signal(name);
    },
    destroy: () => void channel.close(),
  };
}
