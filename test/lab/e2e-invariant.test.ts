/** What must hold throughout a run, on real servers: slapd is killed under a run, a cable is pulled, and `resume` goes on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { inflict } from '../../src/lab/fault.ts';
import { all, readXml } from '../reporters/xml-reader.ts';
import { eventsOf, lockstepFor, outcomes, type Running } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { start, run, state } = lockstepFor();
const lab = sharedLab('invariant', { hosts: 2 });
const runbook = join(state, 'story.yaml');

/** A command on ldap1 that ends when it may, under an invariant on both; then a line on each. */
const story = (need: string, probe: string) => `format: lockstep/1
name: story
version: 1.0.0
title: A long command while the directory must answer
invariants:
  - { id: answers, title: slapd answers, on: masters, need: ${need}, probe: { ${probe} }, every: 1s }
steps:
  - id: slow
    title: Take some time
    on: ldap1
    repeat: once
    on-doubt: ask
    command: { script: 'echo slow >>/srv/lines; until [ -e /srv/go ]; do sleep 0.05; done' }
  - id: after
    title: One more line
    on: masters
    repeat: once
    on-doubt: ask
    command: { script: 'echo after >>/srv/lines' }
`;
const PORT = 'wait.port: { port: 389 }';
const ROOT_DSE = 'ldap.read: { base: "", scope: base }, until: result.count == 1';
const report = join(state, 'report.xml');
const junit = ['--junit', report];
const words = ['run', runbook, '-i', lab.inventory, '--ndjson', ...junit];
const lines = (host = 'ldap1') => lab.inside(host, 'cat /srv/lines 2>/dev/null || :');
const go = () => lab.inside('ldap1', 'touch /srv/go');
const kill = (host: string) => inflict(lab.name, host, { kind: 'kill-slapd' });
const heal = (host: string) => inflict(lab.name, host, { kind: 'heal' });
const of = (ndjson: string, type: string) => eventsOf(ndjson).filter((event) => event.type === type);
const isBreach = ({ type }: { readonly type: string }) => type.startsWith('invariant.');

/** Case of the JUnit report → what it is, and why. */
const reported = () =>
  Object.fromEntries(
    all(readXml(readFileSync(report, 'utf8')), 'testcase').map(({ attributes, children: [child] }) => [
      attributes['name'],
      child === undefined || child.name === 'system-out'
        ? 'passed'
        : `${child.name}: ${child.attributes['message']}`,
    ]),
  );

/** A run whose command is under way on ldap1. */
async function underWay(need: string, probe: string): Promise<Running> {
  writeFileSync(runbook, story(need, probe));
  const running = start(words);
  while ((await lines()) === '') await sleep(50);
  return running;
}

beforeEach(async () => {
  for (const host of ['ldap1', 'ldap2']) {
    await heal(host);
    await lab.inside(host, 'rm -f /srv/lines /srv/go');
  }
});

describe('slapd, killed while a command is under way', () => {
  test('breaks what all must do: held with code 8 naming host and task, and resume goes on when it is up', async () => {
    const running = await underWay('all', PORT);
    await kill('ldap2');
    expect(await running.reports(isBreach)).toMatchObject({
      type: 'invariant.broke',
      invariant: 'answers',
      hosts: ['ldap2'],
      during: ['slow@ldap1'],
      text: expect.stringMatching(
        /^invariant answers \(slapd answers\) does not hold: ldap2: no connection to 127/,
      ),
    });
    await go();
    const held = await running.ended;
    expect([held.code, outcomes(held.stdout)]).toEqual([8, { 'slow@ldap1': 'changed' }]);
    expect(of(held.stdout, 'run.held')).toMatchObject([
      { reason: 'invariant', text: expect.stringContaining('under way: slow@ldap1') },
    ]);

    expect(reported()).toMatchObject({
      run: expect.stringMatching(/^failure: invariant answers .*; under way: slow@ldap1$/),
      'slow@ldap1': 'passed',
      'after@ldap1': expect.stringMatching(/^skipped: not reached: the run was held: invariant answers /),
    });

    const early = await run(['resume', 'last', '--ndjson']);
    expect([early.code, of(early.stdout, 'step.began')]).toEqual([8, []]);
    expect(await lines()).toBe('slow\n');

    await heal('ldap2');
    const resumed = await run(['resume', 'last', '--ndjson', ...junit]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(new Set(Object.values(reported()))).toEqual(new Set(['passed']));
    expect([await lines(), await lines('ldap2')]).toEqual(['slow\nafter\n', 'after\n']);
    expect((await run(['verify-journal', 'last'])).code).toBe(0);
    const shown = await run(['show', 'last']);
    expect(shown.stdout).toMatch(/^ {2}broke +invariant answers .*\n +under way: slow@ldap1$/m);
  });

  test('breaks what one must do only with the last of them', async () => {
    const running = await underWay('any', PORT);
    await kill('ldap1');
    await kill('ldap2');
    expect(await running.reports(isBreach)).toMatchObject({ hosts: ['ldap1', 'ldap2'] });
    await go();
    expect((await running.ended).code).toBe(8);
    await heal('ldap2');
    const resumed = await run(['resume', 'last', '--ndjson']);
    expect([resumed.code, of(resumed.stdout, 'invariant.broke')]).toEqual([0, []]);
  });
});

test('a slapd that is down from the start holds the run before anything is begun, read over ldapi too', async () => {
  writeFileSync(runbook, story('all', ROOT_DSE));
  await kill('ldap2');
  const held = await run(words);
  expect([held.code, of(held.stdout, 'step.began')]).toEqual([8, []]);
  expect(of(held.stdout, 'invariant.unseen')).toMatchObject([
    { hosts: ['ldap2'], text: expect.stringContaining('no ldapi socket answers') },
  ]);
  expect(await lines()).toBe('');
  await heal('ldap2');
  await go();
  expect((await run(['resume', 'last', '--ndjson'])).code).toBe(0);
});

test.each([PORT, ROOT_DSE])(
  'behind a pulled cable nobody can tell: held after three intervals, and resume goes on (%s)',
  async (probe) => {
    const running = await underWay('all', probe);
    await inflict(lab.name, 'ldap2', { kind: 'cut' });
    expect(await running.reports(isBreach)).toMatchObject({
      type: 'invariant.unseen',
      hosts: ['ldap2'],
      during: ['slow@ldap1'],
      text: expect.stringMatching(/^it cannot be told for \d+s whether invariant answers .*: ldap2: /),
    });
    await go();
    const held = await running.ended;
    expect([held.code, outcomes(held.stdout)]).toEqual([8, { 'slow@ldap1': 'changed' }]);
    await heal('ldap2');
    const resumed = await run(['resume', 'last', '--ndjson']);
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    expect([await lines(), await lines('ldap2')]).toEqual(['slow\nafter\n', 'after\n']);
  },
);

describe('the JUnit report', () => {
  test('is written when a second signal lets go, and after the resume that ends it', async () => {
    const running = await underWay('all', PORT);
    running.kill('SIGINT');
    await running.reports((event) => event.type === 'run.stopping');
    expect(existsSync(report)).toBe(false);
    running.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(reported()).toMatchObject({
      run: 'error: lockstep ended in the middle of it',
      'slow@ldap1': 'error: it was under way when lockstep let go',
    });
    await go();
    expect((await run(['resume', 'last', ...junit])).code).toBe(0);
    expect(reported()).toEqual(
      Object.fromEntries(['run', 'slow@ldap1', 'after@ldap1', 'after@ldap2'].map((name) => [name, 'passed'])),
    );
  });

  test('that cannot be written is refused before anything is contacted', async () => {
    const { code, stdout, stderr } = await run([...words.slice(0, -1), join(state, 'none', 'report.xml')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^lockstep: --junit \S+: it cannot be written: ENOENT.*\n {2}next: name a file in a folder/,
    );
  });
});
