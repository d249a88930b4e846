import { Command } from 'commander';
import { expect, test } from 'vitest';
import { candidates } from '../../src/cli/complete.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { statusCommand } from '../../src/cli/status.ts';

const program = (): Command =>
  new Command('lockstep').addCommand(statusCommand()).addCommand(doctorCommand());
const inventory = new URL('../inventory/cases/native/pool.yaml', import.meta.url).pathname;

test('--limit completes to the groups and hosts of the inventory that is named, --seed to its hosts', async () => {
  expect(await candidates(program(), ['status', '-i', inventory, '--limit', 'm'])).toContain('masters');
  expect(await candidates(program(), ['status', '-i', inventory, '--limit', 'ldap1'])).toContain('ldap1');
  expect(await candidates(program(), ['status', '-i', inventory, '--seed', 'masters'])).toEqual([]);
  expect(await candidates(program(), ['status', '-i', '/no/such/file', '--limit', ''])).toEqual([]);
});

test('--only completes to the codes of findings', async () => {
  expect(await candidates(program(), ['doctor', '--only', 'sid-du'])).toEqual(['sid-duplicate']);
});

test('files are left to the shell', async () => {
  for (const option of ['--svg', '--prometheus'])
    expect(await candidates(program(), ['status', option, ''])).toEqual([]);
});
