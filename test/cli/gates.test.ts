/** Options, prompts and files of gates, short of a run. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { ask } from '../../src/cli/ask.ts';
import { writeNewFile } from '../../src/cli/new-file.ts';
import type { RunOptions } from '../../src/cli/option.ts';
import { policyOf } from '../../src/cli/policy.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { runCommand } from '../../src/cli/run.ts';
import { gatesOf, readSealedPlan } from '../../src/cli/sealed-plan.ts';
import { openTerminal, type Terminal } from '../../src/cli/terminal.ts';
import { undoCommand } from '../../src/cli/undo.ts';
import type { Answers } from '../../src/engine/answers.ts';
import type { Question } from '../../src/engine/event.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { question } from '../engine/sample-question.ts';
import { scratch } from '../journal/sample.ts';
import { DIGEST, SEALED, seal } from './sealed.ts';

/** What a command makes of its words; it is not carried out. */
async function parsed(command: Command, ...words: readonly string[]) {
  let seen: { word: unknown; options: RunOptions } | undefined;
  command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((word: unknown, options: RunOptions) => {
      seen = { word, options };
    });
  await command.parseAsync([...words], { from: 'user' });
  if (!seen) throw new Error('the command was not called');
  return { word: seen.word, policy: policyOf(seen.options), options: seen.options };
}

const commands = { run: runCommand, resume: resumeCommand, undo: undoCommand };

describe.each(['run', 'resume', 'undo'] as const)('--yes of %s', (name) => {
  const words = (...more: readonly string[]) => parsed(commands[name](), ...more);

  test.each([
    [['--yes', 'word'], { yes: true }],
    [['-y', 'word'], { yes: true }],
    [['word', '--yes'], { yes: true }],
    [['--yes=confirm', 'word'], { yes: true }],
    [['--yes=typed', 'word'], { yes: true, typed: true }],
    [['--yes', '--yes=typed', 'word'], { yes: true, typed: true }],
    [['--yes=typed', '-y', 'word'], { yes: true, typed: true }],
    [['-yi', 'hosts.yaml', 'word'], { yes: true }],
    [['word'], { yes: false }],
  ])('in %j never eats a word', async (given, policy) => {
    expect(await words(...given)).toMatchObject({ word: 'word', policy });
  });

  test.each(['--yes=two-person', '--yes=doubt', '--yes=yes', '--yes=', '--yes=TYPED', '-y=typed', '-ytyped'])(
    'as %s is refused',
    async (flag) => {
      await expect(words(flag, 'word')).rejects.toMatchObject({ code: 'commander.unknownOption' });
    },
  );

  test('does not take typed for its value: that is a word of its own', async () => {
    if (name === 'resume')
      expect(await words('--yes', 'typed')).toMatchObject({ word: 'typed', policy: { yes: true } });
    else
      await expect(words('--yes', 'typed', 'word')).rejects.toMatchObject({
        code: 'commander.excessArguments',
      });
  });

  test('--no-input is known', async () => {
    expect((await words('word')).options.input).toBe(true);
    expect((await words('--no-input', 'word')).options.input).toBe(false);
  });
});

test('a terminal that may not ask is nobody', async () => {
  const tty = () => Object.assign(new PassThrough(), { isTTY: true }) as never;
  expect(openTerminal(tty(), tty()).present).toBe(true);
  const silent = openTerminal(tty(), tty(), false);
  expect([silent.present, await silent.line('x')]).toEqual([false, undefined]);
});

describe('a question', () => {
  const bob: Answers = {
    file: '/srv/bob.yaml',
    by: 'bob@desk',
    expires: '2026-11-27T03:00:00Z',
    given: new Map([['a@h1', { answer: 'yes' }]]),
  };
  const person = (present: boolean, typed?: string): Terminal & { line: ReturnType<typeof vi.fn> } => ({
    present,
    line: vi.fn(async () => typed),
  });
  async function asked(
    terminal: Terminal,
    change: Partial<Question> = {},
    { answers, digest }: { answers?: Answers; digest?: string } = {},
  ) {
    let shown = '';
    const answer = await ask(
      {
        run: '7f3a',
        terminal,
        operator: { name: 'alice' },
        answers,
        digest,
        now: () => Date.parse('2026-11-26T00:00:00Z'),
        write: (text) => (shown += text),
        style: styleFor({}, false),
      },
      question(change),
    );
    return { answer, shown };
  }

  test('is answered by the file before the person is asked, who is shown it', async () => {
    const terminal = person(true, 'n');
    const { answer, shown } = await asked(terminal, {}, { answers: bob });
    expect(answer).toEqual({ answer: 'yes', by: 'bob@desk', ground: 'answers /srv/bob.yaml' });
    expect(shown).toBe('\na@h1: Sure?\n');
    expect(terminal.line).not.toHaveBeenCalled();
  });

  test('that the file does not answer goes to the person, and without one says why', async () => {
    const other = { task: 'b@h1' };
    const { answer } = await asked(person(true, 'y'), other, { answers: bob });
    expect(answer).toMatchObject({ answer: 'yes', by: 'alice', ground: 'terminal' });
    expect((await asked(person(false), other, { answers: bob })).answer).toEqual({
      unanswered: '/srv/bob.yaml has no answer to that',
    });
    expect((await asked(person(false), other)).answer).toBeUndefined();
  });

  test('for two persons is never put to the one at the terminal, who is told what it takes', async () => {
    const terminal = person(true, 'y');
    const two = { class: 'two-person' } as const;
    const unsealed = await asked(terminal, two);
    expect(unsealed.answer).toEqual({ unanswered: 'a second person has to approve it' });
    expect(unsealed.shown).toContain('This run carries out no sealed plan');
    expect(unsealed.shown).toMatch(
      /lockstep plan .*\n.*lockstep approve PLAN .*than alice\n.*lockstep run --plan PLAN/,
    );

    const sealed = await asked(terminal, two, { digest: DIGEST, answers: bob });
    expect(sealed.shown).toContain('/srv/bob.yaml names no sealed plan');
    expect(sealed.shown).toContain(`Somebody else than alice approves the plan ${DIGEST}`);
    expect(sealed.shown).toContain('lockstep resume 7f3a --answers FILE');

    const again = await asked(terminal, { ...two, purpose: 'repeat' }, { digest: DIGEST });
    expect(again.shown).toContain('lockstep resolve 7f3a a@h1 --as applied');
    expect(terminal.line).not.toHaveBeenCalled();
    expect((await asked(person(false), two)).shown).toBe('');
  });
});

describe('a sealed plan', () => {
  const file = (value: unknown) => {
    const path = join(scratch(), 'plan.json');
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };

  test('tells what it asks, notices left out, whatever else it holds', () => {
    const plan = readSealedPlan(file(seal(SEALED.tasks, { more: true })));
    expect(gatesOf(plan)).toEqual([
      { task: 'load@h1', step: 'load', class: 'two-person', text: 'Replace the data of h1?' },
    ]);
  });

  test.each([
    ['not JSON', '{', /plan\.json is not JSON/],
    ['another format', { ...SEALED, format: 'lockstep-plan/2' }, /format: must be lockstep-plan\/1/],
    ['no digest', { ...SEALED, digest: undefined }, /digest: is missing/],
    ['a digest that is none', { ...SEALED, digest: 'sha256:x' }, /digest: must be a digest/],
    [
      'a class there is not',
      { ...SEALED, tasks: [{ ...SEALED.tasks[1], asks: { class: 'maybe', text: '' } }] },
      /asks\.class: must be notice, confirm, typed or two-person/,
    ],
    ['changed', { ...SEALED, title: 'Another' }, /changed after it was sealed/],
  ])('that is %s is refused', (_what, value, said) => {
    expect(() => readSealedPlan(file(value))).toThrow(said);
  });

  test('that is not there is refused', () => {
    expect(() => readSealedPlan('/no/such/plan')).toThrow('/no/such/plan cannot be read: ENOENT');
  });
});

test('a new file is made whole, for its owner alone, and never in place of another', () => {
  const folder = scratch();
  const path = join(folder, 'answers.yaml');
  writeNewFile(path, 'one\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => writeNewFile(path, 'two\n')).toThrow(/EEXIST/);
  expect(readFileSync(path, 'utf8')).toBe('one\n');
  expect(readdirSync(folder)).toEqual(['answers.yaml']);
});
