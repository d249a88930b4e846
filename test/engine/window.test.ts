/** Whole runs with a change window, on a clock that only acts move. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/engine/event.ts';
import { Life } from './life.ts';
import { exitCodeOf, outcomes, RUN, World } from './world.ts';

const START = Date.parse(RUN.started);
const MINUTE = 60_000;
const iso = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();
/** Open now, and closes so many minutes after the start. */
const closes = (minutes: number): { policy: Partial<Policy> } => ({
  policy: { window: { opens: iso(-60), closes: iso(minutes) } },
});

const step = (id: string, keys = '', on = 'h1') =>
  `- { id: ${id}, on: ${on}, command: { argv: [do, ${id}] }, check: { command: { argv: [has, ${id}] } }, ${keys} }\n`;

/** Acts that take so many minutes; what they do is done. */
function slow(world: World, host: string, what: string, minutes: number): void {
  world.host(host).next(`do ${what}`, {
    effect: () => {
      world.now += minutes * MINUTE;
      world.host(host).facts.add(what);
    },
  });
}

describe('a window that closes in two minutes, and a step that takes five next', () => {
  test('the step is not started, with exit code 7; nothing is done or asked; a later window goes on', async () => {
    const world = new World(step('a', 'takes: 5m, confirm: Sure?'), { hosts: ['h1'] });
    const held = await world.finish({ ...closes(2), person: () => ({ answer: 'yes' }) });
    expect([exitCodeOf(held), held.held?.reason]).toEqual([7, 'window']);
    expect(held.held?.text).toBe(
      'a@h1 is not started: it may take 5m (as its takes says) and the way back 5m, and the change window closes in 2m, at 2026-11-22 01:55:12 Z; lockstep resume 20261122-015312-7f3a --window SPEC goes on in another',
    );
    expect(world.acts()['h1']).toEqual([]);
    expect(world.asked).toEqual([]);
    expect(world.events.some(({ type }) => type === 'task.intended')).toBe(false);
    const state = await world.finish({ ...closes(60), person: () => ({ answer: 'yes' }) });
    expect([state.done, world.acts()['h1'], world.asked.length]).toEqual([true, ['a'], 1]);
  });

  test('the step that --timeout would cut is not started either, and a resume does not inherit it', async () => {
    const world = new World(step('a', 'takes: 5m'), { hosts: ['h1'] });
    const held = await world.finish({ policy: { until: iso(2) } });
    expect([exitCodeOf(held), world.acts()['h1']]).toEqual([7, []]);
    expect(held.held?.text).toMatch(/the time of --timeout ends in 2m, at .*; lockstep resume \S+ goes on$/);
    expect((await world.finish()).done).toBe(true);
  });

  test('of a window and a timeout, the earlier one counts', async () => {
    const world = new World(step('a', 'takes: 5m'), { hosts: ['h1'] });
    const both = (window: number, until: number) =>
      world.finish({ policy: { ...closes(window).policy, until: iso(until) } });
    expect((await both(60, 2)).held?.text).toContain('the time of --timeout ends');
    expect((await both(2, 60)).held?.text).toContain('the change window closes');
    expect((await both(60, 60)).done).toBe(true);
  });

  test('what need not be done is no reason to hold', async () => {
    const world = new World(step('a', 'takes: 5m'), { hosts: ['h1'] });
    world.host('h1').facts.add('a');
    expect(outcomes(await world.finish(closes(2)))).toEqual({ 'a@h1': 'unchanged' });
  });

  test('--yes does not go over it', async () => {
    const world = new World(step('a', 'takes: 5m, confirm: Sure?'), { hosts: ['h1'] });
    expect(exitCodeOf(await world.finish({ ...closes(2), yes: true }))).toBe(7);
    expect(world.events.some(({ type }) => type === 'question.asked')).toBe(false);
  });
});

describe('the way back', () => {
  test.each([
    ['and a change fit', 10, 'takes: 5m', ['a']],
    ['does not fit, though the change would', 9, 'takes: 5m', []],
    ['is none for what may stay', 5, 'takes: 5m, undo: nothing', ['a']],
    ['is none, and the change does not fit', 4, 'takes: 5m, undo: nothing', []],
  ])('%s', async (_, minutes, keys, acts) => {
    const world = new World(step('a', keys), { hosts: ['h1'] });
    const state = await world.finish(closes(minutes));
    expect([world.acts()['h1'], state.done]).toEqual([acts, acts.length > 0]);
  });

  test('is that of all that was done so far, whatever run was resumed', async () => {
    const steps = step('a', 'takes: 5m') + step('b', 'takes: 3m');
    const exact = new World(steps, { hosts: ['h1'] });
    slow(exact, 'h1', 'a', 5);
    // 5 are gone; 3 for b, 3 + 5 to take both back.
    expect((await exact.finish(closes(16))).done).toBe(true);

    const world = new World(steps, { hosts: ['h1'] });
    slow(world, 'h1', 'a', 5);
    const held = await world.finish(closes(15.5));
    expect([exitCodeOf(held), world.acts()['h1']]).toEqual([7, ['a']]);
    expect(held.held?.text).toContain(
      'b@h1 is not started: it may take 3m (as its takes says) and the way back 8m',
    );
    expect(exitCodeOf(await world.finish(closes(15.5)))).toBe(7);
    expect((await world.finish(closes(16))).done).toBe(true);
  });

  test('counts what is under way: of hosts in parallel, as many begin as could be taken back', async () => {
    const world = new World(step('a', 'takes: 5m', 'all'));
    const state = await world.finish(closes(16));
    // One: 5 + 5. Two: 5 + 10. Three: 5 + 15, too much.
    expect(Object.values(world.acts()).flat()).toEqual(['a', 'a']);
    expect([exitCodeOf(state), Object.values(outcomes(state)).sort()]).toEqual([
      7,
      ['changed', 'changed', 'waiting'],
    ]);
  });

  test('does not count what was found done, nor gates', async () => {
    const steps = `${step('a', 'takes: 30m')}- { id: g, on: h1, takes: 30m, read.command: { argv: [say, ok] } }\n${step('b', 'takes: 5m')}`;
    const world = new World(steps, { hosts: ['h1'] });
    world.host('h1').facts.add('a');
    expect((await world.finish(closes(10.5))).done).toBe(true);
  });
});

describe('a point of no return', () => {
  const typed = (minutes: number) => ({ ...closes(minutes), yes: 'typed' as const });
  const steps =
    step('a', 'takes: 5m') + step('cut', 'takes: 2m, risk: irreversible') + step('b', 'takes: 6m');

  test('is crossed only when all that is left fits', async () => {
    const exact = new World(steps, { hosts: ['h1'] });
    slow(exact, 'h1', 'a', 3);
    expect((await exact.finish(typed(11))).done).toBe(true);

    const late = new World(steps, { hosts: ['h1'] });
    slow(late, 'h1', 'a', 3);
    const state = await late.finish(typed(10.5));
    expect([exitCodeOf(state), late.acts()['h1']]).toEqual([7, ['a']]);
    expect(state.held?.text).toContain(
      'cut@h1 is not started: it is a point of no return, and from there on the run may take 8m (as its takes says), and the change window closes in 7m30s',
    );
  });

  test('once crossed, a change alone must fit, and no way back', async () => {
    const world = new World(steps, { hosts: ['h1'] });
    slow(world, 'h1', 'cut', 4);
    // Only 6 minutes are left for b, and not its way back.
    expect((await world.finish(typed(10))).done).toBe(true);

    const late = new World(steps, { hosts: ['h1'] });
    slow(late, 'h1', 'cut', 5);
    const state = await late.finish(typed(10));
    expect([exitCodeOf(state), late.acts()['h1']]).toEqual([7, ['a', 'cut']]);
    expect(state.held?.text).toMatch(
      /^b@h1 is not started: it may take 6m \(as its takes says\), and the change/,
    );
  });

  test('counts the hosts of its own step that are left, by its order', async () => {
    const cut = step('cut', 'takes: 3m, risk: irreversible, order: serial', 'all');
    expect(exitCodeOf(await new World(cut).finish(typed(8)))).toBe(7);
    const world = new World(cut);
    expect((await world.finish(typed(9))).done).toBe(true);
    const partly = new World(cut);
    partly.host('h1').facts.add('cut');
    expect((await partly.finish(typed(6))).done).toBe(true);
    expect(exitCodeOf(await new World(cut.replace('serial', 'parallel')).finish(typed(3)))).toBe(0);
  });
});

describe('work by hand', () => {
  const manual = (keys: string) =>
    `- { id: cable, on: h1, takes: 5m, ${keys}, manual: { instructions: Plug it in. } }\n`;

  test('that changes something is not asked for when it would not be over in time', async () => {
    const world = new World(manual('risk: disrupt'), { hosts: ['h1'] });
    const held = await world.finish({ ...closes(9), person: () => ({ answer: 'yes' }) });
    expect([exitCodeOf(held), world.asked]).toEqual([7, []]);
    const state = await world.finish({
      ...closes(11),
      person: () => {
        world.now += 30 * MINUTE;
        return { answer: 'yes' };
      },
    });
    // It is done, however long it took.
    expect([state.done, world.asked.length]).toEqual([true, 1]);
  });

  test('that crosses a point of no return is one: from there the only way is forward', async () => {
    const steps = manual('risk: irreversible') + step('b', 'takes: 6m');
    const short = { ...closes(10), person: () => ({ answer: 'yes' as const }) };
    expect(exitCodeOf(await new World(steps, { hosts: ['h1'] }).finish(short))).toBe(7);
    const world = new World(steps, { hosts: ['h1'] });
    const person = () => {
      world.now += 5 * MINUTE;
      return { answer: 'yes' as const };
    };
    expect((await world.finish({ ...closes(11), person })).done).toBe(true);
  });

  test('that only looks is asked for', async () => {
    const world = new World(manual('risk: read'), { hosts: ['h1'] });
    expect((await world.finish({ ...closes(1), person: () => ({ answer: 'yes' }) })).done).toBe(true);
  });
});

describe('time that passes', () => {
  test('over an answer counts: what was allowed too late is not begun', async () => {
    const world = new World(step('a', 'takes: 5m, confirm: Sure?'), { hosts: ['h1'] });
    const held = await world.finish({
      ...closes(15),
      person: () => {
        world.now += 6 * MINUTE;
        return { answer: 'yes' };
      },
    });
    expect([exitCodeOf(held), world.acts()['h1'], world.asked.length]).toEqual([7, [], 1]);
    expect(held.held?.text).toContain('closes in 9m');
  });

  test('at a question until the window has closed: what is then allowed is not begun', async () => {
    const world = new World(step('a', 'takes: 1s, confirm: Sure?'), { hosts: ['h1'] });
    const held = await world.finish({
      ...closes(15),
      person: () => ({ answer: 'yes' }),
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'question.asked'))
          command({ type: 'hold', reason: 'window', text: 'the change window closed' });
      },
    });
    expect([exitCodeOf(held), world.acts()['h1'], world.asked.length]).toEqual([7, [], 1]);
  });

  test('in a gate counts: after it the next change is not begun, and a closed window says so', async () => {
    const gate = '- { id: g, on: h1, wait.command: { argv: [has, ready], within: 30m, every: 1m } }\n';
    const world = new World(gate + step('a', 'takes: 1m'), { hosts: ['h1'] });
    const host = world.host('h1');
    for (let look = 0; look < 20; look++) host.next('has ready', { code: 1 });
    host.next('has ready', { code: 0 });
    const held = await world.finish(closes(15));
    expect([exitCodeOf(held), outcomes(held), world.acts()['h1']]).toEqual([
      7,
      { 'g@h1': 'unchanged', 'a@h1': 'waiting' },
      [],
    ]);
    expect(held.held?.text).toContain('and the change window closed at 2026-11-22 02:08:12 Z');
  });

  test('backwards does not begin a change before the window opens', async () => {
    const world = new World(step('a', 'takes: 1m'), { hosts: ['h1'] });
    const held = await world.finish({ policy: { window: { opens: iso(1), closes: iso(60) } } });
    expect([exitCodeOf(held), world.acts()['h1']]).toEqual([7, []]);
    expect(held.held?.text).toContain('is not open yet: it opens at 2026-11-22 01:54:12 Z');
  });
});

describe('what has begun', () => {
  test('is verified and settled though the window has closed', async () => {
    const steps = `- { id: a, on: h1, command: { argv: [do, a] }, verify: { command: { argv: [has, a] } }, takes: 1m }\n${step('b')}`;
    const world = new World(steps, { hosts: ['h1'] });
    world.host('h1').next('do a', {
      drop: 'after-end',
      effect: () => {
        world.now += 30 * MINUTE;
        world.host('h1').facts.add('a');
      },
    });
    const held = await world.finish(closes(5));
    expect([exitCodeOf(held), outcomes(held)]).toEqual([7, { 'a@h1': 'changed', 'b@h1': 'waiting' }]);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test('ends after a hold at the closing, and nothing begins behind it', async () => {
    const world = new World(step('a', 'takes: 1m') + step('b', 'takes: 1m'), { hosts: ['h1'] });
    const held = await world.finish({
      ...closes(60),
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'task.intended'))
          command({ type: 'hold', reason: 'window', text: 'the change window closed' });
      },
    });
    expect([exitCodeOf(held), outcomes(held)]).toEqual([7, { 'a@h1': 'changed' }]);
  });
});

describe('what earlier runs took', () => {
  test('is learned from changes and gates, and goes before what the author says', async () => {
    const gate = '- { id: g, on: h1, wait.command: { argv: [has, ready], every: 1m, times: 3 } }\n';
    const world = new World(gate + step('a', 'takes: 5m') + step('b', 'takes: 5m'), { hosts: ['h1'] });
    world.host('h1').facts.add('ready').add('b');
    slow(world, 'h1', 'a', 1);
    expect((await world.finish(closes(60))).done).toBe(true);
    // b had nothing to do, and says nothing of the next time.
    expect(world.learned).toEqual({ g: { openldap: [2 * MINUTE] }, a: { openldap: [MINUTE] } });

    world.host('h1').facts.delete('a');
    world.events = [];
    // With the token of the first time, a start would be a doubt.
    world.fake.host('h1').tokens.clear();
    slow(world, 'h1', 'a', 1);
    // 1 for a, 1 back; with the author's 5 it would not fit.
    world.now = START - 2 * MINUTE;
    const again = await world.finish(closes(2.5));
    expect(again.done).toBe(true);
    expect(world.learned.a).toEqual({ openldap: [MINUTE, MINUTE] });
  });

  test('counts at its longest, on each platform by itself', async () => {
    const world = new World(step('a', 'takes: 1m', 'all'), { hosts: ['h1', 'h2'] });
    const { inventory } = world.plan;
    const platform = (name: string) => ({ ...inventory.hosts['h1'], name, platform: 'zimbra' });
    const hosts = { ...inventory.hosts, h2: platform('h2') as (typeof inventory.hosts)[string] };
    world.plan = { ...world.plan, inventory: { ...inventory, hosts } };
    world.learned = { a: { openldap: [1000, 2 * MINUTE, 2000], zimbra: [3 * MINUTE] } };
    const held = await world.finish(closes(5));
    // h1: 2 + 2. h2 would need 3, and 2 + 3 back.
    expect([exitCodeOf(held), world.acts()]).toEqual([7, { h1: ['a'], h2: [] }]);
    expect(held.held?.text).toContain(
      'a@h2 is not started: it may take 3m (as in earlier runs) and the way back 5m',
    );
  });

  test('is not learned of what failed, nor while a person thought it over', async () => {
    const world = new World(step('a', 'confirm: Sure?') + step('b'), { hosts: ['h1'] });
    slow(world, 'h1', 'a', 2);
    world.host('h1').next('do b', { code: 1, effect: () => (world.now += 9 * MINUTE) });
    const held = await world.finish({
      person: () => {
        world.now += 20 * MINUTE;
        return { answer: 'yes' };
      },
    });
    expect([exitCodeOf(held), world.learned]).toEqual([2, { a: { openldap: [2 * MINUTE] } }]);
  });

  test('is not learned of what was begun before the controller died: that time is not known', async () => {
    let resumed = 0;
    for (let awaits = 1; awaits < 60; awaits++) {
      const world = new World(step('a', 'verify: { command: { argv: [has, a] } }'), { hosts: ['h1'] });
      await world.run({ life: new Life(awaits) });
      const types = world.events.map(({ type }) => type);
      if (!types.includes('task.wrote') || types.includes('task.ended')) continue;
      resumed++;
      expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'changed' });
      expect(world.learned).toEqual({});
    }
    expect(resumed).toBeGreaterThan(0);
  });
});
