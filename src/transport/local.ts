/** This machine as a target: the same sessions, over a child process. */
import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { ShellConnection } from './connection.ts';
import type { Channel, Closed, Link } from './link.ts';
import { LaneLost } from './link.ts';
import type { Connection, Target, TransportOptions } from './transport.ts';

/** A process group of its own, so that a Ctrl-C for the controller is not one for the command. */
function open(commandLine: string): Promise<Channel> {
  const child = spawn('sh', ['-c', commandLine], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {});
  const closed = new Promise<Closed>((resolve) => {
    child.once('close', (code, signal) => resolve({ cause: 'exit', code, signal }));
    child.once('error', (error) => resolve({ cause: 'link', detail: error.message }));
  });
  const channel: Channel = {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed,
    exited: new Promise((resolve) => child.once('exit', () => resolve())),
    signal: (name) => void (child.pid !== undefined && child.exitCode === null && child.kill(`SIG${name}`)),
    destroy: () => {
      child.stdin.end();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
  };
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(channel));
    child.once('error', (error) => reject(new LaneLost(false, `sh could not be started: ${error.message}`)));
  });
}

function connected(
  socket: Duplex & { once(event: string, listener: (...args: never[]) => void): unknown },
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The link to this machine. It never drops. */
export function localLink(): Link {
  const channels = new Set<Channel>();
  return {
    user: userInfo().username,
    hostKey: '',
    lost: undefined,
    onLost() {},
    async open(commandLine) {
      const channel = await open(commandLine);
      channels.add(channel);
      void channel.closed.then(() => channels.delete(channel));
      return channel;
    },
    forwardTcp: (host, port) => connected(createConnection({ host, port })),
    forwardUnix: (path) => connected(createConnection({ path })),
    async close() {
      for (const channel of channels) channel.destroy();
    },
  };
}

/** A connection to this machine. */
export function localConnection(target: Target, options: TransportOptions): Connection {
  return new ShellConnection(target, async () => localLink(), options);
}
