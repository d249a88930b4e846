/** What cannot be observed is never a yes, never a breach by itself, and not waited for without end. */
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/transport/fake-host.ts';
import { exitCodeOf, World } from './world.ts';

const ACT = '- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n';
const worldOf = (probe: string, keys = '', steps = ACT) =>
  new World(steps, { head: `invariants: [{ id: up, on: [h2, h3], probe: ${probe}${keys} }]\n` });
const UP = '{ command: { argv: [has, up] } }';
const told = (world: World) =>
  world.events.filter((event) => event.type === 'invariant.broke' || event.type === 'invariant.unseen');
const begun = (world: World) => world.events.some(({ type }) => type === 'task.intended');

/** A run whose task goes on until it is let go, under an invariant that holds. */
async function underWay(probe: string, keys = '') {
  const world = worldOf(probe, keys);
  for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
  let end: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  const began = new Promise<void>((resolve) => {
    world.host('h1').next('do a', { until, effect: () => resolve() });
  });
  const running = world.finish();
  await began;
  return { world, end, running };
}

describe('while a task is under way, a host that cannot be asked', () => {
  test('holds the run after three intervals, with the cause and the task', async () => {
    const { world, end, running } = await underWay(UP);
    world.away.add('h2');
    await world.clock.pass(39_000);
    expect(told(world)).toEqual([]);
    await world.clock.pass(1_000);
    expect(told(world)).toMatchObject([
      {
        type: 'invariant.unseen',
        invariant: 'up',
        text: 'it cannot be told for 30s whether invariant up holds: h2: it is away',
        hosts: ['h2'],
        during: ['a@h1'],
      },
    ]);
    end();
    const state = await running;
    expect([exitCodeOf(state), state.held?.reason]).toEqual([8, 'invariant']);
  });

  test('may come back before that, and then nothing is said', async () => {
    const { world, end, running } = await underWay(UP);
    world.away.add('h2');
    await world.clock.pass(35_000);
    world.away.delete('h2');
    await world.clock.pass(20_000);
    world.away.add('h2');
    await world.clock.pass(25_000);
    world.away.delete('h2');
    end();
    expect([(await running).done, told(world)]).toEqual([true, []]);
  });

  test('is no excuse for another that says no', async () => {
    const { world, end, running } = await underWay(UP);
    world.away.add('h2');
    world.host('h3').facts.delete('up');
    await world.clock.pass(10_000);
    expect(told(world)).toMatchObject([{ type: 'invariant.broke', hosts: ['h3'] }]);
    end();
    await running;
  });

  test('is not missed where another one says yes and one is enough', async () => {
    const { world, end, running } = await underWay(UP, ', need: any');
    world.away.add('h2');
    await world.clock.pass(120_000);
    end();
    expect([(await running).done, told(world)]).toEqual([true, []]);
  });

  test('has as long as the grace, if that is longer', async () => {
    const { world, end, running } = await underWay(UP, ', grace: 2m');
    world.away.add('h2');
    await world.clock.pass(129_000);
    expect(told(world)).toEqual([]);
    await world.clock.pass(1_000);
    expect(told(world)).toMatchObject([{ text: expect.stringContaining('cannot be told for 2m') }]);
    end();
    await running;
  });
});

describe('before a change, what is unknown', () => {
  const TWO = `${ACT}- { id: b, on: h1, command: { argv: [do, b] }, on-doubt: ask }\n`;

  test('is waited for, and the change is made once it is known to hold', async () => {
    const world = worldOf(UP, '', TWO);
    for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
    world.host('h1').next('do a', { effect: () => void world.away.add('h2') });
    const running = world.finish();
    await world.clock.pass(20_000);
    expect(world.acts()['h1']).toEqual(['a']);
    world.away.delete('h2');
    await world.clock.pass(2_000);
    expect([(await running).done, world.acts()['h1'], told(world)]).toEqual([true, ['a', 'b'], []]);
  });

  test('holds the run when it stays so, and the change is never begun', async () => {
    const world = worldOf(UP, '', TWO);
    for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
    world.host('h1').next('do a', { effect: () => void world.away.add('h2') });
    const running = world.finish();
    await world.clock.pass(31_000);
    const state = await running;
    expect([exitCodeOf(state), world.acts()['h1']]).toEqual([8, ['a']]);
    expect(told(world)).toMatchObject([{ type: 'invariant.unseen', during: [] }]);
  });

  test('does not keep an operator waiting who has asked to hold', async () => {
    const world = worldOf(UP, '', TWO);
    for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
    world.host('h1').next('do a', { effect: () => void world.away.add('h2') });
    const running = world.finish({
      recorded: (events, command) => {
        if (events.some(({ type }) => type === 'task.ended'))
          command({ type: 'hold', reason: 'operator', text: 'held by SIGINT' });
      },
    });
    await world.clock.pass(2_000);
    expect(exitCodeOf(await running)).toBe(130);
  });
});

describe('a probe that could not do its work has said neither yes nor no:', () => {
  const killed: Reply = { exit: { kind: 'killed', signal: 'SIGKILL' } };
  const overdue: Reply = { exit: { kind: 'timed-out', afterMs: 60_000 } };
  test.each<[string, Reply, RegExp]>([
    ['a command that was killed', killed, /^it cannot be told whether .*h2: has up was killed by SIGKILL/],
    ['one over its time', overdue, /^it cannot be told whether .*h2: has up /],
    ['one that is not there', { code: 127, stderr: 'has: not found' }, /^it cannot be told .*has: not found/],
    ['one that may not be run', { code: 126 }, /^it cannot be told whether .*exited 126/],
    ['one whose host was away', { unreachable: true }, /^it cannot be told whether .*h2 is not reachable/],
  ])('%s', async (_, reply, text) => {
    const world = worldOf(UP);
    world.host('h3').facts.add('up');
    world.host('h2').next('has up', reply);
    const state = await world.finish();
    expect([exitCodeOf(state), begun(world)]).toEqual([8, false]);
    expect(state.held?.text).toMatch(text);
  });

  test('an expression that goes wrong', async () => {
    const world = worldOf('{ command: { argv: [say, x] }, until: "number(result.stdout) == 1" }');
    const state = await world.finish();
    expect([exitCodeOf(state), state.held?.text]).toEqual([
      8,
      expect.stringMatching(/^it cannot be told whether .*h2: \$\{\{ number\(result\.stdout\) == 1 \}\}: /),
    ]);
  });

  test('a port behind a link that is cut, where a port that is closed is a no', async () => {
    const world = worldOf('{ wait.port: { port: 389 } }');
    let open = false;
    for (const name of ['h2', 'h3'])
      world.fake.host(name).onForward = () => {
        if (!open) throw new Error('Connection refused');
        return new Duplex({ read: () => undefined });
      };
    const closed = await world.finish();
    expect(closed.held?.text).toMatch(/^invariant up does not hold: h2: no connection to 127\.0\.0\.1:389/);
    world.away.add('h2').add('h3');
    const cut = await world.finish();
    expect(cut.held?.text).toMatch(/^it cannot be told whether invariant up holds: h2: it is away/);
    world.away.clear();
    open = true;
    expect((await world.finish()).done).toBe(true);
  });
});

describe('a look that hangs', () => {
  const hanging: Reply = { until: new Promise(() => undefined) };

  test('is unknown after three intervals, and holds the run before anything is begun', async () => {
    const world = worldOf(UP);
    world.host('h3').facts.add('up');
    world.host('h2').next('has up', hanging);
    const running = world.finish();
    await world.clock.pass(29_999);
    expect(told(world)).toEqual([]);
    await world.clock.pass(1);
    const state = await running;
    expect([exitCodeOf(state), begun(world)]).toEqual([8, false]);
    expect(state.held?.text).toBe('it cannot be told whether invariant up holds: h2: no answer within 30 s');
  });

  test('is not doubled: one at a time goes to each host', async () => {
    const { world, end, running } = await underWay(UP);
    const looks = () => world.fake.host('h2').calls.filter(({ kind }) => kind === 'probe').length;
    const before = looks();
    world.host('h2').next('has up', hanging);
    await world.clock.pass(300_000);
    expect(looks() - before).toBe(1);
    expect(told(world)).toMatchObject([{ type: 'invariant.unseen', hosts: ['h2'] }]);
    end();
    expect(exitCodeOf(await running)).toBe(8);
  });
});

test('what a probe says of a secret is told without it', async () => {
  const world = new World(ACT, {
    head:
      'secrets: { pw: { from: ["env:PW"] } }\n' +
      'invariants: [{ id: up, on: h2, probe: { read.command: { argv: [check], stdin: "${{ secrets.pw }}" } } }]\n',
  });
  world.host('h2').next('check', { code: 1, stderr: 'clear-pw is wrong' });
  const state = await world.finish();
  expect(state.held?.text).toContain('[pw] is wrong');
  expect(JSON.stringify(world.events)).not.toContain('clear-pw');
});
