/** What becomes of a command when its link, its controller or its shell goes away. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/pool.ts';
import type { Target, Token, Transport } from '../../src/transport/transport.ts';
import { startSshd } from '../sshd.ts';

const sshd = await startSshd();
afterAll(() => sshd.stop());
const directory = mkdtempSync(join(tmpdir(), 'lockstep-survival-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const receipts = join(directory, 'receipts');
const targets: readonly Target[] = [
  sshd.target('ssh2', { receipts }),
  { ...sshd.target('local'), transport: 'local', user: userInfo().username, receipts },
];
const transports: Transport[] = [];
afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.closeAll()));
});
function connect(target: Target, reconnectPausesMs?: readonly number[]) {
  const events: string[] = [];
  const transport = createTransport({
    askHostKey: async () => false,
    onLink: (_host, state) => void events.push(state),
    ...(reconnectPausesMs === undefined ? {} : { reconnectPausesMs }),
  });
  transports.push(transport);
  return { connection: transport.connect(target), events };
}

let count = 0;
function fresh(): {
  token: Token;
  log: string;
  command: (seconds: number, code: number) => { script: string };
} {
  const name = `task-${++count}`;
  const log = join(directory, name);
  writeFileSync(log, '');
  const command = (seconds: number, code: number) => ({
    script: `echo begun >>${log}; echo first; sleep ${seconds}; echo ended >>${log}; echo last; exit ${code}`,
  });
  return { token: { run: 'survival', task: name, attempt: 1 }, log, command };
}
async function until(log: string, text: string): Promise<void> {
  while (!readFileSync(log, 'utf8').includes(text)) await sleep(20);
}

describe.each(targets.map((target) => [target.name, target] as const))('over %s', (_name, target) => {
  test('a command outlives its killed controller; the next one re-attaches and reads its true end', async () => {
    const { token, log, command } = fresh();
    const words = [target, token, command(2, 3)].map((value) => JSON.stringify(value));
    const controller = spawn(process.execPath, [
      join(import.meta.dirname, 'transport-controller.ts'),
      ...words,
    ]);
    await until(log, 'begun');
    controller.kill('SIGKILL');
    const { connection } = connect(target);
    expect(await connection.receipt(token)).toMatchObject({ kind: 'running', stdout: 'first\n' });
    const shown: string[] = [];
    const receipt = await connection.reattach(token, undefined, {
      output: (_stream, text) => void shown.push(text),
    });
    expect(receipt).toMatchObject({
      kind: 'ended',
      result: { exit: { kind: 'exited', code: 3 }, stdout: 'first\nlast\n', stderr: '' },
    });
    if (receipt.kind === 'ended') expect(receipt.result.durationMs).toBeGreaterThan(1900);
    expect(shown.join('')).toBe('first\nlast\n');
    expect(readFileSync(log, 'utf8')).toBe('begun\nended\n');
    expect(await connection.receipt(token)).toMatchObject({
      kind: 'ended',
      result: { stdout: 'first\nlast\n' },
    });
  });

  test('a command whose shell is killed is waited for before it is lost: what it may still do comes first', async () => {
    const { token, log } = fresh();
    const { connection } = connect(target);
    const script = `echo out; kill -KILL $PPID; sleep 2; echo late >>${log}; echo more`;
    await expect(connection.execute(token, { script })).rejects.toMatchObject({ kind: 'lost' });
    expect(readFileSync(log, 'utf8')).toBe('late\n');
    expect(await connection.receipt(token)).toMatchObject({ kind: 'vanished', stdout: 'out\nmore\n' });
  });

  test('a command whose shell was killed is ended when its time is up', async () => {
    const { token, log } = fresh();
    const { connection } = connect(target);
    const script = `kill -KILL $PPID; sleep 60; echo late >>${log}`;
    const running = connection.execute(token, { script, timeoutMs: 1500 });
    await expect(running).rejects.toMatchObject({ kind: 'lost' });
    expect(readFileSync(log, 'utf8')).toBe('');
    expect((await connection.receipt(token)).kind).toBe('vanished');
  });

  test('a command whose shell is killed has vanished, and is lost', async () => {
    const { token } = fresh();
    const { connection } = connect(target);
    // The command's parent is the subshell's: the lane itself.
    const running = connection.execute(token, { script: 'echo out; kill -KILL $PPID; sleep 1' });
    await expect(running).rejects.toMatchObject({
      kind: 'lost',
      message: expect.stringContaining('may have run'),
    });
    expect(await connection.receipt(token)).toMatchObject({ kind: 'vanished', stdout: 'out\n' });
  });

  test('a command that takes too long dies with all its children, and the lane goes on', async () => {
    const { token, log } = fresh();
    const { connection } = connect(target);
    const script = `sleep 977 & sh -c 'trap "" TERM; sleep 978; sleep 978' & wait; echo after >>${log}`;
    const result = await connection.execute(token, { script, timeoutMs: 300 });
    expect(result.exit).toEqual({ kind: 'timed-out', afterMs: 300 });
    expect(await connection.receipt(token)).toMatchObject({
      kind: 'ended',
      result: { exit: { kind: 'killed' } },
    });
    const left = await connection.probe({
      script: 'cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "[s]leep 97[78]"',
    });
    expect(left.stdout).toBe('0\n');
    expect(readFileSync(log, 'utf8')).toBe('');
  });

  test('a cancelled command is killed, and says so', async () => {
    const { token, log, command } = fresh();
    const { connection } = connect(target);
    const abort = new AbortController();
    const running = connection.execute(token, command(300, 0), {}, abort.signal);
    await until(log, 'begun');
    abort.abort();
    expect(await running).toMatchObject({ exit: { kind: 'killed', signal: 'SIGTERM' }, stdout: 'first\n' });
  });

  test('a probe that takes too long is ended too', async () => {
    const { connection } = connect(target);
    const result = await connection.probe({ script: 'echo x; exec sleep 979', timeoutMs: 200 });
    expect(result).toMatchObject({ exit: { kind: 'timed-out', afterMs: 200 }, stdout: 'x\n' });
  });

  test('a probe does not wait for a changing command, and output shows while it runs', async () => {
    const { token, log, command } = fresh();
    const { connection } = connect(target);
    const shown: string[] = [];
    let probed = false;
    const running = connection.execute(token, command(3, 0), {
      output: (_stream, text) => void shown.push(`${text}${probed}`),
    });
    await until(log, 'begun');
    expect((await connection.probe({ argv: ['echo', 'now'] })).stdout).toBe('now\n');
    expect(readFileSync(log, 'utf8')).toBe('begun\n');
    probed = true;
    await running;
    expect(shown).toEqual(['first\ntrue', 'last\ntrue']);
  });
});

describe('when the connection is cut', () => {
  const [target = sshd.target('ssh2')] = targets;

  test('a command that runs goes on, and its true end is given back', async () => {
    const { token, log, command } = fresh();
    const { connection, events } = connect(target);
    const running = connection.execute(token, command(2, 9));
    await until(log, 'begun');
    sshd.cut();
    expect(await running).toMatchObject({ exit: { kind: 'exited', code: 9 }, stdout: 'first\nlast\n' });
    expect(readFileSync(log, 'utf8')).toBe('begun\nended\n');
    expect(events).toEqual(['lost', 'up']);
  });

  test('a command that ends meanwhile is given back as it ended', async () => {
    const { token, log, command } = fresh();
    const { connection } = connect(target, [1500]);
    const running = connection.execute(token, command(0.2, 4));
    await until(log, 'begun');
    sshd.cut();
    await until(log, 'ended');
    expect(await running).toMatchObject({ exit: { kind: 'exited', code: 4 }, stdout: 'first\nlast\n' });
  });

  test('a command over a link that is already gone runs once or is proven not to have started', async () => {
    const { connection } = connect(target);
    await connection.probe({ argv: ['true'] });
    for (let i = 0; i < 5; i++) {
      const { token, log, command } = fresh();
      sshd.cut();
      const outcome = await connection.execute(token, command(0, 0)).then(
        () => 'begun\nended\n',
        (error) => (error.kind === 'not-started' ? '' : `unexpected ${error.kind} ${error.message}`),
      );
      expect(readFileSync(log, 'utf8')).toBe(outcome);
    }
  });

  test('a probe is asked again', async () => {
    const { connection } = connect(target);
    const log = fresh().log;
    const running = connection.probe({ script: `echo begun >>${log}; sleep 0.5; echo x` });
    await until(log, 'begun');
    sshd.cut();
    expect((await running).stdout).toBe('x\n');
  });

  test('a re-attached command is followed across the cut', async () => {
    const { token, log, command } = fresh();
    const first = connect(target).connection;
    const running = first.execute(token, command(3, 5));
    await until(log, 'begun');
    const second = connect(target).connection;
    const following = second.reattach(token);
    await sleep(500);
    sshd.cut();
    expect(await following).toMatchObject({ kind: 'ended', result: { exit: { kind: 'exited', code: 5 } } });
    expect((await running).exit).toEqual({ kind: 'exited', code: 5 });
  });
});

test('a command is lost, not failed, when its host does not come back', async () => {
  const gone = await startSshd();
  const { token, log, command } = fresh();
  const { connection, events } = connect(gone.target('gone', { receipts }), [50, 50]);
  const running = connection.execute(token, command(1, 0));
  await until(log, 'begun');
  await gone.stop();
  await expect(running).rejects.toMatchObject({
    kind: 'lost',
    message: expect.stringContaining('refused the connection'),
  });
  expect(events).toEqual(['lost', 'retrying', 'retrying']);
});
