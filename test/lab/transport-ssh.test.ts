/** Logging in, host keys, jump hosts, pipes and limits, against a real sshd. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'ldapts';
import { afterAll, describe, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/pool.ts';
import type { Target, Transport, TransportOptions } from '../../src/transport/transport.ts';
import { startSshd } from '../sshd.ts';

const sshd = await startSshd(['MaxSessions 3']);
const directory = mkdtempSync(join(tmpdir(), 'lockstep-ssh-'));
const transports: Transport[] = [];
afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.closeAll()));
  await sshd.stop();
  rmSync(directory, { recursive: true, force: true });
});

function connect(target: Target, options: Partial<TransportOptions> = {}) {
  const transport = createTransport({ askHostKey: async () => false, ...options });
  transports.push(transport);
  return transport.connect({ receipts: directory, ...target });
}
const keygen = (file: string, ...more: string[]): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', file, ...more]);
  return file;
};
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error) => ({ kind: error.kind, text: `${error.message} ${error.next}` }),
  );

describe('a host key', () => {
  const empty = join(directory, 'empty');

  test('that is unknown is asked about once, and then holds for the run', async () => {
    writeFileSync(empty, '');
    const asked: string[] = [];
    const askHostKey = async (key: { line: string }) => asked.push(key.line) > 0;
    const connection = connect(sshd.target('unknown', { knownHostsFiles: [empty] }), { askHostKey });
    const { hostKey } = await connection.identity();
    expect(hostKey).toMatch(/^SHA256:/);
    sshd.cut();
    await connection.probe({ argv: ['true'] });
    expect(asked).toHaveLength(1);
    writeFileSync(empty, `${asked[0]}\n`);
    await connect(sshd.target('known', { knownHostsFiles: [empty] })).identity();
  });

  test('that is unknown and not accepted is a stop', async () => {
    const { kind, text } = await refusal(connect(sshd.target('one', { knownHostsFiles: [] })).identity());
    expect(kind).toBe('refused');
    expect(text).toMatch(/in no known_hosts file: ssh-ed25519 SHA256:/);
  });

  test('that has changed is a stop that names the old line', async () => {
    const other = readFileSync(`${keygen(join(directory, 'other'), '-N', '')}.pub`, 'utf8');
    const file = join(directory, 'changed');
    writeFileSync(file, `# comment\n[127.0.0.1]:${sshd.port} ${other}`);
    const askHostKey = async () => true;
    const { kind, text } = await refusal(
      connect(sshd.target('one', { knownHostsFiles: [file] }), { askHostKey }).identity(),
    );
    expect(kind).toBe('refused');
    expect(text).toContain(`${file}:2`);
    expect(text).toContain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f '${file}'`);
  });

  test('that is revoked is a stop', async () => {
    const file = join(directory, 'revoked');
    const line = readFileSync(sshd.knownHosts, 'utf8');
    writeFileSync(file, `${line}@revoked ${line}`);
    const { kind, text } = await refusal(connect(sshd.target('one', { knownHostsFiles: [file] })).identity());
    expect([kind, text]).toEqual(['refused', expect.stringContaining(`@revoked in ${file}:2`)]);
  });
});

describe('a login', () => {
  test('that is refused names what was tried and what the server takes', async () => {
    const file = keygen(join(directory, 'stranger'), '-N', '');
    const { kind, text } = await refusal(
      connect(sshd.target('one', { identityFiles: [file], password: 'hunter2' })).identity(),
    );
    expect(kind).toBe('refused');
    expect(text).toContain(`tried key ${file}, password`);
    expect(text).toContain('publickey');
    expect(text).not.toContain('hunter2');
  });

  test('names a key that is encrypted, and uses it with its passphrase', async () => {
    const file = join(directory, 'locked');
    execFileSync('cp', [sshd.identityFile, file]);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', file]);
    const target = sshd.target('one', { identityFiles: [join(directory, 'none'), file] });
    expect((await refusal(connect(target).identity())).text).toContain(
      `key ${file} is encrypted and no passphrase was given`,
    );
    expect((await refusal(connect({ ...target, passphrase: 'no' }).identity())).text).toContain(
      'passphrase is wrong',
    );
    expect((await connect({ ...target, passphrase: 'open sesame' }).identity()).uid).toBe(0);
  });

  test('by an agent needs no key file', async () => {
    const agent = join(directory, 'agent');
    const pid = /SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-a', agent]).toString())?.[1];
    try {
      execFileSync('ssh-add', ['-q', sshd.identityFile], { env: { ...process.env, SSH_AUTH_SOCK: agent } });
      expect((await connect(sshd.target('one', { identityFiles: [], agent })).identity()).uid).toBe(0);
    } finally {
      process.kill(Number(pid));
    }
  });

  test('by password', async () => {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', 'lockstep-pw']);
    try {
      execFileSync('chpasswd', { input: 'lockstep-pw:open sesame\n' });
      const target = sshd.target('one', { user: 'lockstep-pw', identityFiles: [], password: 'open sesame' });
      expect((await connect(target).probe({ argv: ['id', '-un'] })).stdout).toBe('lockstep-pw\n');
    } finally {
      transports.splice(0).map((transport) => transport.closeAll());
      execFileSync('userdel', ['-f', '-r', 'lockstep-pw'], { stdio: 'ignore' });
    }
  });
});

describe('a host that cannot be reached has started nothing', () => {
  test.each([
    ['nothing listens', { port: 1 }, 'refused the connection'],
    ['its name is unknown', { address: 'no-such-host.invalid' }, 'DNS'],
  ])('%s', async (_what, overrides, message) => {
    const { kind, text } = await refusal(connect(sshd.target('one', overrides)).identity());
    expect(kind).toBe('not-started');
    expect(text).toContain(message);
  });

  test('it accepts and says nothing', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { kind, text } = await refusal(
      connect(sshd.target('one', { port }), { connectTimeoutMs: 300 }).identity(),
    );
    expect([kind, text]).toEqual(['not-started', expect.stringContaining('does not answer')]);
    mute.close();
  });
});

describe('jump hosts', () => {
  const jump = (name: string, more: Partial<Target> = {}) =>
    sshd.target(name, { address: '127.0.0.2', ...more });

  test('are gone through in order, and shared', async () => {
    const transport = createTransport({ askHostKey: async () => false, handshakes: 1 });
    transports.push(transport);
    const path = [jump('outer'), jump('inner', { address: '127.0.0.3' })];
    const uids = await Promise.all(
      [4, 5, 6].map(async (last) => {
        const target = sshd.target(`behind${last}`, { address: `127.0.0.${last}`, jump: path });
        return (await transport.connect(target).identity()).uid;
      }),
    );
    expect(uids).toEqual([0, 0, 0]);
  });

  test('that do not reach the target say so', async () => {
    const { kind, text } = await refusal(
      connect(sshd.target('one', { port: 1, jump: [jump('outer')] })).identity(),
    );
    expect(kind).toBe('not-started');
    expect(text).toContain('cannot be reached through outer');
  });
});

test('more probes at once than the server grants channels all get their turn', async () => {
  const connection = connect(sshd.target('one'));
  const outs = await Promise.all(
    Array.from(
      { length: 12 },
      async (_, index) => (await connection.probe({ script: `sleep 0.05; echo ${index}` })).stdout,
    ),
  );
  expect(outs).toEqual(outs.map((_, index) => `${index}\n`));
});

test('a host that drops connections because too many are starting is tried again until it has room', async () => {
  const strict = await startSshd(['MaxStartups 3']);
  const starting: Socket[] = [];
  // Fill every place; sshd says so in place of its banner when there is none left.
  for (let banner = ''; !banner.startsWith('Exceeded'); ) {
    const socket = createConnection({ host: '127.0.0.1', port: strict.port }).on('error', () => {});
    starting.push(socket);
    banner = await new Promise((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
  }
  const transport = createTransport({ askHostKey: async () => false });
  const hosts = ['127.0.1.1', '127.0.1.2'].map((address) => strict.target(address, { address }));
  let settled = 0;
  const uids = hosts.map(async (host) => {
    const { uid } = await transport.connect(host).identity();
    settled++;
    return uid;
  });
  await sleep(400);
  expect(settled).toBe(0);
  for (const socket of starting) socket.destroy();
  expect(await Promise.all(uids)).toEqual([0, 0]);
  await transport.closeAll();
  await strict.stop();
});

test('output beyond 16 MiB is cut and says so', async () => {
  const connection = connect(sshd.target('one'));
  const script = 'yes 0123456789abcde | head -c 20000000';
  for (const result of [
    await connection.probe({ script }),
    await connection.execute({ run: 'big', task: 't', attempt: 1 }, { script }),
  ]) {
    expect([result.stdout.length, result.truncated]).toEqual([16 * 1024 * 1024, true]);
  }
});

describe('a pipe', () => {
  test('to a TCP port and one to a UNIX socket carry bytes both ways, as ldapts wants them', async () => {
    const path = join(directory, 'echo');
    const tcp = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    const unix = createServer((socket) => socket.pipe(socket)).listen(path);
    await new Promise((resolve) => tcp.once('listening', resolve));
    const address = tcp.address();
    const connection = connect(sshd.target('one'));
    const pipes = [
      await connection.forwardTcp('127.0.0.1', typeof address === 'object' && address ? address.port : 0),
      await connection.forwardUnix(path),
    ];
    for (const pipe of pipes) {
      expect(pipe).toMatchObject({ connecting: false, readyState: 'open' });
      pipe.write('hello');
      expect(
        await new Promise((resolve) => pipe.once('data', (bytes: Buffer) => resolve(bytes.toString()))),
      ).toBe('hello');
      pipe.destroy();
    }
    tcp.close();
    unix.close();
  });

  test('is a socket to ldapts', async () => {
    // An answer to a bind: the request's message number, then bindResponse success (RFC 4511).
    const server = createServer((socket) => {
      socket.once('data', (bytes) => {
        socket.write(
          Buffer.from([0x30, 0x0c, 0x02, 0x01, bytes[4] ?? 0, 0x61, 0x07, 0x0a, 0x01, 0, 0x04, 0, 0x04, 0]),
        );
      });
    }).listen(join(directory, 'ldapi'));
    const pipe = await connect(sshd.target('one')).forwardUnix(join(directory, 'ldapi'));
    const client = new Client({ url: 'ldap://pipe', timeout: 3000, createConnection: () => pipe as never });
    await client.bind('EXTERNAL');
    expect(client.isBound).toBe(true);
    pipe.destroy();
    server.close();
  });

  test('to a socket that is not there is refused by name', async () => {
    const { kind, text } = await refusal(connect(sshd.target('one')).forwardUnix('/no/such/socket'));
    expect(kind).toBe('not-started');
    expect(text).toContain('/no/such/socket is not a socket');
  });

  test('goes by a relay where sshd forbids forwarding', async () => {
    const strict = await startSshd(['DisableForwarding yes']);
    const path = join(directory, 'relayed');
    const server = createServer((socket) => socket.pipe(socket)).listen(path);
    const pipe = await connect(strict.target('strict')).forwardUnix(path);
    pipe.write('hello');
    expect(
      await new Promise((resolve) => pipe.once('data', (bytes: Buffer) => resolve(bytes.toString()))),
    ).toBe('hello');
    pipe.destroy();
    server.close();
    await strict.stop();
  });
});

test('a transfer keeps its sender back when nobody reads', async () => {
  const connection = connect(sshd.target('one'));
  const { stdio, ended } = await connection.stream({ argv: ['head', '-c', '50000000', '/dev/zero'] });
  let bytes = 0;
  await sleep(300);
  expect(stdio.readableLength).toBeLessThan(5_000_000);
  for await (const chunk of stdio) bytes += chunk.length;
  expect(bytes).toBe(50_000_000);
  expect((await ended).code).toBe(0);
});
