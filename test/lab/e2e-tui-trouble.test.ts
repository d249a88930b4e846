/** What goes wrong at night, on the full screen: a failure, a doubt, a terminal that goes away. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rebootHost } from '../../src/lab/host-power.ts';
import { newestJournal, reply } from '../person.ts';
import { KEYS, type Pty } from '../pty.ts';
import { lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { over, terminalsFor } from './terminals.ts';

const { run, state } = lockstepFor();
const { open } = terminalsFor(state);
const lab = sharedLab('tui-trouble', { hosts: 1 });
const runbook = (name: string) => join(import.meta.dirname, 'runbooks', `${name}.yaml`);
const inside = (script: string) => lab.inside('ldap1', script);
const newest = async () =>
  (JSON.parse((await run(['runs', '--json'])).stdout) as { state: string }[])[0]?.state;

/** Out of a run that is done or held. */
async function leave(pty: Pty, code: number): Promise<void> {
  await pty.type('q');
  expect(await pty.ended, pty.scrollback().join('\n')).toEqual({ code, signal: undefined });
  expect(await pty.traces()).toEqual([]);
}

/** Keys count as an answer only once their panel can have been read. */
async function shows(pty: Pty, what: string | RegExp): Promise<string> {
  await pty.until(what, 60);
  await new Promise((resolve) => setTimeout(resolve, 600));
  return pty.screen().join('\n');
}

describe('a step that failed', () => {
  const failing = async (): Promise<Pty> => {
    await inside('rm -f /srv/bits /srv/mended');
    const pty = open(['run', runbook('one-of-two'), '-i', lab.inventory]);
    await reply(pty, state);
    const shown = await shows(pty, /r retry/);
    expect(shown).toMatch(/┌─.*02 It fails until somebody mends it · ldap1/);
    expect(shown).toMatch(/exited 1/);
    for (const offer of ['r retry', 's skip', 'm mark done', 'u undo', 'h hold', '! shell on ldap1'])
      expect(shown).toContain(offer);
    return pty;
  };

  test('is retried once it is mended, and the run goes on in the same screen', async () => {
    const pty = await failing();
    await pty.type('r');
    // Not mended yet: it fails again.
    await shows(pty, /gate @ ldap1 \(attempt 2\)[\s\S]*r retry/);
    await inside('touch /srv/mended');
    await pty.type('r');
    await shows(pty, over('3/3'));
    expect(await inside('cat /srv/bits')).toBe('first\nsecond\n');
    await leave(pty, 0);
  });

  test('is marked done with a reason that the journal keeps, and what comes after it is done', async () => {
    const pty = await failing();
    await pty.type('m');
    await pty.until('How do you know?');
    await pty.type(`mended by hand${KEYS.enter}`);
    await shows(pty, over('3/3'));
    expect(await inside('cat /srv/bits')).toBe('first\nsecond\n');
    expect(JSON.stringify(newestJournal(state))).toContain('mended by hand');
    await leave(pty, 0);
  });

  test('leaves the run held when the operator leaves, and a note of the night is in the journal', async () => {
    const pty = await failing();
    await pty.type('n');
    await pty.type(`called the storage people${KEYS.enter}`);
    await pty.until('noted');
    await pty.type('h');
    expect(await pty.ended).toEqual({ code: 2, signal: undefined });
    expect(await pty.traces()).toEqual([]);
    expect(pty.scrollback().join('\n')).toMatch(/go on with: lockstep resume \S+$/m);
    expect(await newest()).toBe('held: failed');
    expect(JSON.stringify(newestJournal(state))).toContain('called the storage people');

    await inside('touch /srv/mended');
    const back = open(['resume', 'last']);
    await shows(back, over('3/3'));
    expect(await inside('cat /srv/bits')).toBe('first\nsecond\n');
    await leave(back, 0);
  });
});

describe('a long command', () => {
  /** A command that counts to so many, a number a second, is under way. */
  async function counting(seconds: number): Promise<Pty> {
    const set = ['--set', `seconds=${seconds}`, '--set', 'code=0'];
    const pty = open(['run', runbook('slow'), '-i', lab.inventory, ...set]);
    await pty.until('line 2', 60);
    return pty;
  }
  /** The operator holds while it counts. */
  async function holding(seconds: number): Promise<Pty> {
    const pty = await counting(seconds);
    await pty.type('h');
    await pty.until(/holding/);
    return pty;
  }
  /** A new terminal goes on with the run, to its end. */
  async function resumed(): Promise<void> {
    const back = open(['resume', 'last']);
    await shows(back, over('2/2'));
    await leave(back, 0);
  }
  const counted = () => inside('cat /srv/counted; rm /srv/counted');

  test('that a reboot has cut off is in doubt, and the person at the screen says what became of it', async () => {
    const pty = await counting(60);
    await rebootHost(lab.record(), 'ldap1');
    const shown = await shows(pty, /a it happened/);
    expect(shown).toMatch(/┌─.*01 Count slowly · ldap1/);
    for (const offer of ['a it happened', 'x it did not', 'h hold (default)']) expect(shown).toContain(offer);
    // A doubt is no question that a y answers.
    await pty.type('y');
    expect(newestJournal(state).some((event) => event.type === 'question.answered')).toBe(false);
    await pty.type('a');
    await pty.until('How do you know?');
    await pty.type(`the file says so${KEYS.enter}`);
    await shows(pty, over('2/2'));
    expect(newestJournal(state)).toContainEqual(
      expect.objectContaining({ answer: 'applied', because: 'the file says so' }),
    );
    expect(await counted()).toMatch(/^1\n2\n(\d+\n)*after\n$/);
    await leave(pty, 0);
  });

  test('ends before a hold by h, and g goes on in the same screen', async () => {
    const pty = await holding(4);
    await shows(pty, /\bheld\b/);
    expect(await inside('cat /srv/counted')).toBe('1\n2\n3\n4\n');
    await pty.type('g');
    await shows(pty, over('2/2'));
    expect(await counted()).toBe('1\n2\n3\n4\nafter\n');
    await leave(pty, 0);
  });

  test('ends though its terminal has gone away; the run is held, and a new terminal goes on with it', async () => {
    const pty = await holding(5);
    pty.hangup();
    expect([3, 130]).toContain((await pty.ended).code);
    await expect.poll(newest, { timeout: 30_000 }).toBe('held: operator');
    await resumed();
    expect(await counted()).toBe('1\n2\n3\n4\n5\nafter\n');
  });

  test('is not begun twice when the terminal goes away while nobody has held it', async () => {
    const pty = await counting(5);
    pty.hangup();
    await pty.ended;
    await resumed();
    expect(await counted()).toBe('1\n2\n3\n4\n5\nafter\n');
  });
});
