/** Gates of every class against the real program: without a policy none is ever passed, and nothing is changed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Gate, gates, localGates, typedGates } from './local-gates.ts';
import { eventsOf, lockstepFor } from './lockstep.ts';

const { run, start, atTerminal, state } = lockstepFor();
const local = localGates(join(state, 'gates'));

/** What somebody who cannot be seen might say. */
const SHOUT = 'y\nyes\nhere\napprove\n';

const WAYS = {
  'its input is closed': { stdin: 'closed' },
  'its input is /dev/null': { stdin: 'null' },
  'its input is a pipe that stays open and silent': { stdin: 'pipe' },
  'its input is a pipe that shouts yes': { stdin: 'pipe', shout: true },
  'it has no controlling terminal': { stdin: 'null', setsid: true },
  'it has neither input nor controlling terminal': { stdin: 'closed', setsid: true },
} as const satisfies Record<string, { stdin: 'closed' | 'null' | 'pipe'; setsid?: boolean; shout?: boolean }>;

function expectHeld(gate: Gate, code: number, stdout: string, changed: () => boolean): void {
  expect(code, `${gate}\n${stdout}`).toBe(3);
  expect(changed(), gate).toBe(false);
  expect(stdout, gate).toMatch(/^held at 01 gate: gate@here (asks|would ask \([a-z-]+\)), and /m);
}

describe.each(Object.entries(WAYS))('where %s', (_way, how) => {
  test('no gate of any class is passed, and nothing is changed', async () => {
    for (const gate of gates) {
      const { words, changed } = local.words(gate);
      const running = start(words, how);
      if ('shout' in how) running.type(SHOUT);
      const { code, stdout } = await running.ended;
      expectHeld(gate, code, stdout, changed);
    }
  });
});

describe('at a terminal', () => {
  test.each(gates)('whose output goes to a file, the gate %s holds, whatever is typed', async (gate) => {
    const { words, changed } = local.words(gate);
    const into = join(state, 'out');
    const running = atTerminal(words, { into });
    running.type(SHOUT.replaceAll('\n', '\r'));
    const { code } = await running.ended;
    expectHeld(gate, code, readFileSync(into, 'utf8'), changed);
  });

  test.each(gates)('with --no-input, the gate %s holds without a prompt', async (gate) => {
    const { words, changed } = local.words(gate);
    const running = atTerminal([...words, '--no-input']);
    running.type(SHOUT.replaceAll('\n', '\r'));
    const { code, stdout } = await running.ended;
    expectHeld(gate, code, stdout.replaceAll('\r', ''), changed);
    expect(stdout).not.toContain('anything else holds');
    expect(stdout).not.toContain('hold (default)');
  });

  const refusals = [
    ['n', 'n\r'],
    ['the return key alone', '\r'],
    ['Ctrl-D', '\u0004'],
    ['the end of what is typed', undefined],
    ['yes to a question that was not asked', 'approve\r'],
  ] as const;
  test.each(refusals)('%s is no, at every gate that asks there', async (_name, keys) => {
    for (const gate of gates.filter((one) => !one.includes('two-person'))) {
      const { words, changed } = local.words(gate);
      const running = atTerminal(words);
      await running.says(typedGates.includes(gate) ? 'anything else holds:' : 'N no, hold (default):');
      if (keys === undefined) running.endInput();
      else running.type(keys);
      const { code, stdout } = await running.ended;
      expect(code, `${gate}\n${stdout}`).toBe(3);
      expect(changed(), gate).toBe(false);
    }
  });

  test.each(typedGates)('y does not pass the gate %s, and the name of the host does', async (gate) => {
    for (const [keys, code] of [
      ['y\r', 3],
      ['here\r', 0],
    ] as const) {
      const { words, changed } = local.words(gate);
      const running = atTerminal(words);
      await running.says('type here to go on, anything else holds:');
      running.type(keys);
      expect((await running.ended).code, running.stdout()).toBe(code);
      expect(changed()).toBe(code === 0);
    }
  });

  test.each(['two-person', 'asks two-person'] as const)(
    'the gate %s is put to nobody, and says what it takes',
    async (gate) => {
      const { words, changed } = local.words(gate);
      const running = atTerminal(words);
      running.type(SHOUT.replaceAll('\n', '\r'));
      const { code, stdout } = await running.ended;
      expect(code, stdout).toBe(3);
      expect(changed()).toBe(false);
      expect(stdout).toContain('This takes two people: a second person has to approve it.');
      expect(stdout).toContain('lockstep approve PLAN --out FILE');
      expect(stdout).toMatch(
        /^held at 01 gate: gate@here (asks|would ask \([a-z-]+\)), and a second person has to approve it/m,
      );
    },
  );
});

describe('a policy', () => {
  const confirms: readonly Gate[] = ['confirm', 'asks confirm', 'manual'];
  test.each([
    ['--yes', confirms],
    ['-y', confirms],
    ['--yes=confirm', confirms],
    ['--yes=typed', [...confirms, ...typedGates]],
  ] as const)('of %s passes what it names and nothing graver', async (flag, passed) => {
    for (const gate of gates) {
      const { words, changed } = local.words(gate);
      const [command = '', ...rest] = words;
      // Right before the runbook's name, which it must not take for its value.
      const { code, stdout } = await run([command, flag, ...rest]);
      if (passed.includes(gate)) expect([code, changed()], `${gate}\n${stdout}`).toEqual([0, true]);
      else expectHeld(gate, code, stdout, changed);
    }
  });

  test('that there is not is a mistake, told before anything is done', async () => {
    const { words, changed } = local.words('confirm');
    const { code, stderr } = await run([...words, '--yes=always']);
    expect(code).toBe(1);
    expect(stderr).toContain("unknown option '--yes=always'");
    expect(stderr).toContain('next: --yes, --yes=confirm or --yes=typed');
    expect(changed()).toBe(false);
  });
});

describe('an answers file', () => {
  let files = 0;
  function answers(body: string, { by = 'bob@desk', inMs = 3_600_000, head = '' } = {}): string {
    files += 1;
    const path = join(state, `answers-${files}.yaml`);
    const expires = new Date(Date.now() + inMs).toISOString();
    writeFileSync(
      path,
      `format: lockstep-answers/1\nby: ${by}\nexpires: ${expires}\n${head}answers:\n  - ${body}\n`,
    );
    return path;
  }

  test('passes what one person may pass, and never what takes two', async () => {
    for (const gate of gates) {
      const { words, changed } = local.words(gate);
      const file = answers('{ task: gate@here, answer: yes, because: "CHG-4211" }');
      const { code, stdout } = await run([...words, '--answers', file]);
      if (gate.includes('two-person')) {
        expectHeld(gate, code, stdout, changed);
        expect(stdout).toContain(`${file} names no sealed plan, as the word of a second person must`);
        continue;
      }
      expect([code, changed()], `${gate}\n${stdout}`).toEqual([0, true]);
      const events = eventsOf((await run(['show', 'last', '--ndjson'])).stdout);
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'question.answered',
          answer: 'yes',
          by: 'bob@desk',
          ground: `answers ${file}`,
          because: 'CHG-4211',
        }),
      );
    }
  });

  test('is taken by a resume, for a run that was held', async () => {
    const { words, changed } = local.words('irreversible');
    expect((await run(words)).code).toBe(3);
    const file = answers('{ task: gate, answer: yes }');
    expect((await run(['resume', 'last', '--answers', file])).code).toBe(0);
    expect(changed()).toBe(true);
  });

  test('that skips leaves undone what it skips', async () => {
    const { words, changed } = local.words('confirm');
    const file = answers('{ task: gate, answer: skip, because: done by hand }');
    const clash = await run([...words, '--answers', file, '--yes']);
    expect(clash.code).toBe(1);
    expect(clash.stderr).toContain('gate would not be skipped: --yes passes it before this file is asked');
    const { code, stdout } = await run([...words, '--answers', file]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('done by hand');
    expect(changed()).toBe(false);
  });

  test.each([
    [
      'has expired',
      () => answers('{ task: gate, answer: yes }', { inMs: -1000 }),
      /has expired: it counted until/,
    ],
    [
      'names a step there is not',
      () => answers('{ task: gaet, answer: yes }'),
      /:5:\d+ {2}answers\[0\]\.task: gate-\d+ has no step gaet\n +did you mean "gate"\?/,
    ],
    [
      'has a key there is not',
      () => answers('{ task: gate, answer: yes, who: me }'),
      /:5:\d+ {2}.*unknown key "who"/,
    ],
    [
      'is for a sealed plan',
      () => answers('{ task: gate, answer: yes }', { head: `plan: sha256:${'ab'.repeat(32)}\n` }),
      /is for the plan sha256:abab\S+, and this run carries out no sealed plan/,
    ],
    ['is not there', () => join(state, 'no-such.yaml'), /no-such\.yaml cannot be read: ENOENT/],
  ])('that %s is refused with exit code 1 before anything is done', async (_what, file, said) => {
    const { words, changed } = local.words('confirm');
    const { code, stdout, stderr } = await run([...words, '--answers', file(), '--yes']);
    expect([code, stdout], stderr).toEqual([1, '']);
    expect(stderr).toMatch(said);
    expect(changed()).toBe(false);
  });
});
