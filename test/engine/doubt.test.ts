import { describe, expect, test } from 'vitest';
import type { Question } from '../../src/engine/event.ts';
import type { Reply } from '../../src/transport/fake-host.ts';
import { exitCodeOf, outcomes, World, why } from './world.ts';

const bare = (more = '') => `- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask${more} }\n`;
const checked = `- { id: a, on: h1, command: { argv: [do, a] }, repeat: once, check: { command: { argv: [has, a] } } }\n`;

const settledBy = (world: World) =>
  world.events.flatMap((event) =>
    event.type === 'task.settled' ? [`${event.verdict} by ${event.ground}`] : [],
  );

/** The person knows: it happened, or it did not. */
const says = (answer: 'applied' | 'not-applied' | 'no') => (_question: Question) => ({
  answer,
  because: 'looked at it',
});

describe('a host that cannot be reached', () => {
  test('is unreachable, and nothing ran; a resume does it', async () => {
    const world = new World(bare());
    world.host('h1').next('do a', { unreachable: true });
    const state = await world.finish();
    expect([outcomes(state), exitCodeOf(state), world.acts()['h1']]).toEqual([
      { 'a@h1': 'unreachable' },
      2,
      [],
    ]);
    expect([(await world.finish()).done, world.acts()['h1']]).toEqual([true, ['a']]);
    expect(world.asked).toEqual([]);
  });
});

describe('a link that was lost', () => {
  test.each([
    ['before the command began', 'before-start', ['not-applied by receipt']],
    ['while it ran', 'while-running', []],
    ['after it ended', 'after-end', []],
  ] as const)('%s is settled by the receipt, and the act is done once', async (_when, drop, settled) => {
    const world = new World(bare(', repeat: once'));
    world.host('h1').next('do a', { drop });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'changed' });
    expect([settledBy(world), world.acts()['h1'], world.asked]).toEqual([settled, ['a'], []]);
  });

  test('by a command that failed behind it is a failure', async () => {
    const world = new World(bare());
    world.host('h1').next('do a', { drop: 'after-end', code: 4, stderr: 'broken\n' });
    const state = await world.finish();
    expect([outcomes(state), why(state, 'a@h1')]).toEqual([
      { 'a@h1': 'failed' },
      'the command ended with code 4',
    ]);
  });

  test.each([
    ['holds: it was done', true, ['applied by check'], ['a']],
    ['does not hold: it is done again', false, ['not-applied by check'], ['a', 'a']],
  ] as const)('with no receipt is settled by the check, which %s', async (_what, took, settled, acts) => {
    const world = new World(checked);
    world.host('h1').next('do a', { drop: 'vanished', ...(took ? {} : { effect: () => undefined }) });
    expect((await world.finish()).done).toBe(true);
    expect([settledBy(world), world.acts()['h1'], world.asked]).toEqual([settled, acts, []]);
  });

  test('with no receipt is not settled by a check that could not tell', async () => {
    const world = new World(checked);
    world.host('h1').next('do a', { drop: 'vanished' });
    world.host('h1').next('has a', { code: 1 }, { exit: { kind: 'timed-out', afterMs: 60_000 } });
    expect(exitCodeOf(await world.finish({ yes: true }))).toBe(4);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test('with no receipt and no probe runs again by itself where that is safe', async () => {
    const world = new World(bare(', repeat: safe'));
    world.host('h1').next('do a', { drop: 'vanished' });
    expect((await world.finish()).done).toBe(true);
    expect([settledBy(world), world.acts()['h1']]).toEqual([['not-applied by repeat: safe'], ['a', 'a']]);
  });

  test('else holds with code 4: --yes never settles a doubt', async () => {
    const world = new World(bare());
    world.host('h1').next('do a', { drop: 'vanished' });
    const state = await world.finish({ yes: true });
    expect([exitCodeOf(state), state.held?.reason, world.acts()['h1']]).toEqual([4, 'doubt', ['a']]);
    expect(world.asked).toMatchObject([{ purpose: 'doubt', class: 'typed', typed: 'h1' }]);
  });

  test.each([
    ['applied', ['a']],
    ['not-applied', ['a', 'a']],
  ] as const)('is settled by a person who says %s', async (word, acts) => {
    const world = new World(bare(', repeat: once'));
    world.host('h1').next('do a', { drop: 'vanished' });
    const state = await world.finish({ person: says(word) });
    expect([outcomes(state), world.acts()['h1']]).toEqual([{ 'a@h1': 'changed' }, acts]);
    expect(settledBy(world)).toEqual([`${word} by person`]);
  });

  test('and a missing token after a restart of the host prove nothing', async () => {
    const world = new World(bare(', repeat: once'));
    const reboot = () => void world.fake.host('h1').reboot('boot-2');
    world.host('h1').next('do a', { drop: 'vanished', effect: reboot });
    const lost = await world.finish();
    expect(exitCodeOf(lost)).toBe(4);
    world.fake.host('h1').tokens.clear();
    expect(exitCodeOf(await world.finish())).toBe(4);
    expect(world.asked.at(-1)?.text).toContain('has been restarted since');
  });

  test('to a host that stays away holds with code 4, though another host failed before: it does not ask for ever', async () => {
    const world = new World(`- { id: a, on: all, command: { argv: [do, a] }, on-doubt: ask }\n`);
    const goAway = () => void world.away.add('h2');
    world.host('h1').next('do a', { code: 1 });
    world.host('h2').next('do a', { drop: 'while-running', effect: goAway });
    const state = await world.finish();
    expect([exitCodeOf(state), state.held?.text]).toEqual([4, 'a@h2 is in doubt: the link dropped']);

    world.away.clear();
    await world.finish({ person: () => ({ answer: 'no' }) });
    expect(world.acts()['h2']).toEqual(['a']);
  });

  test('that a person cannot settle now is asked about once a run', async () => {
    const world = new World(`- { id: a, on: all, command: { argv: [do, a] }, on-doubt: ask }\n`);
    world.host('h1').next('do a', { code: 1 });
    world.host('h2').next('do a', { drop: 'vanished' });
    const state = await world.finish({ person: says('no') });
    expect([exitCodeOf(state), world.asked.length]).toEqual([4, 1]);
  });

  test('while it was verified does not do it again', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, repeat: once, verify: { command: { argv: [has, a] } } }\n`,
    );
    world.host('h1').next('has a', { unreachable: true });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'failed' });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'changed' });
    expect([world.acts()['h1'], world.asked]).toEqual([['a'], []]);
  });
});

describe('what failed before', () => {
  const failed = async (more: string, reply: Reply = { code: 1 }) => {
    const world = new World(bare(more));
    world.host('h1').next('do a', reply);
    await world.finish();
    return world;
  };

  test('is run again by itself only where that is safe', async () => {
    const world = await failed(', repeat: safe');
    expect([(await world.finish()).done, world.acts()['h1']]).toEqual([true, ['a', 'a']]);
  });

  test('and is costly to repeat is a question, which --yes passes', async () => {
    const world = await failed(', repeat: costly');
    expect(exitCodeOf(await world.finish())).toBe(3);
    expect(world.asked).toMatchObject([{ purpose: 'repeat', class: 'confirm' }]);
    expect((await world.finish({ yes: true })).done).toBe(true);
  });

  test('and may run once only is a typed question, also after a resume that did not reach the host', async () => {
    const world = await failed(', repeat: once');
    world.away.add('h1');
    expect(outcomes(await world.finish({ yes: true }))).toEqual({ 'a@h1': 'unreachable' });
    world.away.clear();
    expect(exitCodeOf(await world.finish({ yes: true }))).toBe(3);
    expect(world.asked).toMatchObject([{ purpose: 'repeat', class: 'typed', typed: 'h1' }]);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test('before it began anything is no such question', async () => {
    const world = new World(checked);
    world.host('h1').next('has a', { exit: { kind: 'killed', signal: 'SIGTERM' } });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'failed' });
    expect((await world.finish()).done).toBe(true);
    expect(world.asked).toEqual([]);
  });

  test('and turns out to be done is changed, not unchanged', async () => {
    const world = new World(checked);
    world.host('h1').next('do a', { code: 1, effect: () => void world.host('h1').facts.add('a') });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'failed' });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'changed' });
  });
});
