import { Command } from 'commander';
import { expect, test } from 'vitest';
import { candidates } from '../../src/cli/complete.ts';
import { labCommand } from '../../src/cli/lab.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { runCommand } from '../../src/cli/run.ts';

function program(): Command {
  return new Command('lockstep')
    .addCommand(runCommand())
    .addCommand(resumeCommand())
    .addCommand(labCommand());
}

test('the first word completes to commands', async () => {
  expect(await candidates(program(), ['r'])).toEqual(['run', 'resume']);
});

test('run completes to the runbooks of this package', async () => {
  expect(await candidates(program(), ['run', 'openldap/en'])).toEqual(['openldap/enable-mmr']);
});

test('options of a command are offered after it', async () => {
  expect(await candidates(program(), ['run', 'openldap/enable-mmr', '--y'])).toEqual(['--yes']);
});

test('lab fault offers its kinds after the host, wherever the lab is named', async () => {
  expect(await candidates(program(), ['lab', 'fault', 'ldap1', 'c'])).toEqual(['cut', 'clock']);
  expect(await candidates(program(), ['lab', 'fault', '--lab', 'old', 'ldap1', 'h'])).toEqual(['heal']);
  expect(await candidates(program(), ['lab', 'fault', 'ldap1', 'cut', 'h'])).toEqual([]);
});
