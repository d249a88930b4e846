/** Whole runs under an invariant: what breaks it is held, when it is looked at, and what nobody can tell. */
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/transport/fake-host.ts';
import { actions as simActions } from './sim-actions.ts';
import { exitCodeOf, outcomes, World } from './world.ts';

const UP = 'probe: { command: { argv: [has, up] } }';
const head = (keys: string) => `invariants: [{ id: up, title: It is up, ${keys} }]\n`;
const act = (id: string, on = 'h1', more = '') =>
  `- { id: ${id}, on: ${on}, repeat: safe, command: { argv: [do, ${id}] }, on-doubt: ask${more} }\n`;

function worldOf(steps: string, keys: string): World {
  const world = new World(steps, { head: head(keys) });
  for (const name of ['h1', 'h2', 'h3']) world.host(name).facts.add('up');
  return world;
}

const types = (world: World) => world.events.map(({ type }) => type);
const breaches = (world: World) =>
  world.events.filter((event) => event.type === 'invariant.broke' || event.type === 'invariant.unseen');
const begun = (world: World) =>
  world.events.flatMap((event) => (event.type === 'task.intended' ? [event.task] : []));
const looksAt = (world: World, host: string): number =>
  world.fake.host(host).calls.filter(({ command }) => command.argv?.[0] === 'has').length;
/** The reply of an act that goes on until it is let go. */
function lasting(during: () => void = () => undefined): {
  reply: Reply;
  end: () => void;
  began: Promise<void>;
} {
  let end: () => void = () => undefined;
  let start: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const began = new Promise<void>((resolve) => {
    start = resolve;
  });
  const effect = (): void => {
    during();
    start();
  };
  return { reply: { until, effect }, end, began };
}

describe('a run whose invariant holds', () => {
  test('goes to its end, says nothing of it, and leaves no watch behind', async () => {
    const world = worldOf(act('a') + act('b', 'all'), `on: all, ${UP}`);
    expect((await world.finish()).done).toBe(true);
    expect(breaches(world)).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  test('looks again when a change has ended, before the next begins, and before the end', async () => {
    const world = worldOf(act('a', 'all', ', order: serial'), `on: h1, ${UP}`);
    await world.finish();
    // Before the run, and after each of three changes.
    expect(looksAt(world, 'h1')).toBe(4);
  });

  test('does not look for those who only look', async () => {
    const world = worldOf(
      '- { id: a, on: all, order: serial, read.command: { argv: [say, x] } }\n',
      `on: h1, ${UP}`,
    );
    await world.finish();
    expect(looksAt(world, 'h1')).toBe(1);
  });
});

test('a run without invariants has no watch: nothing waits for the clock while it is under way', async () => {
  const world = new World(act('a'));
  const { reply, end, began } = lasting();
  world.host('h1').next('do a', reply);
  const running = world.finish();
  await began;
  expect(world.clock.pending).toBe(0);
  end();
  expect((await running).done).toBe(true);
});

describe('an invariant that is broken from the start', () => {
  test('holds the run with code 8 before anything is begun, grace or not, and gives its hosts back', async () => {
    const world = worldOf(act('a'), `on: all, ${UP}, grace: 1h`);
    world.host('h2').facts.delete('up');
    const state = await world.finish({ yes: true });
    expect([exitCodeOf(state), state.held?.reason]).toEqual([8, 'invariant']);
    expect(state.held?.text).toMatch(
      /^invariant up \(It is up\) does not hold: h2: has up exited 1, wanted 0/,
    );
    expect(types(world)).not.toContain('step.began');
    expect(breaches(world)).toMatchObject([
      { type: 'invariant.broke', invariant: 'up', hosts: ['h2'], during: [] },
    ]);
    expect(world.fake.host('h1').lease.answer({ act: 'look' }).kind).toBe('free');
    expect(world.clock.pending).toBe(0);
  });

  test('is looked at again by a resume, which goes on when it holds', async () => {
    const world = worldOf(act('a'), `on: all, ${UP}`);
    world.host('h2').facts.delete('up');
    await world.finish();
    expect(exitCodeOf(await world.finish())).toBe(8);
    expect(world.acts()['h1']).toEqual([]);
    world.host('h2').facts.add('up');
    const state = await world.finish();
    expect([state.done, state.breaches, world.acts()['h1']]).toEqual([true, undefined, ['a']]);
  });

  test('that nobody can look at holds it too', async () => {
    const world = worldOf(act('a'), `on: h2, ${UP}`);
    world.away.add('h2');
    const state = await world.finish();
    expect([exitCodeOf(state), state.held?.text]).toEqual([
      8,
      'it cannot be told whether invariant up (It is up) holds: h2: it is away',
    ]);
    expect(breaches(world)).toMatchObject([{ type: 'invariant.unseen', hosts: ['h2'], during: [] }]);
    expect(types(world)).not.toContain('step.began');
  });
});

describe('an invariant that breaks while a task is under way', () => {
  test('is told at once with that task, lets it end, and nothing new begins', async () => {
    const world = worldOf(act('a', 'all', ', order: serial') + act('b'), `on: all, ${UP}`);
    const { reply, end, began } = lasting();
    world.host('h1').next('do a', reply);
    const running = world.finish();
    await began;
    world.host('h3').facts.delete('up');
    await world.clock.pass(9_999);
    expect(breaches(world)).toEqual([]);
    await world.clock.pass(1);
    expect(breaches(world)).toMatchObject([
      { type: 'invariant.broke', invariant: 'up', hosts: ['h3'], during: ['a@h1'] },
    ]);
    expect(world.events.at(-1)).toMatchObject({
      type: 'run.stopping',
      reason: 'invariant',
      text: expect.stringMatching(/^invariant up \(It is up\) does not hold: h3: .*; under way: a@h1$/),
    });
    await world.clock.pass(60_000);
    end();
    const state = await running;
    expect([exitCodeOf(state), state.breaches?.length]).toEqual([8, 1]);
    expect(outcomes(state)).toEqual({ 'a@h1': 'changed', 'a@h2': 'waiting', 'a@h3': 'waiting' });
    expect(begun(world)).toEqual(['a@h1']);
  });

  test('and is whole again at the resume, goes on behind that task', async () => {
    const world = worldOf(act('a', 'all', ', order: serial') + act('b'), `on: all, ${UP}, every: 2s`);
    const { reply, end, began } = lasting();
    world.host('h1').next('do a', reply);
    const running = world.finish();
    await began;
    world.host('h3').facts.delete('up');
    await world.clock.pass(2_000);
    end();
    expect(exitCodeOf(await running)).toBe(8);
    world.host('h3').facts.add('up');
    const state = await world.finish();
    expect(state.done).toBe(true);
    expect(world.acts()).toEqual({ h1: ['a', 'b'], h2: ['a'], h3: ['a'] });
  });

  test('counts for more than a task that fails after it, and the doubt of one for more than it', async () => {
    const broken = async (reply: Reply) => {
      const world = worldOf(act('a').replace('safe', 'once'), `on: h3, ${UP}`);
      const long = lasting();
      world.host('h1').next('do a', { ...long.reply, ...reply });
      const running = world.finish();
      await long.began;
      world.host('h3').facts.delete('up');
      await world.clock.pass(10_000);
      long.end();
      return exitCodeOf(await running);
    };
    expect([await broken({ code: 1 }), await broken({ drop: 'vanished' })]).toEqual([8, 4]);
  });
});

describe('an invariant that breaks between two tasks', () => {
  test.each(['parallel', 'serial'])('keeps the next change from beginning (%s)', async (order) => {
    const world = worldOf(act('a') + act('b', 'all', `, order: ${order}`), `on: h2, ${UP}`);
    world.host('h1').next('do a', { effect: () => void world.host('h2').facts.delete('up') });
    const state = await world.finish();
    expect([exitCodeOf(state), begun(world)]).toEqual([8, ['a@h1']]);
    expect(breaches(world)).toMatchObject([{ hosts: ['h2'], during: [] }]);
  });

  test('is found though the change was looked at before, and took its time to answer', async () => {
    const check = ', check: { command: { argv: [has, b] } }';
    const world = worldOf(act('b', 'h1', check), `on: h2, ${UP}`);
    world.host('h1').next('has b', {
      code: 1,
      effect: () => {
        world.host('h2').facts.delete('up');
        void world.clock.sleep(1_001);
      },
    });
    expect([exitCodeOf(await world.finish()), begun(world)]).toEqual([8, []]);
  });

  test('is found when a person has taken a while to say yes', async () => {
    const world = worldOf(act('a', 'h1', ', confirm: Sure?'), `on: h2, ${UP}`);
    const state = await world.finish({
      person: () => {
        world.host('h2').facts.delete('up');
        void world.clock.sleep(5_000);
        return { answer: 'yes' };
      },
    });
    expect([exitCodeOf(state), begun(world)]).toEqual([8, []]);
  });
});

describe('an invariant that the last task breaks', () => {
  const world = () => {
    const made = worldOf(act('a') + act('b'), `on: h2, ${UP}`);
    made.host('h1').next('do b', { effect: () => void made.host('h2').facts.delete('up') });
    return made;
  };

  test('holds the run, though nothing is left to do, and names that task', async () => {
    const broken = world();
    const state = await broken.finish();
    expect([exitCodeOf(state), state.done, outcomes(state)]).toEqual([
      8,
      false,
      { 'a@h1': 'changed', 'b@h1': 'changed' },
    ]);
    expect(breaches(broken)).toMatchObject([{ during: ['b@h1'] }]);
  });

  test('is looked at by the resume, which ends the run when it holds, and does nothing again', async () => {
    const broken = world();
    await broken.finish();
    expect(exitCodeOf(await broken.finish())).toBe(8);
    broken.host('h2').facts.add('up');
    const state = await broken.finish();
    expect([exitCodeOf(state), state.done, broken.acts()['h1']]).toEqual([0, true, ['a', 'b']]);
  });

  test('is waited for as long as its grace is', async () => {
    const made = worldOf(act('a'), `on: h2, ${UP}, grace: 20s`);
    made.host('h1').next('do a', { effect: () => void made.host('h2').facts.delete('up') });
    const running = made.finish();
    await made.clock.pass(5_000);
    expect(types(made)).not.toContain('task.ended');
    made.host('h2').facts.add('up');
    await made.clock.pass(2_000);
    expect((await running).done).toBe(true);
  });

  test('is found where the steps that come last have no hosts', async () => {
    const made = worldOf(act('a') + act('b', '"h1:!h1"', ', may-be-empty: true'), `on: h2, ${UP}`);
    made.host('h1').next('do a', { effect: () => void made.host('h2').facts.delete('up') });
    expect(exitCodeOf(await made.finish())).toBe(8);
  });
});

describe('a grace', () => {
  const RESTART = act('down') + act('up', 'h1');

  test('lets a run go on that takes down and brings up what it watches', async () => {
    const world = worldOf(RESTART, `on: all, ${UP}, grace: 30s`);
    world.host('h1').next('do down', { effect: () => void world.host('h1').facts.delete('up') });
    expect((await world.finish()).done).toBe(true);
    expect(breaches(world)).toEqual([]);
  });

  test('that has passed is the end, told to the second it did', async () => {
    const world = worldOf(RESTART, `on: all, ${UP}, grace: 15s`);
    const { reply, end, began } = lasting(() => void world.host('h1').facts.delete('up'));
    world.host('h1').next('do down', reply);
    const running = world.finish();
    await began;
    // Found at 10 s, when the next look is due.
    await world.clock.pass(24_999);
    expect(breaches(world)).toEqual([]);
    await world.clock.pass(1);
    expect(breaches(world)).toMatchObject([
      { text: expect.stringContaining('has not held for 15s: h1'), during: ['down@h1'] },
    ]);
    end();
    expect([exitCodeOf(await running), begun(world)]).toEqual([8, ['down@h1']]);
  });

  test('begins with the look that finds it, however long the next one would be off', async () => {
    const world = worldOf(act('down') + act('long'), `on: all, ${UP}, grace: 15s, every: 5m`);
    world.host('h1').next('do down', { effect: () => void world.host('h1').facts.delete('up') });
    const { reply, end, began } = lasting();
    world.host('h1').next('do long', reply);
    const running = world.finish();
    await began;
    await world.clock.pass(15_000);
    expect(breaches(world)).toMatchObject([{ during: ['long@h1'] }]);
    end();
    expect(exitCodeOf(await running)).toBe(8);
  });
});

describe('of need any', () => {
  test('one host that says yes is enough, though others say no or are away', async () => {
    const world = worldOf(act('a'), `on: all, need: any, ${UP}`);
    world.host('h1').facts.delete('up');
    world.away.add('h2');
    expect((await world.finish()).done).toBe(true);
  });

  test('the last one that goes is the breach, and all are named', async () => {
    const world = worldOf(act('a') + act('b'), `on: [h2, h3], need: any, ${UP}`);
    world.host('h2').facts.delete('up');
    world.host('h1').next('do a', { effect: () => void world.host('h3').facts.delete('up') });
    expect(exitCodeOf(await world.finish())).toBe(8);
    expect(breaches(world)).toMatchObject([{ type: 'invariant.broke', hosts: ['h2', 'h3'] }]);
  });
});

test('several are watched, and each that breaks is told', async () => {
  const both = `invariants:\n- { id: up, on: h2, ${UP} }\n- { id: other, on: h3, ${UP}, every: 4s }\n`;
  const world = new World(act('a'), { head: both });
  for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
  const { reply, end, began } = lasting();
  world.host('h1').next('do a', reply);
  const running = world.finish();
  await began;
  for (const name of ['h2', 'h3']) world.host(name).facts.delete('up');
  await world.clock.pass(10_000);
  end();
  const state = await running;
  expect(breaches(world).map((event) => 'invariant' in event && event.invariant)).toEqual(['other', 'up']);
  expect([exitCodeOf(state), state.held?.text.slice(0, 15)]).toEqual([8, 'invariant other']);
});

test('what reads back may be watched: a difference is a no', async () => {
  const world = new World(act('a'), {
    head: 'invariants: [{ id: x, on: h2, probe: { file: { path: /x, content: x } } }]\n',
    actions: simActions,
  });
  const held = await world.finish();
  expect([exitCodeOf(held), held.held?.text]).toEqual([8, 'invariant x does not hold: h2: x differs']);
  world.host('h2').facts.add('x');
  expect((await world.finish()).done).toBe(true);
});
