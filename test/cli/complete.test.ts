import { Command } from 'commander';
import { expect, test } from 'vitest';
import { candidates } from '../../src/cli/complete.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { runCommand } from '../../src/cli/run.ts';

function program(): Command {
  return new Command('lockstep').addCommand(runCommand()).addCommand(resumeCommand());
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
