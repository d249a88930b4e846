import { describe, expect, test } from 'vitest';
import { reveal } from '../../src/secrets/secret.ts';
import { outcomes, World, why } from './world.ts';

const ask = 'on-doubt: ask';
const later = (line: string) => `- { id: later, on: h1, command: { argv: [say, "${line}"] }, ${ask} }\n`;

describe('when', () => {
  test('that is false skips the task and says why', async () => {
    const world = new World(
      `- { id: a, on: all, when: "\${{ host.name == 'h2' }}", command: { argv: [do, a] }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'a@h1': 'skipped', 'a@h2': 'changed', 'a@h3': 'skipped' });
    expect(why(state, 'a@h1')).toBe("not needed here: host.name == 'h2'");
  });

  test('that is neither true nor false fails the task', async () => {
    const world = new World(
      `- { id: a, on: h1, for-each: [{ wanted: "no" }, { wanted: true }], when: "\${{ item.wanted }}", command: { argv: [do, a] }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'a[1]@h1': 'failed', 'a[2]@h1': 'waiting' });
    expect(why(state, 'a[1]@h1')).toBe('when: item.wanted is "no", not true or false');
  });

  test('that is not known fails the task: no branch is taken', async () => {
    const world = new World(
      `- { id: read, on: h1, read.command: { argv: [say, x] }, capture: { word: "\${{ result.stdout }}" } }
- { id: a, on: h2, when: "\${{ captured.word == 'x' }}", command: { argv: [do, a] }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(outcomes(state)).toMatchObject({ 'a@h2': 'failed' });
    expect(why(state, 'a@h2')).toContain('needs a value that is not known: captured.word on h2');
    expect(world.acts()['h2']).toEqual([]);
  });
});

describe('a check', () => {
  test('that asks for what is not known is not a no: nothing is done', async () => {
    const world = new World(
      `- { id: read, on: h1, read.command: { argv: [say, x] }, capture: { word: "\${{ result.stdout }}" } }
- { id: a, on: h2, command: { argv: [do, a] }, check: { command: { argv: [say, y] }, until: "\${{ result.stdout == captured.word }}" } }\n`,
    );
    const state = await world.finish();
    expect(outcomes(state)).toMatchObject({ 'a@h2': 'failed' });
    expect(why(state, 'a@h2')).toContain(
      'it cannot be told whether it is done already: unknown: captured.word on h2',
    );
    expect(world.acts()['h2']).toEqual([]);
  });

  test.each([
    ['was killed', { exit: { kind: 'killed', signal: 'SIGKILL' } }],
    ['ran out of time', { exit: { kind: 'timed-out', afterMs: 60_000 } }],
  ] as const)('that %s is not a no', async (_what, reply) => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [has, a] } } }\n`,
    );
    world.host('h1').next('has a', reply);
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'failed' });
    expect(world.acts()['h1']).toEqual([]);
  });

  test('that holds leaves the task unchanged', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [has, a] } } }\n`,
    );
    world.host('h1').facts.add('a');
    expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'unchanged' });
    expect(world.acts()['h1']).toEqual([]);
  });
});

describe('a verify', () => {
  test('that does not hold fails the task, with the hint', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, verify: { command: { argv: [has, b] } }, hint: "Look at \${{ host.name }}." }\n`,
    );
    const state = await world.finish();
    expect(why(state, 'a@h1')).toContain('done, but verify does not hold: has b exited 1');
    expect(world.events).toContainEqual(
      expect.objectContaining({ outcome: 'failed', why: expect.objectContaining({ next: 'Look at h1.' }) }),
    );
  });

  test('is looked at until it holds so many times in a row', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, verify: { command: { argv: [has, a] }, within: 1m, every: 5s, times: 3 } }\n`,
    );
    world.host('h1').next('has a', { code: 1 }, { code: 0 }, { code: 1 });
    const began = world.now;
    expect((await world.finish()).done).toBe(true);
    expect(world.now - began).toBe(5 * 5_000);
  });
});

describe('capture', () => {
  test('gives a value to later steps, and to other hosts by at()', async () => {
    const world = new World(
      `- { id: read, on: all, read.command: { argv: [say, "\${{ host.name }}"] }, capture: { name: "\${{ trim(result.stdout) }}" } }
- { id: tell, on: h2, command: { argv: [do, "\${{ captured.name }}-\${{ at(inventory.hosts[0]).name }}"] }, ${ask} }\n`,
    );
    expect((await world.finish()).done).toBe(true);
    expect(world.acts()['h2']).toEqual(['h2-h1']);
  });

  test('of a command sees its code, output and lines', async () => {
    const world = new World(
      `- { id: make, on: h1, command: { argv: [say, "7"], success: [0, 3] }, capture: { code: "\${{ result.code }}", lines: "\${{ result.lines }}" }, ${ask} }
${later('${{ captured.code }} ${{ join(captured.lines, `-`) }}'.replaceAll('`', "'"))}`,
    );
    world.host('h1').next('say 7', { code: 3, stdout: 'x\n\ny\n' });
    const state = await world.finish();
    expect(state.captured['h1']).toEqual({ code: 3, lines: ['x', '', 'y'] });
  });

  test('that goes wrong fails the task, though the journal says how the command ended', async () => {
    const world = new World(
      `- { id: make, on: h1, command: { argv: [say, x] }, capture: { third: "\${{ result.lines[2] }}" }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(outcomes(state)).toEqual({ 'make@h1': 'failed' });
    expect(world.events).toContainEqual(
      expect.objectContaining({
        type: 'task.wrote',
        exit: { kind: 'exited', code: 0 },
        failure: { what: expect.stringContaining('result.lines[2]') },
      }),
    );
  });

  test('never takes a secret', async () => {
    const world = new World(
      `- { id: a, on: h1, read.command: { argv: [say, x] }, capture: { pw: "\${{ [secrets.pw, secrets.pw] }}" } }\n`,
      { head: 'secrets: { pw: { from: ["env:PW"] } }\n' },
    );
    const state = await world.finish();
    expect(why(state, 'a@h1')).toBe('capture pw: it is a secret, which the journal would keep');
    expect(JSON.stringify(world.events)).not.toContain('clear-pw');
  });
});

test('a secret that each host has for itself reaches each host as its own', async () => {
  const world = new World(
    `- { id: a, on: all, repeat: once, on-doubt: ask, command: { argv: [do, x], stdin: "\${{ secrets.own }}" } }\n`,
    { head: 'secrets: { own: { from: ["host:cat /own"] } }\n' },
  );
  const got: Record<string, string> = {};
  for (const name of ['h1', 'h2'])
    world.host(name).next('do x', {
      effect: ({ stdin }) => {
        got[name] = reveal(stdin ?? '');
      },
    });
  expect(outcomes(await world.finish())).toMatchObject({ 'a@h1': 'changed', 'a@h2': 'changed' });
  expect(got).toEqual({ h1: 'clear-h1', h2: 'clear-h2' });
});

describe('for-each', () => {
  test('makes one task a host and item', async () => {
    const world = new World(
      `- { id: a, on: "h1,h2", for-each: [x, y], command: { argv: [do, "\${{ item }}"] }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(Object.keys(outcomes(state))).toEqual(['a[x]@h1', 'a[y]@h1', 'a[x]@h2', 'a[y]@h2']);
    expect(world.acts()).toMatchObject({ h1: ['x', 'y'], h2: ['x', 'y'] });
  });

  test('runs items that look alike as tasks of their own', async () => {
    const world = new World(
      `- { id: a, on: h1, for-each: [x, x, 4, { k: v }, "a b"], command: { argv: [do, "\${{ string(item == 4) }}"] }, ${ask} }\n`,
    );
    const state = await world.finish();
    expect(Object.keys(outcomes(state))).toEqual(['a[x]@h1', 'a[x#2]@h1', 'a[4]@h1', 'a[4#4]@h1', 'a[5]@h1']);
    expect(world.acts()['h1']).toHaveLength(5);
  });

  test('over nothing is done at once', async () => {
    const world = new World(`- { id: a, on: h1, for-each: [], command: { argv: [do, a] }, ${ask} }\n`);
    expect((await world.finish()).done).toBe(true);
  });

  test('over what is not known fails the step before any task', async () => {
    const steps = (
      when: string,
    ) => `- { id: read, on: h1, when: false, read.command: { argv: [say, x] }, capture: { list: "\${{ result.lines }}" } }
- { id: a, on: h1, ${when}for-each: "\${{ captured.list }}", command: { argv: [do, a] }, ${ask} }\n`;
    const state = await new World(steps('')).finish();
    expect(state.held).toMatchObject({
      reason: 'failed',
      text: expect.stringContaining('step a: for-each needs a value that is not known'),
    });

    const left = await new World(steps('when: false, ')).finish();
    expect([left.done, outcomes(left)]).toEqual([true, { 'read@h1': 'skipped', 'a@h1': 'skipped' }]);
  });
});

describe('a gate', () => {
  const gate = (more = '') =>
    `- { id: up, on: h1, wait.command: { argv: [has, a], within: 30s, every: 10s }${more} }\n`;

  test('looks again until it holds, and never writes', async () => {
    const world = new World(gate());
    world.host('h1').next('has a', { code: 1 }, { code: 1 }, { code: 0 });
    const began = world.now;
    expect(outcomes(await world.finish())).toEqual({ 'up@h1': 'unchanged' });
    expect(world.now - began).toBe(20_000);
    expect(world.fake.host('h1').tokens.size).toBe(0);
  });

  test('fails at its deadline with what is lacking', async () => {
    const world = new World(gate());
    const began = world.now;
    const state = await world.finish();
    expect(why(state, 'up@h1')).toContain('has a exited 1, wanted 0');
    expect(world.now - began).toBe(30_000);
  });

  test('takes an error for "not yet" while there is time', async () => {
    const world = new World(gate());
    world.host('h1').next('has a', { unreachable: true }, { code: 0 });
    expect((await world.finish()).done).toBe(true);
  });

  test('wants its own until as well', async () => {
    const world = new World(
      `- { id: up, on: h1, wait.command: { argv: [say, x], within: 5s }, until: "\${{ result.stdout == 'y' }}" }\n`,
    );
    world.host('h1').next('say x', { stdout: 'z' }, { stdout: 'y' });
    expect((await world.finish()).done).toBe(true);
  });
});
