import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockRun, RunIsBusy } from '../../src/journal/lock.ts';
import { scratch } from './sample.ts';

const SOURCE = new URL('../../src/journal/lock.ts', import.meta.url).href;

/** Another process that takes the lock, says so, and holds it until it is killed; or says why it could not. */
async function other(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const script = `const { lockRun } = await import(${JSON.stringify(SOURCE)});
try { lockRun(${JSON.stringify(directory)}); console.log('took it'); setInterval(() => {}, 1000); }
catch (error) { console.log(error.name); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

describe('the lock of a run', () => {
  test('is free again after its release, and leaves nothing behind', () => {
    const directory = scratch();
    lockRun(directory)();
    lockRun(directory)();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('refuses a second process, and names the first', async () => {
    const directory = scratch();
    const { child, said } = await other(directory);
    expect(said).toBe('took it');
    expect(() => lockRun(directory)).toThrow(RunIsBusy);
    expect(() => lockRun(directory)).toThrow(`process ${child.pid} is working on this run`);
    expect((await other(directory)).said).toBe('RunIsBusy');
  });

  test('of a process that was killed is taken over', async () => {
    const directory = scratch();
    const { child } = await other(directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const release = lockRun(directory);
    expect(JSON.parse(readFileSync(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    release();
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([
    ['whose pid is used by another process now', { pid: process.pid, started: '1' }],
    ['of an earlier boot', { boot: 'another' }],
  ])('of a holder %s is taken over', (_what, change) => {
    const directory = scratch();
    const release = lockRun(directory);
    const mine = JSON.parse(readFileSync(join(directory, 'lock'), 'utf8')) as object;
    release();
    writeFileSync(join(directory, 'lock'), JSON.stringify({ ...mine, ...change }));
    lockRun(directory)();
  });

  test.each([
    ['another machine', { machine: 'another' }],
    ['another container', { space: '1' }],
  ])('of a process of %s is left alone: nothing here can tell whether it lives', (_what, change) => {
    const directory = scratch();
    const release = lockRun(directory);
    const mine = JSON.parse(readFileSync(join(directory, 'lock'), 'utf8')) as object;
    release();
    writeFileSync(join(directory, 'lock'), JSON.stringify({ ...mine, ...change }));
    expect(() => lockRun(directory)).toThrow(/another machine or container .* remove .*lock/);
  });

  test('that was never written to its end is taken over', () => {
    const directory = scratch();
    writeFileSync(join(directory, 'lock'), '{"pid":');
    lockRun(directory)();
  });
});
