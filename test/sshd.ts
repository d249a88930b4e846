/**
 * A private sshd on 127.0.0.1 and a random port, with keys of its own; for tests as root. It answers on all of
 * 127.0.0.0/8, so one daemon stands for many hosts.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../src/transport/transport.ts';

export interface PrivateSshd {
  readonly port: number;
  /** Its folder: keys, config, log; removed by `stop`. */
  readonly directory: string;
  readonly identityFile: string;
  readonly knownHosts: string;
  /** A target that logs in here; overrides go on top. */
  target(name: string, overrides?: Partial<Target>): Target;
  log(): string;
  /** Ends the daemon and every connection it serves. */
  stop(): Promise<void>;
  /** Cuts every connection at once, and keeps listening. */
  cut(): void;
}

/** `config` is put before the lines below and wins over them: `MaxSessions 2`. */
export async function startSshd(config: readonly string[] = []): Promise<PrivateSshd> {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-sshd-'));
  chmodSync(directory, 0o755);
  const at = (name: string): string => join(directory, name);
  for (const name of ['host_key', 'id']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)]);
  }
  writeFileSync(at('authorized_keys'), readFileSync(at('id.pub')), { mode: 0o644 });
  const port = await freePort();
  const hostKey = readFileSync(at('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(at('known_hosts'), `[127.0.*]:${port} ${hostKey}\n`);
  const lines = [
    ...config,
    'ListenAddress 0.0.0.0',
    `Port ${port}`,
    `HostKey ${at('host_key')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    'MaxStartups 100:30:200',
    'LogLevel VERBOSE',
  ];
  // For most words sshd takes the first line, but for MaxStartups the last.
  const words = lines.map((line) => line.split(' ')[0]);
  const first = lines.filter((_line, index) => words.indexOf(words[index]) === index);
  writeFileSync(at('sshd_config'), `${first.join('\n')}\n`);
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const child = spawn('/usr/sbin/sshd', ['-D', '-f', at('sshd_config'), '-E', at('log')], {
    stdio: 'ignore',
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = (): string => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8') : '');
  await listening(port, child, log);
  return {
    port,
    directory,
    identityFile: at('id'),
    knownHosts: at('known_hosts'),
    log,
    target: (name, overrides = {}) => ({
      name,
      address: '127.0.0.1',
      port,
      user: 'root',
      transport: 'ssh2',
      identityFiles: [at('id')],
      knownHostsFiles: [at('known_hosts')],
      ...overrides,
    }),
    cut: () => endChildren(child),
    async stop() {
      endChildren(child);
      child.kill('SIGTERM');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Kills the daemons that serve connections (the listener's children), but not the commands they started. */
function endChildren(listener: ChildProcess): void {
  const pids = readFileSync(`/proc/${listener.pid}/task/${listener.pid}/children`, 'utf8').trim().split(' ');
  for (const pid of pids.filter((word) => word !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      // It has ended by itself in between.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function listening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) throw new Error(`sshd ended at once: ${log()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`sshd does not listen on port ${port}: ${log()}`);
}
