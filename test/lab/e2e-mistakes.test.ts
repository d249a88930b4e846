/** What is wrong in a runbook is said before any host hears of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockstepFor } from './lockstep.ts';

const { run, state } = lockstepFor();
const cases = join(import.meta.dirname, '..', 'runbook', 'cases');
const inventory = join(state, 'inventory.yaml');
let contacts = 0;
const listener = createServer((socket) => {
  contacts += 1;
  socket.destroy();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  const hosts = `{ ldap1: { address: 127.0.0.1, port: ${address.port} } }`;
  writeFileSync(
    inventory,
    `format: lockstep-inventory/1\nhosts: ${hosts}\ngroups: { masters: { hosts: [ldap1] } }\n`,
  );
});
afterAll(() => new Promise((resolve) => listener.close(resolve)));

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
  expect(contacts).toBe(0);
});

test('the same host is contacted by a runbook without mistakes, so that the count above means something', async () => {
  const runbook = join(import.meta.dirname, 'runbooks', 'two-lines.yaml');
  const { code } = await run(['run', runbook, '-i', inventory, '--yes']);
  expect(code).toBe(2);
  expect(contacts).toBeGreaterThan(0);
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
