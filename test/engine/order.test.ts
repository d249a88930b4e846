import { describe, expect, test } from 'vitest';
import { exitCodeOf, outcomes, World, why } from './world.ts';

const act = (order: string, more = '') =>
  `- { id: a, on: all, order: ${order}, command: { argv: [do, a] }, on-doubt: ask${more} }\n`;

describe('the order of a step', () => {
  test('parallel starts every host before the first has ended', async () => {
    const world = new World(act('parallel'));
    await world.finish();
    expect(world.log.slice(0, 3)).toEqual(['h1 starts a', 'h2 starts a', 'h3 starts a']);
  });

  test('serial starts a host when the one before it has ended', async () => {
    const world = new World(act('serial'));
    await world.finish();
    expect(world.log).toEqual(['h1', 'h2', 'h3'].flatMap((host) => [`${host} starts a`, `${host} ends a`]));
  });

  test('canary does one host, and the rest at once when it has taken', async () => {
    const world = new World(act('canary'));
    await world.finish();
    expect(world.log.slice(0, 4)).toEqual(['h1 starts a', 'h1 ends a', 'h2 starts a', 'h3 starts a']);
  });

  test('canary goes on one by one while there was nothing to do, for that proves nothing', async () => {
    const step = `- { id: a, on: all, order: canary, command: { argv: [do, a] }, check: { command: { argv: [has, a] } } }\n`;
    const world = new World(step, { hosts: ['h1', 'h2', 'h3', 'h4'] });
    world.host('h1').facts.add('a');
    await world.finish();
    expect(world.log.slice(0, 4)).toEqual(['h2 starts a', 'h2 ends a', 'h3 starts a', 'h4 starts a']);
  });

  test('batch takes so many at a time, and the next when all of them have ended', async () => {
    const world = new World(act('{ batch: 2 }'), { hosts: ['h1', 'h2', 'h3', 'h4', 'h5'] });
    await world.finish();
    const batches = [world.log.slice(0, 4), world.log.slice(4, 8), world.log.slice(8)];
    expect(
      batches.map((batch) => batch.filter((line) => line.includes('starts')).map((line) => line.slice(0, 2))),
    ).toEqual([['h1', 'h2'], ['h3', 'h4'], ['h5']]);
  });

  test('a step begins when every host has ended the one before', async () => {
    const world = new World(
      `${act('parallel')}- { id: b, on: all, command: { argv: [do, b] }, on-doubt: ask }\n`,
    );
    await world.finish();
    const firstB = world.log.findIndex((line) => line.endsWith('starts b'));
    expect(world.log.slice(0, firstB).filter((line) => line.endsWith('ends a'))).toHaveLength(3);
  });
});

describe('a failure', () => {
  test('starts nothing more, lets end what is in flight, and holds with code 2', async () => {
    const world = new World(
      `${act('{ batch: 2 }')}- { id: b, on: all, command: { argv: [do, b] }, on-doubt: ask }\n`,
    );
    world.host('h1').next('do a', { code: 3, stderr: 'no\n' });
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'a@h1': 'failed', 'a@h2': 'changed', 'a@h3': 'waiting' });
    expect(why(state, 'a@h1')).toBe('do a exited 3; stderr: no');
    expect(state.held).toMatchObject({ reason: 'failed', text: 'a@h1 failed: do a exited 3; stderr: no' });
    expect(world.acts()).toEqual({ h1: ['a'], h2: ['a'], h3: [] });
  });

  test('of the canary leaves all others alone', async () => {
    const world = new World(act('canary'));
    world.host('h1').next('do a', { code: 1 });
    expect(outcomes(await world.finish())).toEqual({
      'a@h1': 'failed',
      'a@h2': 'waiting',
      'a@h3': 'waiting',
    });
  });

  test('that is tolerated does not stop the run, one more does', async () => {
    const steps = `${act('serial', ', tolerate: 1')}- { id: b, on: h3, command: { argv: [do, b] }, on-doubt: ask }\n`;
    const one = new World(steps);
    one.host('h1').next('do a', { code: 1 });
    expect((await one.finish()).done).toBe(true);
    expect(one.acts()['h3']).toEqual(['a', 'b']);

    const two = new World(steps);
    two.host('h1').next('do a', { code: 1 });
    two.host('h2').next('do a', { code: 1 });
    const state = await two.finish();
    expect(outcomes(state)).toEqual({ 'a@h1': 'failed', 'a@h2': 'failed', 'a@h3': 'waiting' });
    expect(state.held?.reason).toBe('failed');
  });

  test('with on-failure: continue is told and passed', async () => {
    const world = new World(
      `${act('serial', ', on-failure: continue')}- { id: b, on: h1, command: { argv: [do, b] }, on-doubt: ask }\n`,
    );
    for (const host of ['h1', 'h2', 'h3']) world.host(host).next('do a', { code: 1 });
    const state = await world.finish();
    expect(state.done).toBe(true);
    expect(outcomes(state)).toMatchObject({ 'a@h3': 'failed', 'b@h1': 'changed' });
  });

  test('is the reason that is told, though the operator held the run before', async () => {
    const world = new World(act('parallel'));
    world.host('h2').next('do a', { code: 1 });
    const state = await world.finish({
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'task.intended'))
          command({ type: 'hold', reason: 'operator', text: 'held by SIGINT' });
      },
    });
    expect([state.held?.reason, exitCodeOf(state)]).toEqual(['failed', 2]);
    expect(outcomes(state)).toEqual({ 'a@h1': 'changed', 'a@h2': 'failed', 'a@h3': 'changed' });
  });
});

describe('retry', () => {
  test('runs again what is safe to repeat, with its delay', async () => {
    const world = new World(act('parallel', ', repeat: safe, retry: { times: 2, delay: 10s, backoff: 2 }'), {
      hosts: ['h1'],
    });
    world.host('h1').next('do a', { code: 1 }, { code: 1 });
    const began = world.now;
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'a@h1': 'changed' });
    expect(world.host('h1').done).toEqual(['a', 'a', 'a']);
    expect(world.now - began).toBe(10_000 + 20_000);
  });

  test('gives up after so many times', async () => {
    const world = new World(act('parallel', ', repeat: safe, retry: { times: 1 }'), { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 }, { code: 1 });
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'failed' });
  });

  test('is refused for what is not safe to repeat', () => {
    expect(() => new World(act('parallel', ', repeat: once, retry: { times: 1 }'))).toThrow(
      'cannot retry a step whose repeat is once',
    );
  });
});
