/** Gates fail closed: who passes which class, and what no option passes. */
import { describe, expect, test } from 'vitest';
import { approves } from '../../src/engine/approval.ts';
import { exitCodeOf, outcomes, World } from './world.ts';

const step = (more: string, what = 'command: { argv: [do, a] }, on-doubt: ask') =>
  `- { id: a, title: Load the dump, on: h1, ${what}${more} }\n`;
const irreversible = (more = '') => new World(step(`, risk: irreversible${more}`));

describe.each([
  // class, nobody, --yes, --yes=typed
  ['notice', true, true, true],
  ['confirm', false, true, true],
  ['typed', false, false, true],
  ['two-person', false, false, false],
] as const)('a question of class %s', (cls, nobody, yes, typed) => {
  test(`is passed ${nobody ? '' : 'not '}by nobody, ${yes ? '' : 'not '}by --yes, ${typed ? '' : 'not '}by --yes=typed`, async () => {
    for (const [option, passes] of [
      [false, nobody],
      [true, yes],
      ['typed', typed],
    ] as const) {
      const world = new World(step(`, confirm: { class: ${cls}, text: Sure? }`));
      const state = await world.finish({ yes: option });
      expect([exitCodeOf(state), world.acts()['h1']], String(option)).toEqual(passes ? [0, ['a']] : [3, []]);
      const asks = new World(
        `- { id: a, on: h1, confirm: { class: ${cls}, text: Sure?${cls === 'typed' ? ', typed: h1' : ''} } }\n${step('').replace('id: a', 'id: b')}`,
      );
      expect(exitCodeOf(await asks.finish({ yes: option })), String(option)).toBe(passes ? 0 : 3);
    }
  });
});

test('the ground of what a policy passes names the option', () => {
  const typed = { yes: true, typed: true } as const;
  expect(approves(typed, 'confirm')).toBe('--yes');
  expect(approves(typed, 'typed')).toBe('--yes=typed');
  expect(approves(typed, 'two-person')).toBeUndefined();
});

/** Asked, though nobody is there: without it a gate that is sure to come holds the run before anything is asked. */
const nobody = async () => undefined;

describe('a point of no return', () => {
  test('asks though its step does not, and wants the name of its host', async () => {
    const world = irreversible();
    const held = await world.finish({ yes: true, ask: nobody });
    expect([exitCodeOf(held), world.acts()['h1']]).toEqual([3, []]);
    expect(world.asked).toMatchObject([
      {
        purpose: 'approve',
        class: 'typed',
        typed: 'h1',
        text: 'Load the dump: a point of no return on h1; there is no way back by undo.',
        changes: [{ lines: [{ op: '+', text: 'do a' }] }],
      },
    ]);
    expect((await world.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test('is passed by --yes=typed, and the journal says so', async () => {
    const world = irreversible();
    expect((await world.finish({ yes: 'typed' })).done).toBe(true);
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'question.answered', answer: 'yes', ground: '--yes=typed' }),
    );
  });

  test.each([
    [', confirm: Sure?', { class: 'typed', typed: 'h1', text: 'Sure?' }],
    [', confirm: { class: notice, text: Sure? }', { class: 'typed', typed: 'h1' }],
    [', confirm: { class: typed, text: Sure?, typed: gone }', { class: 'typed', typed: 'gone' }],
    [', confirm: { class: two-person, text: Sure? }', { class: 'two-person' }],
  ])('with%s asks no milder than that', async (confirm, wanted) => {
    const world = irreversible(confirm);
    expect(exitCodeOf(await world.finish({ yes: true, ask: nobody }))).toBe(3);
    expect(world.asked).toMatchObject([wanted]);
    expect(world.acts()['h1']).toEqual([]);
  });

  test('for two persons is not passed by --yes=typed', async () => {
    const world = irreversible(', confirm: { class: two-person, text: Sure? }');
    expect(exitCodeOf(await world.finish({ yes: 'typed' }))).toBe(3);
    expect(world.acts()['h1']).toEqual([]);
  });

  test('asks nothing where nothing would change', async () => {
    const world = irreversible(', check: { command: { argv: [has, a] } }');
    world.host('h1').facts.add('a');
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'unchanged' });
    expect(world.asked).toEqual([]);
  });

  test('asks again before each retry: what failed has not been allowed for ever', async () => {
    const world = irreversible(', repeat: safe, retry: { times: 1, delay: 1s }');
    world.host('h1').next('do a', { code: 1 });
    expect((await world.finish({ person: () => ({ answer: 'yes' }) })).done).toBe(true);
    expect(world.asked.map(({ class: cls }) => cls)).toEqual(['typed', 'typed']);
  });

  test('that only reads is none', async () => {
    const world = new World(
      step(', risk: irreversible', 'read.command: { argv: [say, x] }').replace(', on-doubt: ask', ''),
    );
    expect((await world.finish()).done).toBe(true);
  });
});

describe('what no option passes', () => {
  const failed = async (more: string) => {
    const world = new World(step(more));
    world.host('h1').next('do a', { code: 1 });
    const first = await world.finish({ person: () => ({ answer: 'yes' }) });
    expect(outcomes(first)).toEqual({ 'a@h1': 'failed' });
    world.asked.length = 0;
    return world;
  };

  test.each([true, 'typed'] as const)('is a doubt, with %j', async (yes) => {
    const world = new World(step(', repeat: once'));
    world.host('h1').next('do a', { drop: 'vanished' });
    expect(exitCodeOf(await world.finish({ yes }))).toBe(4);
    expect(exitCodeOf(await world.finish({ yes }))).toBe(4);
    expect(world.asked).toMatchObject([{ purpose: 'doubt' }, { purpose: 'doubt' }]);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test.each([true, 'typed'] as const)('is running again what may run once only, with %j', async (yes) => {
    const world = await failed(', repeat: once');
    expect(exitCodeOf(await world.finish({ yes }))).toBe(3);
    expect(world.asked).toMatchObject([{ purpose: 'repeat', class: 'typed', typed: 'h1' }]);
    expect(world.acts()['h1']).toEqual(['a']);
  });

  test.each([
    [', repeat: costly, risk: irreversible', 'typed'],
    [', repeat: costly, confirm: { class: typed, text: Sure? }', 'typed'],
    [', repeat: costly, confirm: { class: two-person, text: Sure? }', 'two-person'],
    [', repeat: once, confirm: { class: two-person, text: Sure? }', 'two-person'],
  ])('is running again what failed behind a grave question:%s', async (more, cls) => {
    const world = await failed(more);
    expect(exitCodeOf(await world.finish({ yes: 'typed', ask: nobody }))).toBe(3);
    expect(world.asked).toMatchObject([{ purpose: 'repeat', class: cls }]);
    expect(world.acts()['h1']).toEqual(['a']);
  });
});
