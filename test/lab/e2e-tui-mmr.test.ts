/** The whole of `openldap/enable-mmr` on the full screen, its questions answered by keys. */
import { expect, test } from 'vitest';
import { newestJournal, reply, replyUntil } from '../person.ts';
import { lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { over, terminalsFor } from './terminals.ts';
import { agreedContents, delay } from './two-masters.ts';

const { state } = lockstepFor();
const { open } = terminalsFor(state);
const lab = sharedLab('tui-mmr');
const words = ['run', 'openldap/enable-mmr', '-i', lab.inventory, '--reason', 'CHG-4211'];
const answers = () => newestJournal(state).filter((event) => event.type === 'question.answered');

test('one server and a fresh one become two masters, and the terminal is as before', async () => {
  const pty = open(words);
  await replyUntil(pty, state, /\byes: type ldap2\b/);
  const asking = await pty.until(/point of no return ─┐/);
  expect(asking[0]).toMatch(/^ lockstep {2}openldap\/enable-mmr \S+ +run \S+ · CHG-4211 · .* 26\/39$/);
  expect(asking.join('\n')).toMatch(/The data of ldap2 \(1 entries\) is moved aside/);
  expect([pty.alternate(), pty.cursorVisible(), await pty.echo()]).toEqual([true, false, false]);

  // Anything but its name is no yes, and leads nowhere.
  await pty.type('yldap1\r');
  await pty.until('that was not ldap2');
  expect(answers()).toEqual([]);
  await reply(pty, state);
  await replyUntil(pty, state, over('39/39'));
  expect(answers().map((event) => [event.answer, event.ground])).toEqual(Array(3).fill(['yes', 'terminal']));

  await pty.type('q');
  expect(await pty.ended).toEqual({ code: 0, signal: undefined });
  expect(pty.scrollback().join('\n')).toMatch(/^done: 21 changed, 34 unchanged, 2 skipped\njournal: /m);
  expect(await pty.traces()).toEqual([]);
  expect((await agreedContents(lab)).entries).toBe(1024);
  expect(await delay(lab, 'ldap2', 'ldap1', 'seen-from-ldap2')).toBeLessThan(2000);
});

test('a second run asks nothing, and shows that nothing was to be done', async () => {
  const pty = open(words);
  const shown = await pty.until(over('39/39'), 90);
  expect(shown.join('\n')).not.toContain('✚');
  expect(answers()).toEqual([]);
  await pty.type('q');
  expect((await pty.ended).code).toBe(0);
  expect(await pty.traces()).toEqual([]);
});
