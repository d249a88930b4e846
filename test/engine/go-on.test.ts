/** A run that is held goes on in the same process, by what a person does with its tasks. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { type AfterHold, actOn, type HeldAct, type Refusal } from '../../src/engine/held-act.ts';
import type { RunState } from '../../src/engine/state.ts';
import { actsFor } from './acts-for.ts';
import { fold, outcomes, type RunOptions, World } from './world.ts';

const act = (id: string, more = '') =>
  `- { id: ${id}, on: h1, repeat: once, command: { argv: [do, ${id}] }, on-doubt: ask${more} }\n`;
const types = (world: World) => world.events.map(({ type }) => type);
const goOn = (...acts: readonly HeldAct[]): AfterHold => ({ kind: 'go-on', acts });
const LEAVE: AfterHold = { kind: 'leave' };

/** Answers each hold in turn, then leaves; `seen` are the states that were held, and why an answer was refused. */
function answering(...answers: readonly AfterHold[]) {
  const left = [...answers];
  const seen: { reason: string | undefined; refused: string | undefined }[] = [];
  const afterHold: NonNullable<RunOptions['afterHold']> = async (state: RunState, refused?: Refusal) => {
    seen.push({ reason: state.held?.reason, refused: refused?.refusal });
    return left.shift() ?? LEAVE;
  };
  return { afterHold, seen };
}

const YES: Pick<RunOptions, 'person'> = { person: () => ({ answer: 'yes' }) };

/** Two hosts, and a failure on the first. */
function failing(more = ''): World {
  const world = new World(
    `- { id: a, on: [h1, h2], order: serial, repeat: once, command: { argv: [do, a] }, on-doubt: ask${more} }\n${act('b')}`,
    { hosts: ['h1', 'h2'] },
  );
  world.host('h1').next('do a', { code: 1 });
  return world;
}

describe('a run that failed', () => {
  test('is over where nobody stays', async () => {
    const world = failing();
    expect((await world.finish(YES)).held?.reason).toBe('failed');
    expect(types(world)).not.toContain('run.resumed');
  });

  test('is over when who stays leaves it', async () => {
    const world = failing();
    const { afterHold, seen } = answering();
    expect((await world.finish({ ...YES, afterHold })).held?.reason).toBe('failed');
    expect(seen).toEqual([{ reason: 'failed', refused: undefined }]);
    expect(types(world)).not.toContain('run.resumed');
  });

  test('is tried again, as a resume does it: with the question whether it may run again', async () => {
    const world = failing();
    const { afterHold } = answering(goOn({ kind: 'retry', task: 'a@h1' }));
    const end = await world.finish({ ...YES, afterHold });
    expect([end.done, world.acts()]).toEqual([true, { h1: ['a', 'a', 'b'], h2: ['a'] }]);
    expect(world.asked.map(({ purpose }) => purpose)).toEqual(['repeat']);
  });

  test('goes on under the same policy, by the same operator, with its leases taken again', async () => {
    const world = failing();
    const { afterHold } = answering(goOn({ kind: 'skip', task: 'a@h1', because: 'out of the pool' }));
    await world.finish({ ...YES, yes: true, policy: { until: '2027-01-01T00:00:00.000Z' }, afterHold });
    const [opened] = world.events;
    const at = types(world).indexOf('run.resumed');
    const again = world.events[at];
    if (opened?.type !== 'run.opened' || again?.type !== 'run.resumed') throw new Error('not resumed');
    expect([again.policy, again.operator]).toEqual([opened.policy, opened.operator]);
    const taken = (events: readonly Event[]) => events.filter(({ type }) => type === 'lease.taken').length;
    expect([taken(world.events.slice(0, at)), taken(world.events.slice(at))]).toEqual([2, 2]);
    // The act stands before the resume, as that of `lockstep resolve` does.
    expect(world.events[at - 1]).toEqual({
      type: 'task.skipped',
      task: 'a@h1',
      attempt: 1,
      by: 'alice',
      because: 'out of the pool',
    });
  });

  test('goes on without the task that is skipped, which is not done again and not asked about', async () => {
    const world = failing();
    const { afterHold } = answering(goOn({ kind: 'skip', task: 'a@h1', because: 'out of the pool' }));
    const end = await world.finish({ ...YES, afterHold });
    expect([end.done, outcomes(end)]).toEqual([
      true,
      { 'a@h1': 'skipped', 'a@h2': 'changed', 'b@h1': 'changed' },
    ]);
    expect([world.acts()['h1'], world.asked]).toEqual([['a', 'b'], []]);
  });

  test('goes on with the task that is said to be done, once its verify has found it so', async () => {
    const world = failing(', verify: { command: { argv: [has, a] } }');
    const { afterHold, seen } = answering(
      goOn({ kind: 'done', task: 'a@h1', because: 'by hand' }),
      goOn({ kind: 'done', task: 'a@h1', because: 'by hand, really' }),
    );
    const held = world.finish({
      ...YES,
      afterHold: async (state, refused) => {
        // Only the second time is it true.
        if (seen.length === 1) world.host('h1').facts.add('a');
        return afterHold(state, refused);
      },
    });
    const end = await held;
    expect(seen.map(({ reason }) => reason)).toEqual(['failed', 'failed']);
    expect([end.done, outcomes(end)['a@h1'], world.acts()['h1']]).toEqual([true, 'changed', ['a', 'b']]);
  });

  test('whose last task is skipped is done', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 });
    const { afterHold } = answering(goOn({ kind: 'skip', task: 'a@h1', because: 'not needed' }));
    expect((await world.finish({ ...YES, afterHold })).done).toBe(true);
    expect(types(world).slice(-3)).toEqual(['task.skipped', 'run.resumed', 'run.ended']);
  });

  test('keeps secrets out of the reason', async () => {
    const world = failing();
    const { afterHold } = answering(goOn({ kind: 'skip', task: 'a@h1', because: 'clear-pw was wrong' }));
    await world.finish({ ...YES, afterHold });
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'task.skipped', because: '[pw] was wrong' }),
    );
  });
});

test('a doubt is settled by the word of who stays', async () => {
  for (const [kind, acts] of [
    ['applied', ['a']],
    ['not-applied', ['a', 'a']],
  ] as const) {
    const world = new World(act('a'), { hosts: ['h1'] });
    world.host('h1').next('do a', { drop: 'vanished' });
    const { afterHold } = answering(goOn({ kind, task: 'a@h1', because: 'looked' }));
    const end = await world.finish({
      person: ({ purpose }) => ({ answer: purpose === 'doubt' ? 'no' : 'yes' }),
      afterHold,
    });
    expect([end.done, world.acts()['h1']]).toEqual([true, acts]);
  }
});

test('an operator’s hold is left behind without any act', async () => {
  const world = new World(act('a') + act('b'), { hosts: ['h1'] });
  const { afterHold, seen } = answering(goOn());
  const end = await world.finish({
    afterHold,
    recorded: (events, command) => {
      if (events.some((event) => event.type === 'task.intended' && event.task === 'a@h1'))
        command({ type: 'hold', reason: 'operator', text: 'held by h' });
    },
    ...YES,
  });
  expect(seen).toEqual([{ reason: 'operator', refused: undefined }]);
  expect([end.done, world.acts()['h1']]).toEqual([true, ['a', 'b']]);
});

test('a host that became another one while the run was held holds it again', async () => {
  const world = failing();
  const { afterHold, seen } = answering(goOn({ kind: 'retry', task: 'a@h1' }));
  const end = await world.finish({
    ...YES,
    afterHold: (state, refused) => {
      const host = world.fake.host('h1');
      host.identity = { ...host.identity, machineId: 'another' };
      return afterHold(state, refused);
    },
  });
  expect([end.held?.reason, seen.map(({ reason }) => reason)]).toEqual(['drift', ['failed', 'drift']]);
  expect(world.acts()['h1']).toEqual(['a']);
});

test('a host that was restarted while the run was held is met anew', async () => {
  const world = failing();
  const { afterHold } = answering(goOn({ kind: 'skip', task: 'a@h1', because: 'restarted it' }));
  const end = await world.finish({
    ...YES,
    afterHold: (state, refused) => {
      world.fake.host('h1').identity = { ...world.fake.host('h1').identity, bootId: 'second' };
      return afterHold(state, refused);
    },
  });
  expect([end.done, end.boots['h1']]).toEqual([true, 'second']);
});

describe('an act that cannot be', () => {
  test.each<[string, HeldAct, string]>([
    [
      'a skip of what did not fail',
      { kind: 'skip', task: 'a@h2', because: 'x' },
      'a@h2 has not failed: it is waiting',
    ],
    [
      'a retry of what did not fail',
      { kind: 'retry', task: 'a@h2' },
      'a@h2 has neither failed nor is it in doubt',
    ],
    ['a skip without a reason', { kind: 'skip', task: 'a@h1', because: '  ' }, 'a@h1: a reason is wanted'],
    [
      'a task that is none',
      { kind: 'done', task: 'z@h1', because: 'x' },
      'run 20261122-015312-7f3a has no task z@h1',
    ],
  ])('is refused with its cause, and asked for again: %s', async (_what, wrong, refusal) => {
    const world = failing();
    const { afterHold, seen } = answering(goOn(wrong), LEAVE);
    expect((await world.finish({ ...YES, afterHold })).held?.reason).toBe('failed');
    expect(seen.map(({ refused }) => refused)).toEqual([undefined, refusal]);
    expect(types(world)).not.toContain('run.resumed');
  });

  test('takes those before it back with it: all of them or none', async () => {
    const world = failing();
    const state = await world.finish(YES);
    const first: HeldAct = { kind: 'skip', task: 'a@h1', because: 'x' };
    expect(actOn(state, [first, first], 'alice')).toMatchObject({
      refusal: 'a@h1 has not failed: it is skipped',
    });
  });

  test('is not offered', async () => {
    const failed = await failing().finish(YES);
    expect(actsFor(failed, 'a@h1')).toEqual(['retry', 'skip', 'done']);
    expect(actsFor(failed, 'a@h2')).toEqual([]);
    const away = new World(act('a'), { hosts: ['h1'] });
    away.host('h1').next('do a', { unreachable: true });
    // Nothing of it had begun, so there is nothing that could be done already.
    expect(actsFor(await away.finish(YES), 'a@h1')).toEqual(['retry', 'skip']);
    const doubted = new World(act('a'), { hosts: ['h1'] });
    doubted.host('h1').next('do a', { drop: 'vanished' });
    const open = await doubted.finish({ person: () => ({ answer: 'no' }) });
    expect(actsFor(open, 'a@h1')).toEqual(['retry', 'applied', 'not-applied']);
    const unheard = new World(act('a'), { hosts: ['h1'] });
    unheard.host('h1').next('do a', { drop: 'while-running', effect: () => void unheard.away.add('h1') });
    expect(actsFor(await unheard.finish(YES), 'a@h1')).toEqual(['retry']);
  });
});

test('whatever is done with it, the journal folds to the live state, hold by hold', async () => {
  const world = failing();
  const states: RunState[] = [];
  const { afterHold } = answering(goOn({ kind: 'retry', task: 'a@h1' }), LEAVE);
  world.host('h1').next('do a', { code: 1 });
  await world.finish({
    ...YES,
    afterHold: (state, refused) => {
      expect(JSON.parse(JSON.stringify(state))).toEqual(fold(world.events));
      states.push(state);
      return afterHold(state, refused);
    },
  });
  expect(states).toHaveLength(2);
  expect(() => evolve(states[1], { type: 'run.going-on', by: 'alice' })).toThrow('no operator holds');
});
