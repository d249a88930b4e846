/** `lockstep undo` on real hosts: files, units, a package, cn=config, entries and a command, as they were before. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventsOf, lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { config, furnish, hosts, secret, seen } from './undo-world.ts';

const { start, run, atTerminal, state } = lockstepFor();
const lab = sharedLab('undo');
const runbook = join(import.meta.dirname, 'runbooks', 'undo.yaml');
const env = { REPLICATOR: secret };
const before: Record<string, string> = {};

async function look(): Promise<Record<string, string>> {
  return { ldap1: await seen(lab, 'ldap1'), ldap2: await seen(lab, 'ldap2') };
}

async function change(): Promise<string> {
  const { code, stdout, stderr } = await run(['run', runbook, '-i', lab.inventory, '--yes', '--ndjson'], {
    env,
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(new Set(Object.values(outcomes(stdout)))).toEqual(new Set(['changed', 'unchanged']));
  const [opened] = eventsOf(stdout);
  return opened?.type === 'run.opened' ? opened.run : '';
}

test('what a run changed is as before after its undo, on both hosts', async () => {
  await furnish(lab);
  Object.assign(before, await look());
  const id = await change();
  const after = await look();
  for (const host of hosts) expect(after[host]).not.toBe(before[host]);

  const shown = await run(['undo', id, '--show']);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^undo of test\/undo 1\.0\.0, run .*: \d+ steps, newest first$/m);
  expect(await look(), 'a plan changes nothing').toEqual(after);

  const undo = await run(['undo', id, '--yes', '--plain'], { env });
  expect(undo.stdout).toMatch(/^done: \d+ changed(, \d+ unchanged)?$/m);
  expect(undo.code).toBe(0);
  const now = await look();
  for (const host of hosts) expect(now[host]).toBe(before[host]);
});

test('no journal and no output of either run holds the secret', async () => {
  const runs = join(state, 'runs');
  const files = (await readdir(runs, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const text = await readFile(join(file.parentPath, file.name), 'utf8');
    expect(text, file.name).not.toContain(secret);
  }
});

test('a run that was undone says so, and is neither resumed nor undone again', async () => {
  const { stdout } = await run(['runs', '--json']);
  const [undo, undone] = JSON.parse(stdout) as { run: string; state: string; undone?: string }[];
  expect(undone).toMatchObject({ state: 'done, undone', undone: undo?.run });
  const name = String(undone?.run);
  for (const command of ['resume', 'undo']) {
    const again = await run([command, name]);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining(`by run ${undo?.run}`)]);
  }
  expect((await run(['show', name])).stdout).toContain(`undone by run ${undo?.run}`);
});

test('the undo of the undo does again what was done', async () => {
  // The entry that it took away had a password, which no journal keeps: a person has to see that.
  const held = await run(['undo', 'last', '--yes', '--plain'], { env });
  expect(held.stdout).toMatch(/cn=undo,\S+: the old value is a secret .* and is not kept/);
  expect(held.code).toBe(3);
  const redo = atTerminal(['resume', 'last', '--yes'], { env });
  await redo.says('type ldap1 to go on, anything else holds:');
  redo.type('ldap1\r');
  const { code, stdout } = await redo.ended;
  expect(code, stdout).toBe(0);
  for (const host of hosts) {
    const text = await seen(lab, host);
    expect(text).toContain(`two ${secret}`);
    expect(text).toContain('undo-test active enabled');
    expect(text).toContain('undo-test installed');
  }
  expect(await seen(lab, 'ldap1')).not.toContain('cn=to-go');
  expect(await config(lab, 'ldap2')).toMatch(/keepalive=60:5:10 .*credentials="Undo-me 4711 please"/);
});

test('an undo that is killed in its middle and resumed leaves what was before', async () => {
  let words = ['undo', 'last', '--yes', '--ndjson'];
  let kills = 0;
  for (; ; kills++) {
    const controller = start(words, { env });
    const ended = await controller.tells(6 + kills * 3).catch(() => true);
    if (ended !== true) await sleep((kills * 17) % 60);
    controller.kill('SIGKILL');
    const { code, stderr } = await controller.ended;
    if (code === 0) break;
    expect(code, stderr).toBe(137);
    expect(kills).toBeLessThan(40);
    words = ['resume', 'last', '--yes', '--ndjson'];
  }
  expect(kills).toBeGreaterThan(2);
  const now = await look();
  for (const host of hosts) expect(now[host]).toBe(before[host]);
});

describe('an undo is refused', () => {
  const slow = join(import.meta.dirname, 'runbooks', 'slow.yaml');
  const words = ['run', slow, '-i', lab.inventory, '--set', 'pool=ldap1', '--set', 'seconds=20', '--ndjson'];
  const counted = () => lab.inside('ldap1', 'cat /srv/counted 2>/dev/null || :');

  test('while the run is under way, and while a task of it is in doubt', async () => {
    const controller = start(words);
    await controller.reports((event) => event.type === 'task.intended');
    const busy = await run(['undo', 'last', '--yes']);
    expect([busy.code, busy.stderr]).toEqual([6, expect.stringContaining('is working on this run')]);

    controller.kill('SIGKILL');
    await controller.ended;
    for (const more of [['--yes'], ['--show']]) {
      const { code, stderr } = await run(['undo', 'last', ...more]);
      expect([code, stderr]).toEqual([4, expect.stringContaining('whether count@ldap1 took effect')]);
    }
    const { code } = await run(['resume', 'last', '--yes']);
    expect(code).toBe(0);
    const before = await counted();
    const { stdout } = await run(['undo', 'last', '--show']);
    expect(stdout).toContain('nothing says how a command is undone');
    expect(await counted()).toBe(before);
  });

  test('where it names no run or no step, before anything is contacted', async () => {
    const noRun = await run(['undo', 'beef']);
    expect([noRun.code, noRun.stderr]).toEqual([1, expect.stringContaining('no run beef')]);
    const noStep = await run(['undo', 'last', '--back-to', 'cuont']);
    expect([noStep.code, noStep.stderr]).toEqual([1, expect.stringContaining('did you mean "count"?')]);
  });

  test('for what came before the step that it goes back to', async () => {
    for (const step of ['after', '2']) {
      const { stdout } = await run(['undo', 'last', '--show', '--back-to', step]);
      expect(stdout).toContain('02 What comes after it');
      expect(stdout).not.toContain('01 Count slowly');
    }
  });
});
