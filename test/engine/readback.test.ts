import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/transport/fake-host.ts';
import { actions } from './sim-actions.ts';
import { exitCodeOf, outcomes, World, why } from './world.ts';

const restart = (more = '') =>
  `- { id: restart, on: h1, service: { name: slapd, state: restarted }${more} }\n`;
const set = (more = '') => `- { id: set, on: h1, file: { path: /x }${more} }\n`;

function worldOf(steps: string, line: string, ...replies: readonly Reply[]): World {
  const world = new World(steps, { actions });
  world.host('h1').next(line, ...replies);
  return world;
}

const settled = (world: World) =>
  world.events.flatMap((event) =>
    event.type === 'task.settled' ? [`${event.verdict} by ${event.ground}`] : [],
  );

describe('a restart whose link was lost', () => {
  test.each(['while-running', 'after-end'] as const)(
    '%s is proven by its receipt: it is not done twice',
    async (drop) => {
      const world = worldOf(restart(), 'do up', { drop });
      expect(outcomes(await world.finish())).toEqual({ 'restart@h1': 'changed' });
      expect([world.acts()['h1'], settled(world)]).toEqual([['up'], ['applied by receipt']]);
    },
  );

  test('before it began is done, once', async () => {
    const world = worldOf(restart(), 'do up', { drop: 'before-start' });
    expect((await world.finish()).done).toBe(true);
    expect(world.acts()['h1']).toEqual(['up']);
  });

  test('and that failed behind it has failed', async () => {
    const world = worldOf(restart(), 'do up', { drop: 'after-end', code: 1 });
    const state = await world.finish();
    expect([outcomes(state), why(state, 'restart@h1')]).toEqual([
      { 'restart@h1': 'failed' },
      'the command ended with code 1',
    ]);
  });

  test('and that left no end is done again where that is safe, else a question with code 4', async () => {
    const safe = worldOf(restart(), 'do up', { drop: 'vanished' });
    expect((await safe.finish()).done).toBe(true);
    expect(safe.acts()['h1']).toEqual(['up', 'up']);

    const costly = worldOf(restart(', repeat: costly'), 'do up', { drop: 'vanished' });
    expect(exitCodeOf(await costly.finish({ yes: true }))).toBe(4);
    expect(costly.acts()['h1']).toEqual(['up']);
  });

  test('and that was done but did not hold is a failure, for reading says so', async () => {
    const world = worldOf(restart(), 'do up', { drop: 'after-end', effect: () => undefined });
    expect(why(await world.finish(), 'restart@h1')).toBe(
      'written, but reading back still differs: it is down',
    );
  });

  test('and whose host was restarted since, with no token left, is a question where a repeat is not safe', async () => {
    const world = new World(restart(', repeat: once'), { actions });
    world.host('h1').next('do up', {
      drop: 'after-end',
      effect: () => {
        world.fake.host('h1').reboot('boot-2');
        setImmediate(() => world.fake.host('h1').tokens.clear());
        world.away.add('h1');
      },
    });
    await world.finish();
    world.away.clear();
    world.fake.host('h1').tokens.clear();
    expect(exitCodeOf(await world.finish())).toBe(4);
  });

  test('that failed before is asked about where a repeat is not safe', async () => {
    const world = worldOf(restart(', repeat: costly'), 'do up', { code: 1 });
    await world.finish();
    expect(exitCodeOf(await world.finish())).toBe(3);
    expect(world.asked).toMatchObject([{ purpose: 'repeat' }]);
  });
});

describe('a change that can be read back, whose link was lost', () => {
  test('does what is left, and nothing where nothing is left', async () => {
    const half = worldOf(set(), 'do first', { drop: 'after-end' });
    expect(outcomes(await half.finish())).toEqual({ 'set@h1': 'changed' });
    expect(settled(half)).toEqual(['not-applied by look']);

    const whole = worldOf(set(), 'do x', { drop: 'after-end' });
    expect(outcomes(await whole.finish())).toEqual({ 'set@h1': 'changed' });
    expect(whole.acts()['h1']).toEqual(['first', 'x']);
  });

  test('is not called unreachable when a part of it was done and the next could not begin', async () => {
    const world = worldOf(set(), 'do x', { unreachable: true });
    expect(outcomes(await world.finish())).toEqual({ 'set@h1': 'changed' });
    expect(world.events).toContainEqual(
      expect.objectContaining({
        type: 'task.doubted',
        why: expect.stringContaining('part of it was done, then: h1 is not reachable'),
      }),
    );
  });

  test('nor when the look between two parts could not be had', async () => {
    const world = worldOf(set(), 'has first', { unreachable: true });
    await world.finish();
    expect(world.events.map(({ type }) => type)).toContain('task.doubted');
  });

  test('is unreachable when its first part is proven not to have begun', async () => {
    const world = worldOf(set(), 'do first', { unreachable: true });
    expect(outcomes(await world.finish())).toEqual({ 'set@h1': 'unreachable' });
    expect(world.acts()['h1']).toEqual([]);
  });

  test.each([
    ['is done', undefined, ['applied by look'], 0],
    ['still differs: a question', () => undefined, [], 4],
  ] as const)('and is not safe to repeat: vanished, and it %s', async (_what, effect, verdicts, code) => {
    const world = worldOf(set(', repeat: once'), 'do x', { drop: 'vanished', ...(effect && { effect }) });
    expect(exitCodeOf(await world.finish({ yes: true }))).toBe(code);
    expect([settled(world), world.acts()['h1']]).toEqual([verdicts, ['first', 'x']]);
  });
});
