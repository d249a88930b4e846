/** A run is held, the world moves, and `resume` names what has: nothing is done before a person has said that it is right. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { labDir } from '../../src/lab/lab-paths.ts';
import { eventsOf, lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, atTerminal, state } = lockstepFor();
const lab = sharedLab('drift', { hosts: 2 });
const runbook = join(state, 'story.yaml');
const inventory = join(state, 'inventory.yaml');
const known = join(state, 'known_hosts');
const password = join(state, 'password');

/** Step one is done on both, step two has failed on ldap2, step three waits. */
const text = (two: string) => `format: lockstep/1
name: story
version: 1.0.0
title: A story in three steps
inputs:
  pool: { type: hosts, default: masters, about: The hosts }
secrets:
  word: { from: ["file:${password}"], about: A password }
steps:
  - id: one
    title: A file with a secret
    on: \${{ inputs.pool }}
    file: { path: /srv/one, content: "\${{ secrets.word }}", mode: "0600" }
  - id: two
    title: A command that fails on the second host
    on: \${{ inputs.pool }}
    repeat: safe
    command: { script: "${two}" }
    on-doubt: ask
  - id: three
    title: A line, with the secret beside it
    on: \${{ inputs.pool }}
    repeat: once
    on-doubt: ask
    command: { script: "echo three >>/srv/lines", env: { WORD: "\${{ secrets.word }}" } }
`;
const FAILS = 'test \\"$(cat /proc/sys/kernel/hostname)\\" != ldap2';
const hosts = (vars = '', masters = 'ldap1, ldap2') => {
  const host = (name: string, index: number) =>
    `  ${name}: { address: ${lab.record().hosts[index]?.address}, user: root, identity: ${labDir(lab.name)}/id_ed25519, known-hosts: ${known}${vars} }\n`;
  return `format: lockstep-inventory/1\nhosts:\n${host('ldap1', 0)}${host('ldap2', 1)}groups:\n  masters: { hosts: [${masters}] }\n`;
};
const lines = async () =>
  (
    await Promise.all(['ldap1', 'ldap2'].map((host) => lab.inside(host, 'cat /srv/lines 2>/dev/null || :')))
  ).join('');
const heldText = (ndjson: string) => {
  const held = eventsOf(ndjson).find((event) => event.type === 'run.held');
  return held?.type === 'run.held' ? held.text : undefined;
};
const resume = (...more: readonly string[]) => run(['resume', 'last', '--yes', '--ndjson', ...more]);
const mended = ['--on-runbook', 'new'];
const mend = () => writeFileSync(runbook, text('true'));

beforeEach(async () => {
  for (const host of ['ldap1', 'ldap2']) await lab.inside(host, 'find /srv -maxdepth 1 -type f -delete');
  copyFileSync(join(labDir(lab.name), 'known_hosts'), known);
  writeFileSync(password, 'the first password\n', { mode: 0o600 });
  writeFileSync(runbook, text(FAILS));
  writeFileSync(inventory, hosts());
  const first = await run(['run', runbook, '-i', inventory, '--yes', '--ndjson']);
  expect([first.code, first.stderr]).toEqual([2, '']);
  expect(outcomes(first.stdout)).toMatchObject({ 'one@ldap1': 'changed', 'two@ldap2': 'failed' });
});

describe('a resume', () => {
  test('names a runbook that was edited; goes on with the old text or, for a failed step, with the new one', async () => {
    mend();
    const told = await resume();
    expect([told.code, heldText(told.stdout)]).toEqual([
      5,
      expect.stringMatching(/^runbook: \S+story\.yaml was edited/),
    ]);
    const pinned = await resume('--on-runbook', 'pinned');
    expect([pinned.code, outcomes(pinned.stdout)['two@ldap2']]).toEqual([2, 'failed']);
    const renewed = await resume(...mended);
    expect([renewed.code, outcomes(renewed.stdout)]).toMatchObject([
      0,
      { 'two@ldap2': 'changed', 'three@ldap1': 'changed' },
    ]);
    expect(await lines()).toBe('three\nthree\n');
  });

  test('takes no new text for what is done', async () => {
    writeFileSync(runbook, text('true').replace('/srv/one', '/srv/other'));
    const refused = await resume(...mended);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringContaining('step one is done, and what it does was edited'),
    ]);
  });

  test('names what the inventory says otherwise, and takes the new one when it is told to', async () => {
    mend();
    writeFileSync(inventory, hosts(', vars: { site: south }'));
    const told = await resume(...mended);
    expect([told.code, heldText(told.stdout)]).toEqual([
      5,
      expect.stringContaining('inventory:ldap1.vars.site: it was not set, and is "south"'),
    ]);
    expect((await resume(...mended, '--on-inventory', 'new')).code).toBe(0);
  });

  test('names an input that would be another today', async () => {
    mend();
    writeFileSync(inventory, hosts('', 'ldap1'));
    const told = await resume(...mended);
    expect([told.code, heldText(told.stdout)]).toEqual([
      5,
      expect.stringContaining('input:pool: it was "ldap1,ldap2", and would be "ldap1"'),
    ]);
  });

  test('names a finished step whose work is gone, and goes on when a person says that this is right', async () => {
    mend();
    await lab.inside('ldap1', 'echo other >/srv/one');
    const told = await resume(...mended);
    expect([told.code, heldText(told.stdout)]).toEqual([
      5,
      'regressed:one@ldap1: /srv/one is no longer as it left it. If that is right: --accept-drift regressed:one@ldap1',
    ]);
    expect(await lines()).toBe('');
    const person = atTerminal(['resume', 'last', '--yes', ...mended]);
    await person.says('Go on all the same? y yes   N no, hold (default):');
    person.type('y\r');
    const { code, stdout } = await person.ended;
    expect(code, stdout).toBe(0);
    expect(await lines()).toBe('three\nthree\n');
  });

  test('names a secret that was rotated since, and has not used it', async () => {
    mend();
    writeFileSync(password, 'the second password\n');
    const told = await resume(...mended);
    // Its file is found to be other than it would be now, which is the same news from the host's side.
    expect([told.code, heldText(told.stdout)]).toEqual([
      5,
      expect.stringMatching(/secret:word: its value is not the one/),
    ]);
    expect(await lines()).toBe('');
    const right = await resume(...mended, '--accept-drift', 'secret:word', ...regressedOne());
    expect([right.code, right.stderr]).toEqual([0, '']);
  });

  test('names a host that shows another key, though known_hosts has it by now', async () => {
    mend();
    await lab.inside(
      'ldap2',
      'cp -a /etc/ssh /root/ssh.before; rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; systemctl restart ssh',
    );
    const key = (await lab.inside('ldap2', 'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim();
    const address = lab.record().hosts[1]?.address ?? '';
    const others = readFileSync(known, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith(address));
    writeFileSync(known, [...others, `${address} ${key}`, ''].join('\n'));
    try {
      const told = await resume(...mended);
      expect([told.code, heldText(told.stdout)]).toEqual([
        5,
        expect.stringMatching(/host-key:ldap2: ldap2 showed SHA256:\S+, and now shows SHA256:/),
      ]);
      expect(await lines()).toBe('');
      const person = atTerminal(['resume', 'last', '--yes', ...mended]);
      await person.says('This may be another machine. Type ldap2 to go on');
      person.type('ldap2\r');
      expect((await person.ended).code).toBe(0);
    } finally {
      await lab.inside('ldap2', 'rm -r /etc/ssh; mv /root/ssh.before /etc/ssh; systemctl restart ssh');
    }
  });

  test('names a host that is another machine by its machine-id', async () => {
    mend();
    const before = await lab.inside('ldap2', 'cat /etc/machine-id');
    await lab.inside('ldap2', 'echo 0123456789abcdef0123456789abcdef >/etc/machine-id');
    try {
      const told = await resume(...mended);
      expect([told.code, heldText(told.stdout)]).toEqual([
        5,
        expect.stringContaining('machine-id:ldap2: ldap2 showed'),
      ]);
      expect((await resume(...mended, '--accept-drift', 'machine-id:ldap2')).code).toBe(0);
    } finally {
      await lab.inside('ldap2', `echo ${before.trim()} >/etc/machine-id`);
    }
  });
});

const regressedOne = () => ['ldap1', 'ldap2'].flatMap((host) => ['--accept-drift', `regressed:one@${host}`]);
