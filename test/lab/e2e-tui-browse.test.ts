/** Screens to look at: the list of runs, a run that is over, one that another terminal works on, a plan. And ways out of a run by its screen. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newestJournal } from '../person.ts';
import { KEYS } from '../pty.ts';
import { localRunbook } from './local-runbook.ts';
import { lockstepFor } from './lockstep.ts';
import { over, terminalsFor } from './terminals.ts';

const { run, state } = lockstepFor();
const { open } = terminalsFor(state);
const folder = join(state, 'local');
const path = join(folder, 'made');
const slow = join(folder, 'slow');

const made = localRunbook(
  folder,
  'make',
  `  - { id: make, title: Make a file, on: here, file: { path: "${path}", content: "new\\n" } }\n`,
);
const slowly = localRunbook(
  folder,
  'slow',
  `  - { id: wait, title: Wait for a file, on: here, repeat: once, on-doubt: ask, command: { script: 'while [ ! -e "$F" ]; do sleep 0.1; done; echo seen', env: { F: "${slow}" } } }\n`,
);

test('a plan is walked through, and leaves its totals in the scrollback', async () => {
  const [, ...words] = made;
  const pty = open(['plan', ...words]);
  await pty.until('Make a file');
  await pty.until(/would change/);
  await pty.type('q');
  expect(await pty.ended).toMatchObject({ code: 0 });
  expect(pty.scrollback().join('\n')).toMatch(/^plan: 1 would change$/m);
  expect(await pty.traces()).toEqual([]);
  expect(existsSync(path)).toBe(false);
});

test('what a run has done is undone from its own screen, back to the step that is chosen', async () => {
  const pty = open(made);
  await pty.until(over('1/1'));
  expect(readFileSync(path, 'utf8')).toBe('new\n');
  await pty.type('u');
  await pty.until('Undo back to');
  await pty.type('y');
  // The undo is a run of its own, on a screen of its own.
  await pty.until(over('lockstep {2}undo/.*1/1'));
  expect(existsSync(path)).toBe(false);
  await pty.type('q');
  expect(await pty.ended).toMatchObject({ code: 0 });
  expect(await pty.traces()).toEqual([]);
});

test('the list of runs opens one, and comes back', async () => {
  const pty = open(['runs']);
  await pty.until(/^ runs {2}2/m);
  await pty.type(`${KEYS.down}${KEYS.enter}`);
  await pty.until(/lockstep {2}make 1\.0\.0/);
  // Nothing here can be commanded.
  await pty.type('rgu');
  expect(pty.screen().join('\n')).not.toContain('Undo back to');
  await pty.type('q');
  await pty.until(/^ runs {2}2/m);
  await pty.type('q');
  expect(await pty.ended).toMatchObject({ code: 0 });
  expect(await pty.traces()).toEqual([]);
});

test('show opens a run that is over; without a terminal, or with --plain, it prints', async () => {
  const pty = open(['show', 'last']);
  await pty.until(/lockstep {2}undo\//);
  await pty.type('q');
  expect(await pty.ended).toMatchObject({ code: 0 });
  expect((await run(['show', 'last'])).stdout).toMatch(/^done: /m);
  const plain = open(['show', 'last', '--plain']);
  expect(await plain.ended).toMatchObject({ code: 0 });
  expect(plain.written()).not.toContain('\u001b[?1049h');
});

test('a second terminal sees the run live, and can do nothing to it', async () => {
  const first = open(slowly);
  await first.until(/▶ 01 Wait for a file/);
  const second = open(['attach']);
  await second.until(/▶ 01 Wait for a file/);
  await second.type('hn');
  expect(second.screen().join('\n')).not.toContain('holding');
  writeFileSync(slow, '');
  for (const pty of [first, second]) await pty.until(/^┌─ done/m);
  await second.type('q');
  expect(await second.ended).toMatchObject({ code: 0 });
  await first.type('q');
  expect(await first.ended).toMatchObject({ code: 0 });
  for (const pty of [first, second]) expect(await pty.traces()).toEqual([]);
});

test('a note and a shell on the host are in the journal, and the screen comes back', async () => {
  const pty = open(
    localRunbook(folder, 'asks', `  - { id: sure, on: here, confirm: { text: "Is all well?" } }\n`),
  );
  await pty.until('Is all well?');
  await pty.type('!');
  await pty.until(() => !pty.alternate());
  // What is typed while the shell waits for a job of its own is for the shell, and lockstep is in the background.
  pty.send('sleep 1\r');
  await pty.until(/^.*sleep 1/m);
  pty.send('echo in the $((40 + 2))nd shell; exit\r');
  await pty.until('Is all well?');
  expect(pty.alternate()).toBe(true);
  await pty.type(KEYS.escape);
  await pty.type('nseen by me\r');
  await pty.type('q');
  await pty.until('Leave?');
  await pty.type('y');
  expect(await pty.ended).toMatchObject({ code: 130 });
  const notes = newestJournal(state).flatMap((event) => (event.type === 'run.noted' ? [event.text] : []));
  expect(notes).toEqual(['a shell on here', 'seen by me']);
  expect(await pty.traces()).toEqual([]);
});
