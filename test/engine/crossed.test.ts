import { describe, expect, test } from 'vitest';
import { crossed } from '../../src/engine/crossed.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { summarize } from '../../src/reporters/summary.ts';
import { fold, World } from './world.ts';

const act = (id: string, more = '') =>
  `- { id: ${id}, on: h1, command: { argv: [do, ${id}] }, repeat: safe, on-doubt: ask${more} }\n`;
const story = (more = '') =>
  new World(act('before') + act('load', `, risk: irreversible${more}`) + act('after'));

describe('the point of no return', () => {
  test('is not crossed before its task has begun, and not by tasks of other steps', async () => {
    const held = await story().finish();
    expect(held.held?.text).toContain('load@h1 would ask (typed)');
    expect(crossed(held)).toBeUndefined();
    const plain = new World(act('a') + act('b'));
    plain.host('h1').next('do b', { code: 1 });
    expect(crossed(await plain.finish())).toBeUndefined();
  });

  test('is crossed once its task is done, whatever comes after', async () => {
    const world = story();
    world.host('h1').next('do after', { code: 1 });
    expect(crossed(await world.finish({ yes: 'typed' }))).toEqual({ task: 'load@h1', surely: true });
  });

  test('is crossed where its task failed half-way', async () => {
    const world = story();
    world.host('h1').next('do load', { code: 1 });
    expect(crossed(await world.finish({ yes: 'typed' }))).toEqual({ task: 'load@h1', surely: true });
  });

  test('is told at every moment from the write to the end as at least perhaps crossed', async () => {
    const world = story();
    await world.finish({ yes: 'typed' });
    const from = world.events.findIndex(
      (event) => event.type === 'task.intended' && event.task === 'load@h1',
    );
    const seen = world.events.map((_, index) => {
      const state = fold(world.events.slice(0, index + 1));
      const crossing = state && crossed(state);
      return crossing ? (crossing.surely ? 'surely' : 'perhaps') : 'no';
    });
    expect(from).toBeGreaterThan(0);
    expect(new Set(seen.slice(0, from))).toEqual(new Set(['no']));
    expect(seen[from]).toBe('perhaps');
    expect(new Set(seen.slice(from + 1))).toEqual(new Set(['surely']));
  });

  test('may be crossed while its task is in doubt, and is not taken for crossed once a person has said that it is not', async () => {
    const world = new World(act('load', ', risk: irreversible').replace('repeat: safe', 'repeat: once'));
    world.host('h1').next('do load', { drop: 'vanished' });
    const doubt = await world.finish({ yes: 'typed' });
    expect(crossed(doubt)).toEqual({ task: 'load@h1', surely: false });
    const settled = evolve(doubt, {
      type: 'task.settled',
      task: 'load@h1',
      attempt: 1,
      verdict: 'not-applied',
      ground: 'person',
      why: 'bob: looked',
    });
    expect(crossed(settled)).toEqual({ task: 'load@h1', surely: false });
  });
});

describe('the summary of a held run', () => {
  const lines = async (world: World) =>
    summarize(await world.finish({ yes: 'typed' }), '/runs/x', styleFor({}, false)).join('\n');

  test('says behind the point of no return that the way is forward, and what an undo can still do', async () => {
    const world = story();
    world.host('h1').next('do after', { code: 1 });
    expect(await lines(world)).toContain(
      [
        'the point of no return is crossed (load@h1): the way is forward, not back',
        'go on with: lockstep resume 20261122-015312-7f3a',
        'lockstep undo 20261122-015312-7f3a does not lead back behind it: it takes back what came after, and what else can be',
      ].join('\n'),
    );
  });

  test('says nothing of it before, nor in a run that is done', async () => {
    const world = story();
    world.host('h1').next('do before', { code: 1 }).next('do before', { code: 1 });
    expect(await lines(world)).not.toContain('point of no return');
    expect(await lines(story())).not.toContain('point of no return');
  });
});
