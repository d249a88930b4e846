import { describe, expect, test } from 'vitest';
import { evolve } from '../../src/engine/evolve.ts';
import { type Resolution, resolve } from '../../src/engine/resolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { outcomes, World } from './world.ts';

const step = `- { id: a, on: all, repeat: once, command: { argv: [do, a] }, on-doubt: ask }\n`;
const saw = (verdict: Resolution['verdict'], more: Partial<Resolution> = {}): Resolution => ({
  task: 'a@h1',
  verdict,
  by: 'alice',
  because: 'looked at the file',
  unheard: false,
  ...more,
});

/** Puts the word into the journal, as the command does. */
function put(world: World, state: RunState, resolution: Resolution): RunState {
  const resolved = resolve(state, resolution);
  if ('refusal' in resolved) throw new Error(resolved.refusal);
  world.events.push(...resolved.events);
  return resolved.events.reduce<RunState>(evolve, state);
}

async function inDoubt(): Promise<{ world: World; state: RunState }> {
  const world = new World(step, { hosts: ['h1', 'h2'] });
  world.host('h1').next('do a', { drop: 'vanished' });
  return { world, state: await world.finish() };
}

describe('a word on a doubt', () => {
  test.each([
    ['applied', ['a']],
    ['not-applied', ['a', 'a']],
  ] as const)(
    'that it is %s is what a resume goes on with, and is not asked about again',
    async (verdict, acts) => {
      const { world, state } = await inDoubt();
      expect(state.held?.reason).toBe('doubt');
      put(world, state, saw(verdict));
      world.asked.length = 0;
      const end = await world.finish();
      expect([end.done, outcomes(end)['a@h1'], world.acts()['h1'], world.asked]).toEqual([
        true,
        'changed',
        acts,
        [],
      ]);
      expect(world.events).toContainEqual({
        type: 'task.settled',
        task: 'a@h1',
        attempt: 1,
        verdict,
        ground: 'person',
        why: 'alice: looked at the file',
      });
    },
  );

  test('is taken after "hold" was the answer at the terminal', async () => {
    const { world } = await inDoubt();
    const state = await world.finish({ person: () => ({ answer: 'no' }) });
    expect(resolve(state, saw('applied'))).toMatchObject({ events: [{ type: 'task.settled' }] });
  });

  test('is not taken twice', async () => {
    const { world, state } = await inDoubt();
    const after = put(world, state, saw('applied'));
    expect(resolve(after, saw('applied'))).toEqual({
      refusal: 'a@h1 is not in doubt: it is verifying',
      next: 'no task of this run is in doubt, or has failed half-way',
    });
  });

  test('about a task that is none, or in no doubt, names those that are', async () => {
    const { state } = await inDoubt();
    expect(resolve(state, saw('applied', { task: 'b@h1' }))).toMatchObject({
      next: 'in doubt, or failed half-way: a@h1',
    });
    expect(resolve(state, saw('applied', { task: 'a@h2' }))).toEqual({
      refusal: 'a@h2 is not in doubt: it is changed',
      next: 'in doubt, or failed half-way: a@h1',
    });
  });

  test('does not come before the word of the host: what was under way is asked about there first', async () => {
    const { world } = await inDoubt();
    const intended = world.events.findIndex(
      (event) => event.type === 'task.intended' && event.task === 'a@h1',
    );
    const cut = world.events.slice(0, intended + 1);
    const state = cut.reduce<RunState | undefined>(evolve, undefined) as RunState;
    expect(resolve(state, saw('applied'))).toMatchObject({
      refusal: 'a@h1 was under way when lockstep ended, and its host has not been asked yet',
    });
  });

  test('about a host that never answered is taken only when it is said to be gone', async () => {
    const world = new World(step, { hosts: ['h1'] });
    world.host('h1').next('do a', { drop: 'while-running', effect: () => void world.away.add('h1') });
    const state = await world.finish();
    expect(resolve(state, saw('applied'))).toMatchObject({
      refusal: expect.stringContaining('its host could not be asked'),
      next: expect.stringContaining('--host-is-gone'),
    });
    expect(resolve(state, saw('applied', { unheard: true }))).toMatchObject({
      events: [{ ground: 'person' }],
    });
  });
});

describe('a word on a task that failed after it had begun, and is not safe to repeat', () => {
  async function failed() {
    const world = new World(step, { hosts: ['h1'] });
    const exit = { kind: 'killed' as const, signal: 'SIGKILL' };
    world.host('h1').next('do a', { exit });
    return { world, state: await world.finish({ yes: true }) };
  }

  test.each([
    ['applied', ['a']],
    ['not-applied', ['a', 'a']],
  ] as const)('that it was %s is what a resume goes on with, without a question', async (verdict, acts) => {
    const { world, state } = await failed();
    expect(outcomes(state)).toEqual({ 'a@h1': 'failed' });
    put(world, state, saw(verdict));
    const end = await world.finish();
    expect([end.done, outcomes(end), world.acts()['h1'], world.asked]).toEqual([
      true,
      { 'a@h1': 'changed' },
      acts,
      [],
    ]);
  });

  test.each([
    ['applied', ['a']],
    ['not-applied', ['a', 'a']],
  ] as const)(
    'that it was %s is taken too when a resume was held at the question whether it may run again',
    async (verdict, acts) => {
      const { world } = await failed();
      const held = await world.finish();
      expect(held.held?.text).toContain('Run it again?');
      const after = put(world, held, saw(verdict));
      expect(after.questions).toEqual({});
      world.asked.length = 0;
      const end = await world.finish();
      expect([end.done, outcomes(end), world.acts()['h1'], world.asked]).toEqual([
        true,
        { 'a@h1': 'changed' },
        acts,
        [],
      ]);
    },
  );

  test('is not taken where nothing had begun', async () => {
    const world = new World(step, { hosts: ['h1'] });
    world.host('h1').next('do a', { unreachable: true });
    expect(resolve(await world.finish(), saw('applied'))).toMatchObject({
      refusal: 'a@h1 is not in doubt: it is unreachable',
    });
  });
});

describe('a task that failed, and is passed over', () => {
  const both = `${step}- { id: b, on: h1, command: { argv: [do, b] }, on-doubt: ask }\n`;
  const skip = saw('skipped', { because: 'not needed tonight' });

  test.each([
    ['half-way', { code: 1 }, ['a', 'b']],
    ['before anything had begun', { unreachable: true }, ['b']],
  ] as const)('%s is not done again by a resume, which goes on behind it', async (_when, reply, acts) => {
    const world = new World(both, { hosts: ['h1'] });
    world.host('h1').next('do a', reply);
    put(world, await world.finish({ yes: true }), skip);
    const end = await world.finish();
    expect([end.done, outcomes(end), world.acts()['h1'], world.asked]).toEqual([
      true,
      { 'a@h1': 'skipped', 'b@h1': 'changed' },
      acts,
      [],
    ]);
  });

  test('so is a gate that does not hold', async () => {
    const world = new World(
      `- { id: a, on: h1, read.command: { argv: [has, x] } }\n${both.replace('a,', 'c,')}`,
      {
        hosts: ['h1'],
      },
    );
    const held = await world.finish();
    expect(outcomes(held)).toEqual({ 'a@h1': 'failed' });
    put(world, held, skip);
    expect((await world.finish()).done).toBe(true);
  });

  test('at the question whether it may run again, has that question taken back', async () => {
    const world = new World(both, { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 });
    await world.finish({ yes: true });
    const held = await world.finish();
    expect(held.held?.text).toContain('Run it again?');
    const after = put(world, held, skip);
    expect([after.questions, after.cursor]).toEqual([{}, 1]);
    expect((await world.finish()).done).toBe(true);
  });

  test('leaves the others of its step to be tried again', async () => {
    const world = new World(step, { hosts: ['h1', 'h2'] });
    for (const name of ['h1', 'h2']) world.host(name).next('do a', { unreachable: true });
    const after = put(world, await world.finish(), skip);
    expect([after.cursor, outcomes(after)]).toEqual([0, { 'a@h1': 'skipped', 'a@h2': 'unreachable' }]);
    const end = await world.finish();
    expect([end.done, world.acts()]).toEqual([true, { h1: [], h2: ['a'] }]);
  });

  test('is none in doubt: whether it took effect must be known first', async () => {
    const { state } = await inDoubt();
    expect(resolve(state, skip)).toEqual({
      refusal: 'a@h1 is in doubt, and what may have taken effect is not passed over',
      next: 'say first whether it did: --as applied or not-applied',
    });
  });

  test('is none that ended well, waits, or lies behind the run', async () => {
    const world = new World(both.replace('repeat: once', 'repeat: once, on-failure: continue'), {
      hosts: ['h1'],
    });
    world.host('h1').next('do a', { code: 1 });
    world.host('h1').next('do b', { code: 1 });
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'a@h1': 'failed', 'b@h1': 'failed' });
    expect(resolve(state, skip)).toEqual({
      refusal: 'a@h1 is failed, which its step tolerates: the run goes on without it already',
      next: 'failed: b@h1',
    });
    const asks = new World(step.replace('repeat: once', 'confirm: Sure?'), { hosts: ['h1'] });
    expect(resolve(await asks.finish({ ask: async () => undefined }), skip)).toEqual({
      refusal: 'a@h1 has not failed: it is asking',
      next: 'no task of this run has failed',
    });
  });
});
