/** A resume into a world that is not as the run left it: told by name, accepted by name, and never passed over. */
import { describe, expect, test } from 'vitest';
import { exitCodeOf, outcomes, World } from './world.ts';

const STEPS = `
- { id: one, on: all, repeat: once, command: { argv: [do, one] }, check: { command: { argv: [has, one] } } }
- { id: two, on: h1, repeat: once, command: { argv: [do, two] }, on-doubt: ask }
- { id: three, on: all, repeat: once, command: { argv: [do, three] }, on-doubt: ask }
`;

/** Held at step two, which failed. */
async function held(steps = STEPS): Promise<World> {
  const world = new World(steps, { hosts: ['h1', 'h2'] });
  world.host('h1').next('do two', { code: 1 });
  expect(exitCodeOf(await world.finish())).toBe(2);
  world.host('h1').next('do two', {});
  return world;
}

describe('a resume', () => {
  test('into an unchanged world finds no drift', async () => {
    const world = await held();
    expect((await world.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
    expect(world.events.some(({ type }) => type === 'drift.found')).toBe(false);
  });

  test('names a finished step whose check no longer holds, and does nothing', async () => {
    const world = await held();
    world.host('h2').facts.delete('one');
    const before = world.acts();
    const state = await world.finish({ yes: true });
    expect([exitCodeOf(state), state.held]).toEqual([
      5,
      {
        reason: 'drift',
        text: 'regressed:one@h2: its check no longer holds: has one exited 1, wanted 0; it printed nothing. If that is right: --accept-drift regressed:one@h2',
      },
    ]);
    expect(world.acts()).toEqual(before);
    const accepted = await world.finish({
      acceptDrift: ['regressed:one@h2'],
      person: () => ({ answer: 'yes' }),
    });
    expect([accepted.done, outcomes(accepted)['one@h2']]).toEqual([true, 'changed']);
    expect(world.events).toContainEqual({
      type: 'drift.accepted',
      name: 'regressed:one@h2',
      by: 'alice',
      ground: '--accept-drift',
    });
  });

  test.each([
    ['machine-id', { machineId: 'another' }],
    ['host-key', { hostKey: 'SHA256:another' }],
  ])(
    'names a host that shows another %s, does nothing there, and knows it once it is accepted',
    async (kind, other) => {
      const world = await held();
      const host = world.fake.host('h2');
      host.identity = { ...host.identity, ...other };
      const state = await world.finish({ yes: true });
      expect([exitCodeOf(state), state.held?.text]).toEqual([5, expect.stringContaining(`${kind}:h2`)]);
      // Told again as long as nobody has accepted it.
      expect(exitCodeOf(await world.finish({ yes: true }))).toBe(5);
      const accept = { acceptDrift: [`${kind}:h2`] };
      const after = await world.finish({ ...accept, person: () => ({ answer: 'no' }) });
      expect(after.held?.reason).toBe('question');
      expect((await world.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
    },
  );

  test('into a boot that is another is no drift', async () => {
    const world = await held();
    world.fake.host('h2').reboot('boot-2');
    expect((await world.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
  });

  test('that only some of the drift is accepted for still does nothing', async () => {
    const world = await held();
    world.host('h1').facts.delete('one');
    world.host('h2').facts.delete('one');
    const state = await world.finish({ acceptDrift: ['regressed:one@h1'] });
    expect(state.held?.text).toMatch(/^regressed:one@h2: /);
  });
});

test('a host with a task in doubt is not judged: its command may be what keeps an earlier step from holding', async () => {
  const world = new World(STEPS, { hosts: ['h1', 'h2'] });
  world.host('h1').next('do two', { drop: 'while-running', effect: () => void world.away.add('h1') });
  expect(exitCodeOf(await world.finish())).toBe(4);
  world.away.delete('h1');
  world.host('h1').facts.delete('one');
  const state = await world.finish();
  expect([state.done, world.events.some(({ type }) => type === 'drift.found')]).toEqual([true, false]);
});

test('a machine that turns up behind a host’s name in the middle of a run stops it before it is changed', async () => {
  const world = await held();
  const host = world.fake.host('h2');
  // Away when the resume looks around, and another one when its step comes.
  world.away.add('h2');
  const state = await world.finish({
    person: () => ({ answer: 'yes' }),
    recorded: (events) => {
      if (!events.some((event) => event.type === 'step.began' && event.step === 'three')) return;
      world.away.delete('h2');
      host.identity = { ...host.identity, machineId: 'another' };
    },
  });
  expect([exitCodeOf(state), state.held?.text]).toEqual([5, expect.stringContaining('machine-id:h2')]);
  expect(world.acts()['h2']).toEqual(['one']);
});
