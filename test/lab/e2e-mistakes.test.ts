/** What is wrong in a runbook is said before any host hears of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countedHost } from './counted-host.ts';
import { lockstepFor } from './lockstep.ts';

const { run, state } = lockstepFor();
const cases = join(import.meta.dirname, '..', 'runbook', 'cases');
const { inventory, contacts } = countedHost(state);

test('a runbook with twelve mistakes is refused with all twelve, and no host is contacted', async () => {
  const runbook = join(cases, 'twelve-mistakes.yaml');
  const { code, stdout, stderr } = await run([
    'run',
    runbook,
    '-i',
    inventory,
    '--set',
    'newcomer=ldap1',
    '--yes',
  ]);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  const places = stderr.match(/\S*twelve-mistakes\.yaml:\d+:\d+ {2}/g) ?? [];
  expect(places).toHaveLength(12);
  const told = stderr.replace(/^lockstep: /, '').replaceAll(/\S*twelve-mistakes\.yaml/g, 'a.yaml');
  expect(told).toContain(readFileSync(join(cases, 'twelve-mistakes.expected.txt'), 'utf8').trimEnd());
  expect(told).toContain('no host was contacted');
  expect(contacts()).toBe(0);
});

test('the same host is contacted by a runbook without mistakes, so that the count above means something', async () => {
  const runbook = join(import.meta.dirname, 'runbooks', 'two-lines.yaml');
  const { code } = await run(['run', runbook, '-i', inventory, '--yes']);
  expect(code).toBe(2);
  expect(contacts()).toBeGreaterThan(0);
});

test.each([
  ['a runbook that is not there', ['run', 'openldap/no-such', '-i', inventory], 'openldap/no-such'],
  ['no inventory', ['run', 'openldap/enable-mmr'], 'no inventory is given'],
  [
    'an input that there is not',
    ['run', 'openldap/enable-mmr', '-i', inventory, '--set', 'frist=ldap1'],
    'frist',
  ],
  ['an option that there is not', ['run', 'openldap/enable-mmr', '--yse'], '--yse'],
  ['a run that there is not', ['resume', 'beef'], 'beef'],
])('%s is a mistake too, told with exit code 1', async (_what, words, named) => {
  const { code, stdout, stderr } = await run(words, { env: { LOCKSTEP_INVENTORY: undefined } });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(named);
});
