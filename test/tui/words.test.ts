import { expect, test } from 'vitest';
import { words } from '../../src/tui/words.ts';
import * as stories from './stories.ts';

test('nothing is said where nothing has happened', () => {
  const { screen } = stories.asking();
  expect(words(screen, screen)).toEqual([]);
  expect(words(screen, { ...screen, now: screen.now + 60_000 })).toEqual([]);
});

test('a run, its step, a question and its keys are said as sentences', () => {
  const scene = stories.night().pass('clocks').pass('back-up', 'changed').pass('agreement');
  const before = scene.screen;
  expect(words(undefined, before)[0]).toBe('openldap/add-master 1.2.0, run 20261127-015828-7f3a, 6 steps.');
  expect(words(before, stories.asking().screen)).toEqual([
    'Step 4 of 6: Restart, one at a time, on ldap[1-3].',
    'ldap1: changed.',
    'Question about restart@ldap2: Reads on ldap2 stop for about 8 s. ldap1 and ldap3 are healthy and hold every change.',
    'systemctl restart slapd.',
    'added: systemctl restart slapd.',
    'Keys: y yes, N no (default), s skip with a reason, d diff, ! shell on ldap2.',
  ]);
});

test('hosts that end alike are one sentence; a failure says why, what next, and what may be done', () => {
  const before = stories.writing().screen;
  expect(words(before, stories.failed().screen)).toEqual([
    'ldap2: failed: exit 1 after 3.2 s. Next: slaptest -F /etc/ldap/slapd.d says what it does not like; mend it on ldap2, then retry.',
    'The run is held: restart@ldap2 failed: exit 1 after 3.2 s.',
    'Failed: restart@ldap2.',
    'Keys: r retry, s skip, m mark done, u undo back to here, h hold, d diff, ! shell on ldap2, c copy.',
  ]);
  const fleet = stories.fleet();
  const running = fleet.screen;
  for (let host = 41; host <= 52; host++)
    fleet.tell(fleet.ended(`part-18@mail${host}.example.com`, 'changed'));
  expect(words(running, fleet.screen)).toEqual(['mail[41-52].example.com: changed.']);
});

test('a doubt, what is typed, a move and the end are said', () => {
  const doubt = stories.doubtful();
  expect(words(stories.writing().screen, doubt.screen)).toEqual([
    expect.stringMatching(/^ldap2: in doubt: the link was lost/),
    expect.stringMatching(/^In doubt, restart@ldap2: .*Did it happen\?$/),
    'Keys: a it happened, x it did not: run it again, h hold (default), d diff, ! shell on ldap2.',
  ]);
  const asked = doubt.screen;
  expect(words(asked, doubt.press('a').screen)).toEqual([
    'It happened. How do you know?',
    'Type, then enter; escape goes back.',
  ]);
  const typing = doubt.screen;
  expect(words(typing, doubt.press('y', 'e', 's').screen)).toEqual([]);
  const scene = stories.atAgreement();
  const before = scene.screen;
  expect(words(before, scene.press('up').screen)).toEqual([
    'Step 2, Back up config and data, ldap2: changed.',
  ]);
  expect(words(stories.writing().screen, stories.done().screen)).toContain('The run is done.');
});
