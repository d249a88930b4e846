import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daemon } from '../../src/actions/daemon.ts';
import { parseDaemon, readDaemon } from '../../src/actions/daemon-state.ts';
import { localPorts } from './local-ports.ts';

type Params = Parameters<typeof daemon.diff>[0];

let dir: string;
let program: string;

/** A daemon that is a copy of `sleep`, with a control program that may lie. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'a daemon '));
  program = join(dir, 'slapd');
  copyFileSync('/bin/sleep', program);
  control('start', `"${program}" 1000 >/dev/null 2>&1 & echo $! >"${dir}/pid"; exit 0`);
  control('stop', `kill "$(cat "${dir}/pid")"; exit 0`);
});
afterEach(async () => {
  const { process: left } = await readDaemon(program, localPorts());
  if (left) process.kill(left.pid, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function control(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/sh\necho "$0 $*" >>"${dir}/calls"\n${script}\n`);
  chmodSync(join(dir, name), 0o755);
}

const asked = (state: Params['state'], more: Partial<Params> = {}): Params => ({
  program,
  start: [join(dir, 'start'), 'with a blank', '*'],
  stop: [join(dir, 'stop'), 'slowly'],
  state,
  ...more,
});
const calls = () =>
  readFileSync(join(dir, 'calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(`${dir}/`, ''));

async function make(params: Params) {
  const ports = localPorts();
  const before = await daemon.read(params, ports);
  const changes = daemon.diff(params, before);
  const written = await daemon.write(params, changes, ports).catch((error: unknown) => error);
  const after = await daemon.read(params, ports);
  return { before, changes, written, after, unproven: daemon.unproven?.(params, changes, after) };
}

describe('a daemon with a control program of its own', () => {
  test('is started, found by its program, and left alone by a second look', async () => {
    const { after, unproven } = await make(asked('started'));
    expect(after.process?.pid).toBe(Number(readFileSync(join(dir, 'pid'), 'utf8')));
    expect(Math.abs((after.process?.since ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(unproven).toBeUndefined();
    expect(daemon.diff(asked('started'), after)).toEqual([]);
    expect(calls()).toEqual(['start with a blank *']);
  });

  test('is restarted by one command, each word as it was given', async () => {
    await make(asked('started'));
    const { before, after, unproven } = await make(asked('restarted'));
    expect(after.process?.pid).not.toBe(before.process?.pid);
    expect(unproven).toBeUndefined();
    expect(calls().slice(1)).toEqual(['stop slowly', 'start with a blank *']);
  });

  test('is not restarted when it was started late enough', async () => {
    const { after } = await make(asked('started'));
    const since = after.process?.since ?? 0;
    expect(daemon.diff(asked('restarted', { 'started-after': since - 100 }), after)).toEqual([]);
    expect(daemon.diff(asked('restarted', { 'started-after': since }), after)).toHaveLength(1);
  });

  test('is only started when a restart finds it down', async () => {
    await make(asked('restarted'));
    expect(calls()).toEqual(['start with a blank *']);
  });

  test('is stopped, and nothing is left', async () => {
    await make(asked('started'));
    const { after, unproven } = await make(asked('stopped'));
    expect([after.process, unproven]).toEqual([undefined, undefined]);
  });

  test('that says it was started and was not is a failure', async () => {
    control('start', 'echo Started slapd; exit 0');
    const { written } = await make(asked('started'));
    expect(`${written}`).toContain(
      `start with a blank * exited 0, and it does not run; stdout: Started slapd`,
    );
  });

  test('that ends within a second is a failure', async () => {
    control('start', `"${program}" 0.3 >/dev/null 2>&1 & exit 0`);
    expect(`${(await makeWaiting(asked('started'))).written}`).toContain('it has ended a second later');
  });

  test('is not started a second time while the first one is still there', async () => {
    await make(asked('started'));
    const stays = (await readDaemon(program, localPorts())).process?.pid;
    control('stop', 'echo Killed; exit 0');
    const { written, after } = await make(asked('restarted'));
    expect(`${written}`).toMatch(/exited 99, but it still runs|exited 99; stderr: it still runs/);
    expect(after.process?.pid).toBe(stays);
    expect(calls().slice(1)).toEqual(['stop slowly']);
  }, 60_000);

  test('a failed stop of one that is gone does not keep it from being started', async () => {
    await make(asked('started'));
    control('stop', `kill -9 "$(cat "${dir}/pid")"; sleep 0.2; exit 1`);
    const { unproven } = await make(asked('restarted'));
    expect(unproven).toBeUndefined();
  });

  test('is not mistaken for another program of the same name', async () => {
    const other = join(mkdtempSync(join(tmpdir(), 'other-')), 'slapd');
    copyFileSync('/bin/sleep', other);
    const child = spawn(other, ['1000'], { stdio: 'ignore' });
    try {
      expect((await readDaemon(program, localPorts())).process).toBeUndefined();
      expect((await readDaemon(other, localPorts())).process?.pid).toBe(child.pid);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('is found though its program was replaced meanwhile', async () => {
    await make(asked('started'));
    execFileSync('sh', ['-c', `cp "$1" "$1.new" && mv "$1.new" "$1"`, 'sh', program]);
    expect((await readDaemon(program, localPorts())).process).toBeDefined();
  });

  test('what undoes it starts what was stopped, stops what was started, and restarts at the end', async () => {
    const running = (await make(asked('started'))).after;
    const down = { there: true, process: undefined };
    const inverse = (params: Params, before: typeof running) => daemon.undo?.inverse(params, [], before);
    expect(inverse(asked('started'), down)?.calls).toMatchObject([{ params: { state: 'stopped' } }]);
    expect(inverse(asked('stopped'), running)?.calls).toMatchObject([{ params: { state: 'started' } }]);
    expect(inverse(asked('restarted', { 'started-after': 5 }), running)).toMatchObject({
      calls: [],
      afterwards: [{ action: 'daemon', params: { state: 'restarted' } }],
    });
  });
});

/** The ports' clock does not pass by itself; a process's does. */
async function makeWaiting(params: Params) {
  const ports = localPorts(() => execFileSync('sleep', ['1']));
  const changes = daemon.diff(params, await daemon.read(params, ports));
  return { written: await daemon.write(params, changes, ports).catch((error: unknown) => error) };
}

test('what a host says of processes is read with the oldest first', () => {
  const said = 'There=yes\nHertz=100\nNow=1000.5\nUptime=900.5\nProcess=22 500\nProcess=11 200\n';
  expect(parseDaemon('/x/slapd', said)).toEqual({
    there: true,
    process: { pid: 11, startTicks: 200, since: 102_000 },
  });
  expect(parseDaemon('/x/slapd', 'There=no\n')).toEqual({ there: false, process: undefined });
  expect(() => parseDaemon('/x/slapd', 'There=yes\nProcess=1 2\n')).toThrow('the host told no Now');
});
