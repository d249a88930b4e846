/** The full screen in terminals of every kind and size, and the terminal as it was before after every way of leaving. No host is needed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newestJournal, reply } from '../person.ts';
import { KEYS, type Pty, type PtyOptions } from '../pty.ts';
import { localGates } from './local-gates.ts';
import { localRunbook } from './local-runbook.ts';
import { lockstepFor } from './lockstep.ts';
import { over, terminalsFor } from './terminals.ts';

const { run, state } = lockstepFor();
const { open } = terminalsFor(state);
const folder = join(state, 'local');
const gates = localGates(folder);
const counted = join(folder, 'counted');

/** A question on the screen. */
async function atQuestion(options: PtyOptions = {}, gate: 'confirm' | 'typed' = 'confirm') {
  const { words, changed } = gates.words(gate);
  const pty = open(words, options);
  await pty.until('Sure?');
  await pty.until('N no (default)');
  return { pty, changed };
}

/** A command that counts to six, a number a second, is under way. */
async function underWay(): Promise<Pty> {
  const pty = open(
    localRunbook(
      folder,
      'count',
      `  - id: count
    title: Count slowly
    on: here
    repeat: once
    on-doubt: ask
    command: { script: 'rm -f "$F"; for i in 1 2 3 4 5 6; do echo "line $i"; echo "$i" >>"$F"; sleep 1; done', env: { F: "${counted}" } }
  - id: after
    title: What comes after it
    on: here
    repeat: once
    on-doubt: ask
    command: { script: 'echo after >>"$F"', env: { F: "${counted}" } }
`,
    ),
  );
  await pty.until('line 2');
  return pty;
}

/** A new terminal resumes the run, says yes to what it asks, and leaves it done. */
async function resumed(): Promise<void> {
  const back = open(['resume', 'last']);
  await back.until('Sure?');
  await reply(back, state);
  await back.until(over());
  await back.type('q');
  expect((await back.ended).code).toBe(0);
}

const newest = async () =>
  (JSON.parse((await run(['runs', '--json'])).stdout) as { state: string; steps: string }[])[0];

describe('a resize in the middle of a question', () => {
  test('keeps the question and what it offers, and it is answered afterwards', async () => {
    const { pty, changed } = await atQuestion();
    for (const [columns, rows] of [
      [80, 24],
      [60, 15],
      [40, 12],
      [120, 35],
    ] as const) {
      pty.resize(columns, rows);
      const box = await pty.until((screen) =>
        screen.some((row) => /^┌─.*─┐$/.test(row) && row.length === columns),
      );
      const text = box.join('\n');
      for (const needed of ['gate-', '1/1', '01 The gate', 'Sure?', 'y yes', 'N no (default)'])
        expect(text, `${columns}x${rows}`).toContain(needed);
      expect(box.length, 'one row stays free').toBe(rows);
      expect(box.at(-1)).toBe('');
      // One border on each side, and nothing of the size before.
      expect(box.filter((row) => row.startsWith('└')).length, text).toBe(1);
    }
    await reply(pty, state);
    await pty.until(/The gate +✚|✔ 01 The gate/);
    expect(changed()).toBe(true);
    await pty.type('q');
    expect((await pty.ended).code).toBe(0);
    expect(await pty.traces()).toEqual([]);
  });
});

describe('the terminal is as before, and a summary says how it goes on,', () => {
  async function left(pty: Pty, code: number): Promise<string> {
    expect(await pty.ended, pty.scrollback().join('\n')).toEqual({ code, signal: undefined });
    expect(await pty.traces()).toEqual([]);
    const text = pty.scrollback().join('\n');
    expect(text).toMatch(/go on with: lockstep resume \S+$/m);
    expect(text).toMatch(/^journal: /m);
    return text;
  }

  test('after q, which asks first', async () => {
    const { pty, changed } = await atQuestion();
    await pty.type('q');
    await pty.until(/Leave\?.*held here/);
    await pty.type('n');
    await pty.until((screen) => !screen.join('\n').includes('Leave?'));
    await pty.type('q');
    await pty.until('Leave?');
    await pty.type('y');
    await left(pty, 130);
    expect(changed()).toBe(false);
    expect((await newest())?.state).toMatch(/^held/);
  });

  test('after a no', async () => {
    const { pty, changed } = await atQuestion();
    await reply(pty, state, 'no');
    await pty.until(/\bheld\b/);
    await pty.type('q');
    await left(pty, 3);
    expect(changed()).toBe(false);
  });

  test('after SIGTERM', async () => {
    const { pty, changed } = await atQuestion();
    pty.kill('SIGTERM');
    expect(await left(pty, 130)).toMatch(/held by SIGTERM/);
    expect(changed()).toBe(false);
  });

  test('after a crash of the screen: the run is held, and the crash is told', async () => {
    const { words, changed } = gates.words('confirm');
    const pty = open(words, { env: { LOCKSTEP_CRASH_SCREEN: '1' } });
    expect(await left(pty, 130)).toMatch(/the screen has failed: .*LOCKSTEP_CRASH_SCREEN/);
    expect(changed()).toBe(false);
    await resumed();
    expect(changed()).toBe(true);
  });

  test('after Ctrl-C, which waits for what is under way', async () => {
    const pty = await underWay();
    await pty.type(KEYS.ctrlC);
    await pty.until(/holding/);
    await pty.until(/\bheld\b/);
    expect(readFileSync(counted, 'utf8')).toBe('1\n2\n3\n4\n5\n6\n');
    await pty.type('q');
    await left(pty, 130);
    expect((await newest())?.steps).toBe('1/2');
  });

  test('after Ctrl-C twice, which says what goes on where it runs, and resume takes it up again', async () => {
    const pty = await underWay();
    await pty.type(KEYS.ctrlC);
    await pty.until(/holding/);
    await pty.type(KEYS.ctrlC);
    expect((await pty.ended).code).toBe(130);
    expect(await pty.traces()).toEqual([]);
    expect(pty.scrollback().join('\n')).toMatch(
      /going on where they run.*\s+count@here: Count slowly, on here/,
    );
    expect(readFileSync(counted, 'utf8')).not.toContain('6');

    const back = open(['resume', 'last']);
    await back.until(over());
    await back.type('q');
    expect((await back.ended).code).toBe(0);
    expect(readFileSync(counted, 'utf8')).toBe('1\n2\n3\n4\n5\n6\nafter\n');
  });
});

describe('a terminal', () => {
  const COLOUR = /\u001b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m/;

  test('with colours gets them, and without (NO_COLOR) nothing but words', async () => {
    const coloured = await atQuestion();
    expect(coloured.pty.written()).toMatch(COLOUR);
    coloured.pty.kill('SIGTERM');
    const plain = await atQuestion({ env: { NO_COLOR: '1' } });
    await reply(plain.pty, state);
    await plain.pty.until(over());
    expect(plain.pty.alternate()).toBe(true);
    expect(plain.pty.written()).not.toMatch(COLOUR);
    expect(plain.changed()).toBe(true);
    await plain.pty.type('q');
    await Promise.all([plain.pty.ended, coloured.pty.ended]);
  });

  test('without UTF-8 (LANG=C) gets ASCII alone', async () => {
    const { pty, changed } = await atQuestion({ env: { LANG: 'C' } }, 'typed');
    await reply(pty, state);
    await pty.until(over());
    await pty.type('q');
    expect((await pty.ended).code).toBe(0);
    expect(pty.written()).not.toMatch(/[^\u0000-\u007f]/);
    expect(changed()).toBe(true);
  });

  test('that can do nothing (TERM=dumb) gets plain lines, and nothing is moved about', async () => {
    const { words, changed } = gates.words('confirm');
    const pty = open(words, { env: { TERM: 'dumb' } });
    await reply(pty, state);
    expect((await pty.ended).code).toBe(0);
    expect(pty.written()).not.toMatch(/\u001b\[\?1049h|\u001b\[H|\u001b\[2J/);
    expect(pty.written()).not.toMatch(COLOUR);
    expect(changed()).toBe(true);
    expect(await pty.traces()).toEqual([]);
  });

  test('that is none gets plain lines, and a question holds', async () => {
    const { words, changed } = gates.words('confirm');
    const { code, stdout } = await run(words);
    expect(code).toBe(3);
    expect(stdout).not.toContain('\u001b');
    expect(changed()).toBe(false);
  });

  test('that is read aloud (INK_SCREEN_READER) says step, question and outcome in words', async () => {
    const { words, changed } = gates.words('typed');
    const pty = open(words, { env: { INK_SCREEN_READER: 'true' } });
    const asked = (await pty.until('N no (default)')).join('\n');
    expect(asked).toMatch(/^Step 1 of 1: The gate, on here\.$/m);
    expect(asked).toMatch(/^Question about gate@here: Sure\?$/m);
    expect(asked).toMatch(/y yes: type here, N no \(default\), s skip with a reason/);
    await reply(pty, state);
    const told = (await pty.until('The run is done')).join('\n');
    expect(told).toMatch(/^here: changed\.$/m);
    expect(told).not.toMatch(/[┌│▐✔✚]/);
    expect(changed()).toBe(true);
    await pty.type('q');
    expect((await pty.ended).code).toBe(0);
    expect(pty.written()).not.toContain('\u001b[?1049h');
    expect(await pty.traces()).toEqual([]);
  });
});

test('a terminal that goes away at a question leaves the run held, and a new one shows the same question', async () => {
  const { pty, changed } = await atQuestion();
  pty.hangup();
  expect((await pty.ended).code).toBe(130);
  expect((await newest())?.state).toMatch(/^held/);
  expect(changed()).toBe(false);
  expect(newestJournal(state).some((event) => event.type === 'question.answered')).toBe(false);
  await resumed();
  expect(changed()).toBe(true);
});
