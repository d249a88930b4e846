import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchSecrets } from '../../src/cli/watch-secrets.ts';
import type { Input } from '../../src/engine/input.ts';
import { fingerprintKey } from '../../src/journal/fingerprint-key.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { planOf } from '../engine/world.ts';

const plan = planOf(
  '- { id: a, on: all, command: { argv: [x], env: { P: "${{ secrets.pw }}", Q: "${{ secrets.own }}" } }, on-doubt: ask }\n',
  ['h1', 'h2'],
  'secrets: { pw: { from: ["env:PW"] }, own: { from: ["host:cat /pw"] } }\n',
);

function run(
  value: string,
  known: Readonly<Record<string, string>>,
  accepted: readonly string[],
  directory: string,
) {
  const told: Extract<Input, { type: 'used' }>[] = [];
  const fetch = watchSecrets(
    async (name, host) => new Secret(name, name === 'own' ? `${value} of ${host}` : value),
    plan,
    (mayMake) => fingerprintKey(directory, mayMake),
    known,
    accepted,
    (input) => {
      if (input.type === 'used') told.push(input);
    },
  );
  return { fetch, told };
}

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-key-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('a secret that was rotated since is refused by name, and used once that is accepted', async () => {
  const directory = scratch();
  const first = run('old', {}, [], directory);
  await first.fetch('pw', 'h1');
  await first.fetch('pw', 'h2');
  expect(first.told).toEqual([
    { type: 'used', name: 'pw', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
  ]);
  const known = { pw: first.told[0]?.fingerprint ?? '' };

  expect((await run('old', known, [], directory).fetch('pw', 'h1')).reveal()).toBe('old');
  await expect(run('new', known, [], directory).fetch('pw', 'h1')).rejects.toMatchObject({
    name: 'Drifted',
    message: 'secret:pw: its value is not the one that this run used before',
    next: 'If that is right, resume with --accept-drift secret:pw',
  });
  const accepted = run('new', known, ['secret:pw'], directory);
  expect((await accepted.fetch('pw', 'h1')).reveal()).toBe('new');
  expect(accepted.told).toHaveLength(1);
});

test('a secret that each host has its own of is watched host by host', async () => {
  const directory = scratch();
  const { fetch, told } = run('x', {}, [], directory);
  await fetch('own', 'h1');
  await fetch('own', 'h2');
  expect(told.map(({ host }) => host)).toEqual(['h1', 'h2']);
  expect(told[0]?.fingerprint).not.toBe(told[1]?.fingerprint);
});

test('a fingerprint is under a key that is not in the journal, and without that key nothing is compared', async () => {
  const directory = scratch();
  const { fetch, told } = run('old', {}, [], directory);
  await fetch('pw', 'h1');
  expect(statSync(join(directory, 'key')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(directory, 'key'))).toHaveLength(32);
  const elsewhere = run('old', {}, [], scratch());
  await elsewhere.fetch('pw', 'h1');
  expect(elsewhere.told[0]?.fingerprint).not.toBe(told[0]?.fingerprint);
  const lost = run('new', { pw: told[0]?.fingerprint ?? '' }, [], scratch());
  expect((await lost.fetch('pw', 'h1')).reveal()).toBe('new');
});
