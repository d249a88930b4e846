/** sudo and su as they really are, with users made for the purpose. Needs root. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/secrets/secret.ts';
import { createTransport } from '../../src/transport/pool.ts';
import type { Become, Connection, Target, Transport } from '../../src/transport/transport.ts';
import { startSshd } from '../sshd.ts';

const PASSWORD = 'correct horse $battery';
const SUDOERS = '/etc/sudoers.d/lockstep-test';
const users = {
  free: 'lockstep-free',
  asked: 'lockstep-asked',
  plain: 'lockstep-plain',
  app: 'lockstep-app',
};
const sshd = await startSshd();
const directory = mkdtempSync(join(tmpdir(), 'lockstep-become-'));
const transports: Transport[] = [];

function removeUsers(): void {
  rmSync(SUDOERS, { force: true });
  for (const user of Object.values(users)) {
    try {
      execFileSync('userdel', ['-f', '-r', user], { stdio: 'ignore' });
    } catch {
      // It was not there.
    }
  }
}
beforeAll(() => {
  removeUsers();
  for (const user of Object.values(users)) {
    execFileSync('useradd', ['-m', '-s', '/bin/sh', user]);
    execFileSync('chpasswd', { input: `${user}:${PASSWORD}\n` });
  }
  writeFileSync(SUDOERS, `${users.free} ALL=(ALL) NOPASSWD: ALL\n${users.asked} ALL=(ALL) ALL\n`, {
    mode: 0o440,
  });
});
afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.closeAll()));
  await sshd.stop();
  removeUsers();
  rmSync(directory, { recursive: true, force: true });
});

function connect(user: string, become?: Become, overrides: Partial<Target> = {}): Connection {
  const transport = createTransport({ askHostKey: async () => false });
  transports.push(transport);
  return transport.connect(
    sshd.target('one', { user, ...(become === undefined ? {} : { become }), ...overrides }),
  );
}
const id = { argv: ['id', '-un'] };
const right = new Secret('become', PASSWORD);
const wrong = new Secret('become', 'wrong');

describe.each([
  ['sudo without a password', users.free, { method: 'sudo' }],
  ['sudo with a password', users.asked, { method: 'sudo', password: right }],
  ['su with a password', users.plain, { method: 'su', password: right }],
] as const)('%s', (_what, user, become) => {
  test('runs everything as the user it became, and a command as its own', async () => {
    const connection = connect(user, { ...become, user: users.app });
    expect((await connection.probe(id)).stdout).toBe(`${users.app}\n`);
    expect((await connection.probe({ ...id, as: user })).stdout).toBe(`${user}\n`);
    const token = { run: 'become', task: 'id', attempt: 1 };
    const result = await connection.execute(token, { script: 'id -un; echo "$HOME"; cat', stdin: 'in\n' });
    expect(result.stdout).toBe(`${users.app}\n/home/${users.app}\nin\n`);
    expect(await connection.receipt(token)).toMatchObject({ kind: 'ended' });
    expect(readFileSync(`/home/${users.app}/.lockstep/become/id.1`, 'utf8')).toContain('exit 0');
    rmSync(`/home/${users.app}/.lockstep`, { recursive: true });
  });

  test('streams as that user', async () => {
    const { stdio, ended } = await connect(user, { ...become, user: users.app }).stream({
      script: 'id -un; cat',
    });
    stdio.end('bytes');
    let text = '';
    for await (const chunk of stdio) text += chunk;
    expect(text).toBe(`${users.app}\nbytes`);
    expect((await ended).code).toBe(0);
  });

  test('ends a command of that user that takes too long', async () => {
    const connection = connect(user, { ...become, user: users.app });
    const token = { run: 'become', task: 'slow', attempt: 1 };
    const result = await connection.execute(token, { argv: ['sleep', '976'], timeoutMs: 200 });
    expect(result.exit).toEqual({ kind: 'timed-out', afterMs: 200 });
    rmSync(`/home/${users.app}/.lockstep`, { recursive: true });
  });
});

test('root becomes another user without sudo and without a password', async () => {
  const connection = connect('root', undefined, { receipts: directory });
  expect((await connection.probe({ ...id, as: users.app })).stdout).toBe(`${users.app}\n`);
  expect((await connection.probe(id)).stdout).toBe('root\n');
});

test('no process ever shows the password in its argv', async () => {
  const connection = connect(
    users.asked,
    { method: 'sudo', password: right, user: 'root' },
    { receipts: directory },
  );
  const script = `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' ' | grep -c '[$]battery'`;
  expect((await connection.probe({ script })).stdout).toBe('0\n');
});

describe('a refusal is named, once, and without the password', () => {
  test.each([
    ['sudo: a wrong password', users.asked, { method: 'sudo', password: wrong }, 'wrong password'],
    ['sudo: no password given', users.asked, { method: 'sudo' }, 'asks for a password'],
    ['sudo: not in sudoers', users.plain, { method: 'sudo', password: right }, 'not in the sudoers file'],
    ['su: a wrong password', users.plain, { method: 'su', password: wrong }, 'wrong password'],
    ['su: no password given', users.plain, { method: 'su' }, 'asks for a password'],
    ['a user that is not there', users.free, { method: 'sudo', user: 'nobody-here' }, 'unknown user'],
  ] as const)('%s', async (_what, user, become, message) => {
    const connection = connect(user, { user: users.app, ...become });
    const error = await connection.execute({ run: 'become', task: 'no', attempt: 1 }, id).then(
      () => new Error('it did not fail'),
      (failed) => failed,
    );
    expect(error).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) });
    expect(`${error.message}${error.next}`).not.toMatch(/battery/);
  });
});

test('a socket that only one user may use is reached as that user', async () => {
  const path = join(directory, 'socket');
  const server = createServer((socket) => socket.pipe(socket)).listen(path);
  execFileSync('chmod', ['755', directory]);
  execFileSync('chown', [users.app, path]);
  execFileSync('chmod', ['600', path]);
  try {
    const connection = connect(users.free, { method: 'sudo' });
    const pipe = await connection.forwardUnix(path, users.app);
    pipe.write('there and back');
    const [bytes] = await new Promise<Buffer[]>((resolve) =>
      pipe.once('data', (chunk: Buffer) => resolve([chunk])),
    );
    expect(bytes?.toString()).toBe('there and back');
    pipe.destroy();
    await expect(connection.forwardUnix(path)).rejects.toMatchObject({
      kind: 'not-started',
      message: expect.stringContaining(path),
    });
  } finally {
    server.close();
  }
});
