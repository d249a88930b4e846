import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { approveCommand } from '../../src/cli/approve.ts';
import { attachCommand } from '../../src/cli/attach.ts';
import { candidates } from '../../src/cli/complete.ts';
import { labCommand } from '../../src/cli/lab.ts';
import { noteCommand } from '../../src/cli/note.ts';
import { resolveCommand } from '../../src/cli/resolve.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { runCommand } from '../../src/cli/run.ts';
import type { Event } from '../../src/engine/event.ts';
import { Journal } from '../../src/journal/append.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import { RUN, World } from '../engine/world.ts';
import { at, scratch } from '../journal/sample.ts';
import { SEALED } from './sealed.ts';

function program(): Command {
  return new Command('lockstep')
    .addCommand(runCommand())
    .addCommand(resumeCommand())
    .addCommand(resolveCommand())
    .addCommand(approveCommand())
    .addCommand(attachCommand())
    .addCommand(noteCommand())
    .addCommand(labCommand());
}

test('the first word completes to commands', async () => {
  expect(await candidates(program(), ['r'])).toEqual(['run', 'resume', 'resolve']);
});

test('run completes to the runbooks of this package', async () => {
  expect(await candidates(program(), ['run', 'openldap/enable-m'])).toEqual(['openldap/enable-mmr']);
});

test('options of a command are offered after it', async () => {
  expect(await candidates(program(), ['run', 'openldap/enable-mmr', '--no'])).toEqual(['--no-input']);
});

test('--yes is offered with its classes, also where the shell takes the = for a word of its own', async () => {
  expect(await candidates(program(), ['run', '--y'])).toEqual(['--yes', '--yes=confirm', '--yes=typed']);
  expect(await candidates(program(), ['run', '--yes=t'])).toEqual(['--yes=typed']);
  expect(await candidates(program(), ['run', '--yes', '=', 't'])).toEqual(['typed']);
  expect(await candidates(program(), ['run', '--yes', '='])).toEqual(['confirm', 'typed']);
  expect(await candidates(program(), ['run', '--set', 'first', '='])).toEqual([]);
});

test('a file of answers is left to the shell; --task offers what the plan asks', async () => {
  expect(await candidates(program(), ['resume', '--answers', ''])).toEqual([]);
  const plan = join(scratch(), 'plan.json');
  writeFileSync(plan, JSON.stringify(SEALED));
  expect(await candidates(program(), ['approve', plan, '--task', ''])).toEqual(['load@h1']);
  expect(await candidates(program(), ['approve', 'no-such', '--task', ''])).toEqual([]);
});

test('a change window can be none', async () => {
  expect(await candidates(program(), ['resume', 'last', '--window', ''])).toEqual(['none']);
  expect(await candidates(program(), ['run', 'openldap/enable-mmr', '--w'])).toEqual(['--window']);
});

test('what takes a path is left to the shell', async () => {
  expect(await candidates(program(), ['run', '--junit', ''])).toEqual([]);
});

test('lab fault offers its kinds after the host, wherever the lab is named', async () => {
  expect(await candidates(program(), ['lab', 'fault', 'ldap1', 'c'])).toEqual(['cut', 'clock']);
  expect(await candidates(program(), ['lab', 'fault', '--lab', 'old', 'ldap1', 'h'])).toEqual(['heal']);
  expect(await candidates(program(), ['lab', 'fault', 'ldap1', 'cut', 'h'])).toEqual([]);
});

describe('a run that was held', () => {
  const words = (...more: readonly string[]) => candidates(program(), more);

  test('offers what has drifted, what can be resolved, and the words of an option', async () => {
    const world = new World('- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n', {
      hosts: ['h1'],
    });
    world.host('h1').next('do a', { drop: 'vanished' });
    await world.finish();
    const drift: Event = { type: 'drift.found', drifts: [{ name: 'machine-id:h1', what: 'another' }] };
    const state = scratch();
    vi.stubEnv('LOCKSTEP_STATE', state);
    onTestFinished(() => void vi.unstubAllEnvs());
    const journal = Journal.create(createRunDirectory(join(state, 'runs'), RUN.id));
    await journal.append([...world.events, drift], at);
    journal.close();
    expect(await words('resume', '--accept-drift', 'm')).toEqual(['machine-id:h1']);
    expect(await words('resolve', RUN.id, '')).toContain('a@h1');
    expect(await words('resolve', RUN.id, 'a@h1', '--as', '')).toEqual(['applied', 'not-applied', 'skipped']);
    for (const command of ['attach', 'note']) expect(await words(command, '2')).toEqual([RUN.id]);
    // What a note says is nobody's to complete.
    expect(await words('note', RUN.id, '')).not.toContain(RUN.id);
  });
});
