import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ChangeAction } from '../../src/engine/action.ts';
import { exitCodeOf, outcomes, World, why } from './world.ts';

const confirmed = (confirm: string, more = '') =>
  `- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask, confirm: ${confirm}${more} }\n`;

describe('a question before a change', () => {
  test('shows what would be done, and a yes does exactly that', async () => {
    const world = new World(confirmed('"Reads on ${{ host.name }} stop."'));
    const state = await world.finish({ person: () => ({ answer: 'yes' }) });
    expect(world.asked).toMatchObject([
      {
        task: 'a@h1',
        purpose: 'approve',
        class: 'confirm',
        text: 'Reads on h1 stop.',
        changes: [{ lines: [{ op: '+', text: 'do a' }] }],
      },
    ]);
    expect(outcomes(state)).toEqual({ 'a@h1': 'changed' });
    expect(world.asked).toHaveLength(1);
  });

  test('answered no changes nothing and holds with code 3; a resume asks again', async () => {
    const world = new World(confirmed('Sure?'));
    const held = await world.finish({ person: () => ({ answer: 'no' }) });
    expect([exitCodeOf(held), held.held?.text]).toEqual([3, 'a@h1: alice said no']);
    expect(world.acts()['h1']).toEqual([]);
    const state = await world.finish({ person: () => ({ answer: 'yes' }) });
    expect([state.done, world.asked.length]).toEqual([true, 2]);
  });

  test('with nobody there holds with code 3', async () => {
    const world = new World(confirmed('Sure?'));
    const held = await world.finish();
    expect([exitCodeOf(held), held.held?.reason]).toEqual([3, 'question']);
    expect(held.held?.text).toBe(
      'a@h1 would ask (confirm), and nobody is there to answer, so nothing was begun: Sure?',
    );
    expect(world.acts()['h1']).toEqual([]);
  });

  test('that is certain to come holds before the first change, with nobody there', async () => {
    const world = new World(
      `- { id: first, on: h2, command: { argv: [do, first] }, on-doubt: ask, touches: [host] }\n${confirmed('Sure?')}`,
    );
    const held = await world.finish();
    expect(exitCodeOf(held)).toBe(3);
    expect(world.acts()).toEqual({ h1: [], h2: [], h3: [] });
    const passed = await world.finish({ yes: true });
    expect([passed.done, world.acts()['h2']]).toEqual([true, ['first']]);
  });

  test('that is not certain to come lets what comes before it be done, and holds there', async () => {
    const world = new World(
      `- { id: first, on: h2, command: { argv: [do, first] }, on-doubt: ask }
- { id: a, on: h1, confirm: "Sure?", command: { argv: [do, a] }, check: { command: { argv: [has, a] } } }\n`,
    );
    const held = await world.finish();
    expect([exitCodeOf(held), held.held?.text]).toEqual([
      3,
      'a@h1 asks, and nobody is there to answer: Sure?',
    ]);
    expect(world.acts()).toMatchObject({ h1: [], h2: ['first'] });
  });

  test('is skipped with a reason, which the journal keeps', async () => {
    const world = new World(confirmed('Sure?'));
    const state = await world.finish({ person: () => ({ answer: 'skip', because: 'done by hand' }) });
    expect([state.done, outcomes(state), why(state, 'a@h1')]).toEqual([
      true,
      { 'a@h1': 'skipped' },
      'done by hand',
    ]);
    expect(world.events).toContainEqual(
      expect.objectContaining({
        type: 'question.answered',
        answer: 'skip',
        by: 'alice',
        because: 'done by hand',
      }),
    );
  });

  test('of class confirm is passed by --yes, and the journal says on what ground', async () => {
    const world = new World(confirmed('Sure?'));
    expect((await world.finish({ yes: true })).done).toBe(true);
    expect(world.asked).toEqual([]);
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'question.answered', ground: '--yes' }),
    );
  });

  test.each(['typed', 'two-person'])('of class %s is never passed by --yes', async (cls) => {
    const world = new World(confirmed(`{ class: ${cls}, text: Sure?, typed: h1 }`));
    expect(exitCodeOf(await world.finish({ yes: true }))).toBe(3);
    expect(world.acts()['h1']).toEqual([]);
  });

  test('of class typed names the host unless the runbook says what to type', async () => {
    const world = new World(
      `${confirmed('{ class: typed, text: Sure? }')}${confirmed('{ class: typed, text: Sure?, typed: yes-really }').replace('id: a', 'id: b')}`,
    );
    await world.finish({ person: () => ({ answer: 'yes' }) });
    expect(world.asked.map(({ typed }) => typed)).toEqual(['h1', 'yes-really']);
  });

  test('is not asked where there is nothing to do', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [has, a] } }, confirm: Sure? }\n`,
    );
    world.host('h1').facts.add('a');
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'unchanged' });
  });

  test('comes again when what would be done is no longer what was approved', async () => {
    const world = new World(
      `- { id: a, on: h1, service: { name: slapd, state: stopped }, confirm: Sure? }\n`,
      {
        actions: { service: drifting() },
      },
    );
    const state = await world.finish({ person: () => ({ answer: 'yes' }) });
    expect(world.asked.map(({ changes, was }) => [was?.[0]?.what, changes[0]?.what])).toEqual([
      [undefined, 'first'],
      ['first', 'second'],
    ]);
    expect(state.done).toBe(true);
  });
});

describe('a step that asks', () => {
  test('is a question to one person, once, and goes on after a yes', async () => {
    const world = new World(
      `- { id: ready, confirm: { text: Told the users? } }\n- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n`,
    );
    const state = await world.finish({ person: () => ({ answer: 'yes' }) });
    expect(outcomes(state)).toEqual({ 'ready@h1': 'unchanged', 'a@h1': 'changed' });
    expect(world.asked).toHaveLength(1);
  });

  test('of class notice goes on by itself', async () => {
    const world = new World(`- { id: ready, confirm: { text: It begins., class: notice } }\n`);
    expect((await world.finish()).done).toBe(true);
  });

  test('for work by hand is checked by its verify when it is said to be done', async () => {
    const steps = `- { id: cable, on: h1, manual: { instructions: Plug it in. }, verify: { command: { argv: [has, cable] } } }\n`;
    const lazy = new World(steps);
    const state = await lazy.finish({ person: () => ({ answer: 'yes' }) });
    expect(outcomes(state)).toEqual({ 'cable@h1': 'failed' });
    expect(why(state, 'cable@h1')).toContain('verify does not hold: has cable exited 1');

    const done = new World(steps);
    done.host('h1').facts.add('cable');
    expect((await done.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
  });

  test('asks nothing any more once the run is stopping', async () => {
    const world = new World(`- { id: ready, on: all, confirm: { text: Told the users? } }\n`);
    const state = await world.finish({
      person: () => ({ answer: 'yes' }),
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'step.began'))
          command({ type: 'hold', reason: 'operator', text: 'held by SIGINT' });
      },
    });
    expect([exitCodeOf(state), world.asked.length]).toEqual([130, 0]);
  });
});

/** What it would do is one thing at the first look, another from the second on. */
function drifting(): ChangeAction<unknown, string> {
  let looks = 0;
  let written = false;
  return {
    kind: 'change',
    proof: 'readback',
    name: 'service',
    about: 'Drifts.',
    params: z.any(),
    read: async () => (++looks === 1 ? 'first' : 'second'),
    diff: (_params, what) => (written ? [] : [{ what, lines: [], data: null }]),
    write: async () => {
      written = true;
      return {};
    },
  };
}
