/** Notes, and a hold that is taken back: what a person says to a run that is under way. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { Event, HoldReason } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { Input } from '../../src/engine/input.ts';
import { note } from '../../src/engine/note.ts';
import type { RunState } from '../../src/engine/state.ts';
import { fold, type RunOptions, World } from './world.ts';

const act = (id: string) =>
  `- { id: ${id}, on: h1, repeat: once, command: { argv: [do, ${id}] }, on-doubt: ask }\n`;
const NOTE: Input = { type: 'note', text: 'called the help desk', by: 'alice' };
const NOTED: Event = { type: 'run.noted', text: 'called the help desk', by: 'alice' };
const HOLD: Input = { type: 'hold', reason: 'operator', text: 'held by h' };
const types = (world: World) => world.events.map(({ type }) => type);

/** Commands given when a task is announced. */
const during =
  (task: string, ...inputs: readonly Input[]): NonNullable<RunOptions['recorded']> =>
  (events, command) => {
    if (events.some((event) => event.type === 'task.intended' && event.task === task))
      for (const input of inputs) command(input);
  };

describe('a note', () => {
  test('goes into the journal while a task is under way, and changes nothing', async () => {
    const world = new World(act('a') + act('b'), { hosts: ['h1'] });
    const end = await world.finish({ recorded: during('a@h1', NOTE) });
    expect([end.done, world.acts()['h1']]).toEqual([true, ['a', 'b']]);
    const at = world.events.findIndex(({ type }) => type === 'run.noted');
    expect(world.events[at]).toEqual(NOTED);
    expect(types(world).indexOf('task.wrote')).toBeGreaterThan(at);
    expect(fold([...world.events.slice(0, at), ...world.events.slice(at + 1)])).toEqual(fold(world.events));
  });

  test('is kept when it comes with the very last record', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    await world.finish({
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'run.ended')) command(NOTE);
      },
    });
    expect(types(world).slice(-2)).toEqual(['run.ended', 'run.noted']);
  });

  test('can be written while the run is held, and comes before what follows', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 });
    const told: RunState[] = [];
    let command: (input: Input) => void = () => undefined;
    await world.finish({
      person: () => ({ answer: 'yes' }),
      recorded: (_events, to) => {
        command = to;
      },
      afterHold: async (state) => {
        told.push(state);
        command(NOTE);
        command({ ...NOTE, text: '   ' });
        return told.length === 1
          ? { kind: 'go-on', acts: [{ kind: 'skip', task: 'a@h1', because: 'x' }] }
          : { kind: 'leave' };
      },
    });
    expect(types(world).slice(-5)).toEqual([
      'run.held',
      'run.noted',
      'task.skipped',
      'run.resumed',
      'run.ended',
    ]);
  });

  test('is taken in every state of a run, and nothing else is in one that is over for now', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    await world.finish();
    world.events.forEach((_, index) => {
      const state = fold(world.events.slice(0, index + 1)) as RunState;
      expect(decide(state, NOTE)).toEqual([NOTED]);
    });
    const done = fold(world.events) as RunState;
    expect([HOLD, { type: 'idle' } as const].map((input) => decide(done, input))).toEqual([[], []]);
  });

  test('without words is none, and an endless one is cut', () => {
    expect(note(' \n ', 'alice')).toEqual([]);
    const [cut] = note('x'.repeat(5000), 'alice');
    expect(cut).toEqual({ type: 'run.noted', text: 'x'.repeat(2000), by: 'alice' });
  });
});

describe('a hold that is taken back', () => {
  const GO_ON: Input = { type: 'go-on', by: 'alice' };

  test('before the run was held, lets it go on', async () => {
    const world = new World(act('a') + act('b'), { hosts: ['h1'] });
    const end = await world.finish({ recorded: during('a@h1', HOLD, GO_ON) });
    expect([end.done, end.stopping, world.acts()['h1']]).toEqual([true, undefined, ['a', 'b']]);
    expect(types(world)).toContain('run.going-on');
    expect(types(world)).not.toContain('run.held');
  });

  test('and given again, holds', async () => {
    const world = new World(act('a') + act('b'), { hosts: ['h1'] });
    const end = await world.finish({ recorded: during('a@h1', HOLD, GO_ON, HOLD) });
    expect([end.held?.reason, world.acts()['h1']]).toEqual(['operator', ['a']]);
  });

  test('where nothing holds, is nothing', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    await world.finish({ recorded: during('a@h1', GO_ON) });
    expect(types(world)).not.toContain('run.going-on');
  });

  test.each<HoldReason>(['failed', 'question', 'doubt', 'locked', 'drift', 'window', 'invariant'])(
    'is not one of another reason: %s',
    async (reason) => {
      const world = new World(act('a') + act('b'), { hosts: ['h1'] });
      const hold: Input = { type: 'hold', reason, text: 'why' };
      const end = await world.finish({ recorded: during('a@h1', hold, GO_ON) });
      expect([end.held?.reason, world.acts()['h1']]).toEqual([reason, ['a']]);
    },
  );

  test.each<HoldReason>(['locked', 'window', 'invariant'])(
    'leaves what has come meanwhile: %s',
    async (reason) => {
      const world = new World(act('a') + act('b'), { hosts: ['h1'] });
      const hold: Input = { type: 'hold', reason, text: 'why' };
      const end = await world.finish({ recorded: during('a@h1', HOLD, hold, GO_ON) });
      expect([end.held?.reason, world.acts()['h1']]).toEqual([reason, ['a']]);
    },
  );

  test('leaves a failure that has come meanwhile', async () => {
    const world = new World(act('a') + act('b'), { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 });
    const end = await world.finish({
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'task.intended')) command(HOLD);
        if (events.some(({ type }) => type === 'task.ended')) command(GO_ON);
      },
    });
    expect([end.held?.reason, types(world).includes('run.going-on')]).toEqual(['failed', false]);
  });

  test('is a Bug as an event where no operator holds', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    const done = await world.finish();
    expect(() => evolve(done, { type: 'run.going-on', by: 'alice' })).toThrow('no operator holds');
  });
});
