/** What a plan says of each task, and how it knows. */
import { describe, expect, test } from 'vitest';
import type { Forecast } from '../../src/engine/forecast/forecast.ts';
import { outcomes, World } from './world.ts';

const ask = 'on-doubt: ask';
const act = (id: string, on: string, more = '') =>
  `- { id: ${id}, on: ${on}, command: { argv: [do, ${id}] }, check: { command: { argv: [has, ${id}] } }${more} }\n`;

/** Task → verdict, or for the unknown what it would be as things stand. */
function verdicts({ tasks }: Forecast): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tasks.map((one) => [
      one.task,
      one.verdict === 'unknown' ? `unknown (${one.standing?.verdict ?? 'no idea'})` : one.verdict,
    ]),
  );
}

function reason({ tasks }: Forecast, task: string): string {
  const found = tasks.find((one) => one.task === task);
  return found && 'why' in found ? found.why : '';
}

test('a plan does nothing: no act, no token, no lease', async () => {
  const world = new World(act('a', 'all') + act('b', 'h1'));
  await world.forecast();
  expect(world.acts()).toEqual({ h1: [], h2: [], h3: [] });
});

test('what is done is unchanged, what is not would change with its diff', async () => {
  const world = new World(act('a', 'all', ', touches: [host]'));
  world.host('h2').facts.add('a');
  const forecast = await world.forecast();
  expect(verdicts(forecast)).toEqual({ 'a@h1': 'would change', 'a@h2': 'unchanged', 'a@h3': 'would change' });
  expect(forecast.tasks[0]).toMatchObject({
    basis: 'observed',
    changes: [{ what: expect.stringContaining('do'), lines: [{ op: '+', text: 'do a' }] }],
  });
});

describe('what an earlier task may change', () => {
  test('is not taken for certain: it is told as things stand', async () => {
    const world = new World(act('a', 'h1') + act('b', 'h2'));
    world.host('h2').facts.add('b');
    const forecast = await world.forecast();
    expect(verdicts(forecast)).toEqual({ 'a@h1': 'would change', 'b@h2': 'unknown (unchanged)' });
    expect(reason(forecast, 'b@h2')).toBe('01 a@h1 comes first, and may change what was read here');
  });

  test('is certain where the step says that its effect is seen on its own host only', async () => {
    const world = new World(act('a', 'h1', ', touches: [host]') + act('b', 'h2') + act('c', 'h1'));
    expect(verdicts(await world.forecast())).toEqual({
      'a@h1': 'would change',
      'b@h2': 'would change',
      'c@h1': 'unknown (would change)',
    });
  });

  test('spreads: a task that is done now, and may then have to be done again, may change what comes after it', async () => {
    const world = new World(
      `- { id: one, on: h1, command: { argv: [drop, a] }, ${ask}, touches: [host] }
- { id: two, on: h1, command: { argv: [spread, b] }, check: { command: { argv: [has, a] } } }
- { id: three, on: h2, command: { argv: [do, b] }, check: { command: { argv: [has, b] } } }\n`,
    );
    world.host('h1').facts.add('a');
    expect(verdicts(await world.forecast())).toEqual({
      'one@h1': 'would change',
      'two@h1': 'unknown (unchanged)',
      'three@h2': 'unknown (would change)',
    });
    expect(outcomes(await world.finish({ yes: true }))).toMatchObject({ 'three@h2': 'unchanged' });
  });

  test('is certain where nothing had to be changed', async () => {
    const world = new World(act('a', 'h1') + act('b', 'h2'));
    world.host('h1').facts.add('a');
    expect(verdicts(await world.forecast())).toEqual({ 'a@h1': 'unchanged', 'b@h2': 'would change' });
  });
});

describe('a value that is not there yet', () => {
  const steps = `${act('a', 'h1', ', touches: [nothing], capture: { out: "${{ result.stdout }}" }')}
- { id: b, on: h1, when: "\${{ captured.out == '' }}", command: { argv: [do, b] }, ${ask} }
- { id: c, on: h1, for-each: "\${{ lines(captured.out) }}", command: { argv: [do, "\${{ item }}"] }, ${ask} }
- { id: d, on: h1, command: { argv: [do, "\${{ captured.out }}"] }, ${ask} }
`;

  test('makes unknown what uses it: when, for-each and parameters, and takes no branch', async () => {
    const world = new World(steps);
    const forecast = await world.forecast();
    expect(verdicts(forecast)).toEqual({
      'a@h1': 'would change',
      'b@h1': 'unknown (no idea)',
      'c@h1': 'unknown (no idea)',
      'd@h1': 'unknown (no idea)',
    });
    for (const task of ['b@h1', 'c@h1', 'd@h1'])
      expect(reason(forecast, task)).toContain('captured.out of a@h1, which is to run first');
  });

  test('spreads from host to host', async () => {
    const world = new World(
      `${act('a', 'h1', ', touches: [nothing], capture: { out: "${{ result.stdout }}" }')}
- { id: e, on: h2, command: { argv: [do, "\${{ at(inventory.hosts[0]).out }}"] }, ${ask} }\n`,
    );
    expect(reason(await world.forecast(), 'e@h2')).toContain('captured.out of a@h1');
  });
});

test('a question would ask; a confirmation is told with its change', async () => {
  const world = new World(
    `- { id: sure, on: h1, confirm: "Is all well?" }\n${act('a', 'h1', ', confirm: "Do a?"')}`,
  );
  const forecast = await world.forecast();
  expect(forecast.tasks).toMatchObject([
    { verdict: 'would ask', asks: { class: 'confirm', text: 'Is all well?' } },
    { verdict: 'would change', asks: { class: 'confirm', text: 'Do a?' } },
  ]);
});

test('a gate that fails at its one look would fail; one that would be waited for is unknown', async () => {
  const world = new World(
    `- { id: now, on: h1, read.command: { argv: [has, a] }, capture: { c: "\${{ result.code }}" }, hint: Look at a }
- { id: soon, on: h1, wait.command: { argv: [has, a], within: 5m } }
- { id: uses, on: h1, command: { argv: [do, "\${{ string(captured.c) }}"] }, ${ask} }\n`,
  );
  const forecast = await world.forecast();
  expect(verdicts(forecast)).toEqual({
    'now@h1': 'would fail',
    'soon@h1': 'unknown (no idea)',
    'uses@h1': 'unknown (no idea)',
  });
  expect(forecast.tasks[0]).toMatchObject({ next: 'Look at a' });
  expect(reason(forecast, 'soon@h1')).toContain('would wait for it');
});

describe('a probe that cannot run is unknown with its reason, never an empty text that compares as 0', () => {
  const reading = (until: string) =>
    `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [cat, /secret] }, until: '\${{ ${until} }}' } }\n`;

  test.each([['result.stdout == ""'], ['size(lines(result.stdout)) == 0'], ['trim(result.stdout) != "1"']])(
    '%s',
    async (until) => {
      const world = new World(reading(until));
      world.host('h1').next('cat /secret', ...Array(9).fill({ code: 1, stderr: 'Permission denied' }));
      const forecast = await world.forecast();
      expect(verdicts(forecast)).toEqual({ 'a@h1': 'unknown (no idea)' });
      expect(reason(forecast, 'a@h1')).toContain('Permission denied');
      const state = await world.finish({ yes: true });
      expect(outcomes(state)).toEqual({ 'a@h1': 'failed' });
      expect(world.acts()['h1']).toEqual([]);
    },
  );

  test('unless the step asks for the exit code itself', async () => {
    const world = new World(reading('result.code == 1'));
    world.host('h1').next('cat /secret', { code: 1, stderr: 'Permission denied' });
    expect(verdicts(await world.forecast())).toEqual({ 'a@h1': 'unchanged' });
  });

  test.each([
    ['is not there', 127],
    ['may not be run', 126],
  ])('a program that %s', async (_what, code) => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [/opt/probe] } } }\n`,
    );
    world.host('h1').next('/opt/probe', { code, stderr: 'no' });
    expect(verdicts(await world.forecast())).toEqual({ 'a@h1': 'unknown (no idea)' });
  });

  test('and what it should have captured is unknown as well', async () => {
    const world = new World(
      `- { id: read, on: h1, wait.command: { argv: [cat, /secret], within: 0s }, capture: { n: "\${{ size(lines(result.stdout)) }}" } }
- { id: a, on: h1, when: "\${{ captured.n == 0 }}", command: { argv: [do, a] }, ${ask} }\n`,
    );
    world.host('h1').next('cat /secret', { code: 1, stderr: 'Permission denied' });
    const forecast = await world.forecast();
    expect(verdicts(forecast)).toMatchObject({ 'a@h1': 'unknown (no idea)' });
    expect(reason(forecast, 'read@h1')).toContain('Permission denied');
    expect(reason(forecast, 'a@h1')).toContain('captured.n of read@h1, which would fail');
  });
});

test('a host that is away makes its tasks unknown, and is asked once', async () => {
  const world = new World(act('a', 'all', ', touches: [host]') + act('b', 'all', ', touches: [host]'));
  world.away.add('h2');
  const forecast = await world.forecast();
  expect(verdicts(forecast)).toMatchObject({ 'a@h1': 'would change', 'a@h2': 'unknown (no idea)' });
  expect(forecast.hosts['h2']).toMatchObject({ unreachable: expect.any(String) });
  expect(Object.keys(forecast.hosts)).toEqual(expect.arrayContaining(['h1', 'h2', 'h3']));
});

test('offline contacts nobody, and says so of each task', async () => {
  const world = new World(
    `${act('a', 'all')}- { id: sure, on: h1, confirm: "Is all well?" }\n- { id: off, on: h1, when: "\${{ host.name == 'h9' }}", command: { argv: [do, x] }, ${ask} }\n`,
  );
  world.away.add('h1').add('h2').add('h3');
  const forecast = await world.forecast(true);
  expect(forecast.hosts).toEqual({});
  expect(verdicts(forecast)).toMatchObject({
    'a@h1': 'unknown (no idea)',
    'sure@h1': 'would ask',
    'off@h1': 'skipped',
  });
  expect(reason(forecast, 'a@h1')).toBe('no host was contacted (--offline)');
});

test('of a run that is held, only what is left is looked at, with what it has captured', async () => {
  const world = new World(
    `- { id: read, on: h1, read.command: { argv: [say, x] }, capture: { word: "\${{ trim(result.stdout) }}" } }
- { id: a, on: h1, command: { argv: [do, a] }, verify: { command: { argv: [has, b] } } }
- { id: c, on: h1, touches: [host], command: { argv: [do, "\${{ captured.word }}"] }, ${ask} }\n`,
  );
  const held = await world.finish();
  expect(outcomes(held)).toMatchObject({ 'a@h1': 'failed' });
  // It may have taken effect all the same: now its verify holds.
  world.host('h1').facts.add('b');
  const forecast = await world.forecast(false, held);
  expect(verdicts(forecast)).toEqual({ 'c@h1': 'would change' });
});

test('tells of each invariant whether it holds now, or why nobody can tell', async () => {
  const head = `invariants:
- { id: any, on: all, need: any, probe: { command: { argv: [has, up] } } }
- { id: each, on: all, need: all, probe: { command: { argv: [has, up] } } }
- { id: blind, on: h1, need: all, probe: { command: { argv: [/opt/gone] } } }
`;
  const world = new World(act('a', 'h1'), { head });
  world.host('h2').facts.add('up');
  world.host('h1').next('/opt/gone', { code: 127 });
  expect((await world.forecast()).invariants).toMatchObject([
    { id: 'any', says: 'holds' },
    { id: 'each', says: 'broken', why: expect.stringContaining('h1') },
    { id: 'blind', says: 'unknown', why: expect.stringContaining('127') },
  ]);
  expect((await world.forecast(true)).invariants.map(({ says }) => says)).toEqual([
    'unknown',
    'unknown',
    'unknown',
  ]);
});
