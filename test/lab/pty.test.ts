/** The real program in a pseudo-terminal, where no host is needed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KEYS } from '../pty.ts';
import { localGates } from './local-gates.ts';
import { lockstepFor } from './lockstep.ts';
import { terminalsFor } from './terminals.ts';

const { run, state } = lockstepFor();
const { open } = terminalsFor(state);
const gates = localGates(join(state, 'gates'));

/** A runbook whose only step needs a password that is asked for. */
function asksPassword(): readonly string[] {
  const { words } = gates.words('confirm');
  const runbook = join(state, 'gates', 'password.yaml');
  writeFileSync(
    runbook,
    `format: lockstep/1
name: password
version: 1.0.0
title: A password
secrets: { word: { from: ["ask:The word"] } }
steps:
  - id: use
    title: Use it
    on: here
    read.command: { script: 'test "$WORD" = opensesame', env: { WORD: "\${{ secrets.word }}" } }
`,
  );
  return ['run', runbook, ...words.slice(2), '--plain'];
}

test('--help is told on the normal screen, and the terminal is as before', async () => {
  const pty = open(['--help']);
  expect((await pty.ended).code).toBe(0);
  expect(pty.scrollback()[0]).toBe('Usage: lockstep [options] [command]');
  expect([pty.alternate(), pty.cursorVisible(), await pty.echo()]).toEqual([false, true, true]);
  expect(await pty.traces()).toEqual([]);
});

test('a question of a plain run is answered by keys, and by nothing else', async () => {
  const { words, changed } = gates.words('confirm');
  const held = open([...words, '--plain']);
  await held.until('N no, hold (default):');
  expect(changed()).toBe(false);
  await held.type(KEYS.enter);
  expect((await held.ended).code).toBe(3);
  expect(changed()).toBe(false);

  const pty = open(['resume', 'last', '--plain']);
  await pty.until('N no, hold (default):');
  await pty.type(`y${KEYS.enter}`);
  expect((await pty.ended).code).toBe(0);
  expect(changed()).toBe(true);
  expect(await pty.traces()).toEqual([]);
  expect((await run(['runs', '--json'])).stdout).toContain('"done"');
});

test('a terminal that goes away at a question leaves the run held, with nothing changed', async () => {
  const { words, changed } = gates.words('confirm');
  const pty = open([...words, '--plain']);
  await pty.until('N no, hold (default):');
  pty.hangup();
  expect((await pty.ended).code).toBe(3);
  const [newest] = JSON.parse((await run(['runs', '--json'])).stdout) as { state: string }[];
  expect(newest?.state).toMatch(/^held: (question|operator)$/);
  expect(changed()).toBe(false);
});

test('a password is not shown while it is typed, and the echo comes back', async () => {
  const pty = open(asksPassword());
  await pty.until('The word');
  expect(await pty.echo()).toBe(false);
  await pty.type(`opensesame${KEYS.enter}`);
  expect((await pty.ended).code, pty.scrollback().join('\n')).toBe(0);
  expect(pty.written()).not.toContain('opensesame');
  expect(await pty.traces()).toEqual([]);
});

test('a terminal that goes away while a password is typed ends the run in order', async () => {
  const pty = open(asksPassword());
  await pty.until('The word');
  pty.hangup();
  expect([2, 3, 130]).toContain((await pty.ended).code);
});
