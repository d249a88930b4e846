import { describe, expect, test } from 'vitest';
import { inputDrift, inventoryDrift } from '../../src/plan/drift.ts';
import { repinProblems } from '../../src/plan/repin.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { inventoryOf, planOf, RUN, World } from '../engine/world.ts';

const kept = inventoryOf(['h1', 'h2']);
const withHost = (name: string, more: object) => ({
  ...kept,
  hosts: { ...kept.hosts, [name]: { ...kept.hosts[name], ...more } as never },
});
const names = (drifts: readonly { name: string }[]) => drifts.map(({ name }) => name);

describe('the inventory of a run', () => {
  test('is the same though its hosts stand in another order and a secret has another value', () => {
    const access = (value: string) => ({ access: { password: new Secret('login', value) } });
    const [a, b] = [withHost('h1', access('old')), withHost('h1', access('new'))];
    const turned = { ...b, hosts: Object.fromEntries(Object.entries(b.hosts).reverse()) };
    expect(inventoryDrift(a, turned as never, ['h1', 'h2'])).toEqual([]);
  });

  test('tells each value of a host of the run that is another, key by key', () => {
    const live = withHost('h2', { address: '10.0.0.9', vars: { site: 'south' }, access: { user: 'root' } });
    expect(inventoryDrift(kept, live, ['h1', 'h2'])).toEqual([
      { name: 'inventory:h2.address', what: 'it was "h2", and is "10.0.0.9"' },
      { name: 'inventory:h2.vars.site', what: 'it was not set, and is "south"' },
      { name: 'inventory:h2.access.user', what: 'it was not set, and is "root"' },
    ]);
    expect(inventoryDrift(kept, live, ['h1'])).toEqual([]);
  });

  test('tells a host that is gone, and a variable of all', () => {
    const live = { ...inventoryOf(['h1']), vars: { site: 'south' } };
    expect(inventoryDrift(kept, live, ['h1', 'h2'])).toEqual([
      { name: 'inventory:h2', what: 'h2 is no longer in the inventory' },
      { name: 'inventory:vars.site', what: 'it was "north", and is "south"' },
    ]);
  });
});

describe('the inputs of a run', () => {
  const head = 'inputs: { pool: { type: hosts, default: all }, word: { type: string, default: hello } }\n';
  const { runbook } = planOf('- { id: a, on: all, command: { argv: [x] }, on-doubt: ask }\n', ['h1'], head);

  test('tell a default that would bind to something else today', () => {
    const drifts = inputDrift(
      runbook,
      { pool: 'h1,h2', word: 'hello' },
      {},
      inventoryOf(['h1', 'h2', 'h3']),
      RUN,
    );
    expect(drifts).toEqual([{ name: 'input:pool', what: 'it was "h1,h2", and would be "h1,h2,h3"' }]);
  });

  test('tell nothing of what was set, unless it can be bound no more', () => {
    const given = { pool: 'h1,h2' };
    expect(inputDrift(runbook, given, given, inventoryOf(['h1', 'h2', 'h3']), RUN)).toEqual([]);
    expect(names(inputDrift(runbook, given, given, inventoryOf(['h1']), RUN))).toEqual(['input:pool']);
  });
});

describe('another text for a run', () => {
  const step = (id: string, word: string, on = 'all') =>
    `- { id: ${id}, on: ${on}, repeat: safe, title: T ${word}, command: { argv: [do, ${word}] }, on-doubt: ask }\n`;
  const text = (a: string, b: string, c: string, on = 'all') =>
    step('a', a) + step('b', b, on) + step('c', c);

  /** Step a is done, b has failed on h1, c has not begun. */
  async function held() {
    const world = new World(text('a', 'b', 'c'), { hosts: ['h1', 'h2'] });
    world.host('h1').next('do b', { code: 1 });
    return { world, state: await world.finish() };
  }

  test.each([
    ['a failed step and those to come may be mended', text('a', 'better', 'other'), []],
    ['what is done may not', text('other', 'b', 'c'), ['step a is done, and what it does was edited']],
    [
      'nor the hosts of a step that has begun',
      text('a', 'b', 'c', 'h1'),
      ['step b has begun, and its hosts or its loop were edited'],
    ],
    [
      'nor its place',
      step('a', 'a') + step('new', 'x') + step('b', 'b'),
      ['step 2 has begun as b, and is new now'],
    ],
    ['titles may', text('a', 'b', 'c').replaceAll('title: T', 'title: Better'), []],
  ])('%s', async (_what, edited, problems) => {
    const { world, state } = await held();
    expect(repinProblems(world.plan, planOf(edited, ['h1', 'h2']), state)).toEqual(problems);
  });

  test('waits until what is in doubt is settled', async () => {
    const world = new World('- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n', {
      hosts: ['h1'],
    });
    world.host('h1').next('do a', { drop: 'vanished' });
    const state = await world.finish();
    expect(repinProblems(world.plan, world.plan, state)).toEqual([
      'a@h1 is not settled: resume with the pinned runbook first, or resolve it',
    ]);
  });
});
