/** A run and the leases of its hosts: held by another at the start, taken over in the middle, given back at the end. */
import { expect, test } from 'vitest';
import type { LeaseTerms } from '../../src/transport/lease.ts';
import { exitCodeOf, outcomes, World } from './world.ts';

const STEPS = `
- { id: one, on: all, repeat: once, command: { argv: [do, one] }, on-doubt: ask }
- { id: two, on: all, repeat: once, command: { argv: [do, two] }, on-doubt: ask }
`;
const bob: LeaseTerms = {
  nonce: 'nonce-of-bob',
  run: '20261122-020000-b0b0',
  controller: 'of bob',
  seconds: 60,
  since: '2026-11-22T02:00:00.000Z',
  who: 'bob@jump',
  why: 'CHG-9',
};
const newWorld = () => new World(STEPS, { hosts: ['h1', 'h2'] });
const leaseOf = (world: World, host: string) => world.fake.host(host).lease;

test('a run whose host another holds does nothing anywhere, holds with code 6, and goes on once it is free', async () => {
  const world = newWorld();
  leaseOf(world, 'h2').answer({ act: 'claim', terms: bob });
  const state = await world.finish({ yes: true });
  expect([exitCodeOf(state), world.acts()]).toEqual([6, { h1: [], h2: [] }]);
  expect(state.held?.text).toMatch(
    /^h2 is held by run \S+b0b0 of bob@jump since 2026-11-22 02:00:00Z: CHG-9/,
  );
  expect(leaseOf(world, 'h1').answer({ act: 'look' }).kind).toBe('free');
  leaseOf(world, 'h2').answer({ act: 'free', lease: { epoch: 1, nonce: bob.nonce } });
  expect((await world.finish()).done).toBe(true);
});

test('a start whose lease was taken over is refused, proven not begun, and done once by a later resume', async () => {
  const world = newWorld();
  const state = await world.finish({
    recorded: (events) => {
      if (!events.some((event) => event.type === 'step.began' && event.step === 'two')) return;
      leaseOf(world, 'h2').answer({ act: 'claim', terms: bob, over: 1 });
    },
  });
  expect([exitCodeOf(state), state.held?.reason]).toEqual([6, 'locked']);
  expect(outcomes(state)).toMatchObject({ 'two@h1': 'changed', 'two@h2': 'unreachable' });
  expect(world.acts()['h2']).toEqual(['one']);
  leaseOf(world, 'h2').answer({ act: 'free', lease: { epoch: 2, nonce: bob.nonce } });
  expect((await world.finish()).done).toBe(true);
  expect([world.acts()['h2'], world.asked]).toEqual([['one', 'two'], []]);
});

test('a run gives its hosts back when it is done, and when it is held', async () => {
  const world = newWorld();
  world.host('h1').next('do two', { code: 1 });
  await world.finish();
  expect(leaseOf(world, 'h1').answer({ act: 'look' })).toEqual({ kind: 'free', epoch: 1 });
  await world.finish({ person: () => ({ answer: 'yes' }) });
  expect(leaseOf(world, 'h1').answer({ act: 'look' })).toEqual({ kind: 'free', epoch: 2 });
});

test('a run that only looks holds nothing', async () => {
  const world = new World('- { id: look, on: all, read.command: { argv: [say, x] } }\n', { hosts: ['h1'] });
  leaseOf(world, 'h1').answer({ act: 'claim', terms: bob });
  expect((await world.finish()).done).toBe(true);
});
