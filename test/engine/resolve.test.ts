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
