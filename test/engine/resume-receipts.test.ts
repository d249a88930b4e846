/** Each row of the table of receipts in docs/resume.md: the host says that of a task in doubt, and resume does what the row says. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import type { FakeToken } from '../../src/transport/fake-host.ts';
import { actions } from './sim-actions.ts';
import { rowsOf } from './table.ts';
import { exitCodeOf, outcomes, World, why } from './world.ts';

const RUN = '20261122-015312-7f3a';
const bare = (repeat: string) =>
  `- { id: a, on: h1, repeat: ${repeat}, command: { argv: [do, a] }, capture: { out: "\${{ result.stdout }}" }, on-doubt: ask }\n`;
const probed = (key: string) =>
  `- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, ${key}: { command: { argv: [has, a] } }, on-doubt: ask }\n`;
const READ = (repeat: string) => `- { id: a, on: h1, repeat: ${repeat}, file: { path: /x } }\n`;
const RESTART = (repeat: string) =>
  `- { id: a, on: h1, repeat: ${repeat}, service: { name: slapd, state: restarted } }\n`;

interface Doubt {
  readonly world: World;
  /** The token of the first command of the lost attempt, as the host has it. */
  token(state: FakeToken['state'] | 'gone', more?: { code?: number; stdout?: string; part?: number }): void;
}

/** lockstep was killed right behind the intent; nothing was done yet, as far as the host knows. */
async function killed(steps: string): Promise<Doubt> {
  const world = new World(steps, { hosts: ['h1'], actions });
  await world.finish();
  const at = world.events.findIndex((event: Event) => event.type === 'task.intended');
  world.events = world.events.slice(0, at + 1);
  const host = world.fake.host('h1');
  host.tokens.clear();
  world.host('h1').facts.clear();
  world.host('h1').done.length = 0;
  return {
    world,
    token(state, { code = 0, stdout = '', part = 1 } = {}) {
      if (state === 'gone') return;
      const exit = { kind: 'exited' as const, code };
      const result = { exit, stdout, stderr: '', truncated: false, durationMs: 1 };
      const key = `${RUN}/a@h1${part === 1 ? '' : `.part${part}`}.1`;
      host.tokens.set(key, state === 'fenced' ? { state } : { state, result });
    },
  };
}

const settled = (world: World) =>
  world.events.flatMap((event) =>
    event.type === 'task.settled' ? [`${event.verdict} by ${event.ground}`] : [],
  );

/** `check`, `verify`, `repeat`, a person: in this order, for a token that proves nothing. */
async function provesNothing(prepare: (doubt: Doubt) => void): Promise<void> {
  for (const key of ['check', 'verify']) {
    const yes = await killed(probed(key));
    prepare(yes);
    yes.world.host('h1').facts.add('a');
    expect((await yes.world.finish()).done).toBe(true);
    expect([settled(yes.world), yes.world.acts()['h1']]).toEqual([[`applied by ${key}`], []]);

    const no = await killed(probed(key));
    prepare(no);
    expect((await no.world.finish()).done).toBe(true);
    expect([settled(no.world), no.world.acts()['h1']]).toEqual([[`not-applied by ${key}`], ['a']]);

    const unable = await killed(probed(key).replace(`${key}: {`, `${key}: { conclusive: false,`));
    prepare(unable);
    expect(exitCodeOf(await unable.world.finish({ yes: true }))).toBe(4);
    expect(unable.world.acts()['h1']).toEqual([]);
  }
  const safe = await killed(bare('safe'));
  prepare(safe);
  expect((await safe.world.finish()).done).toBe(true);
  expect([settled(safe.world), safe.world.acts()['h1']]).toEqual([['not-applied by repeat: safe'], ['a']]);

  for (const repeat of ['costly', 'once']) {
    const open = await killed(bare(repeat));
    prepare(open);
    expect(exitCodeOf(await open.world.finish({ yes: true }))).toBe(4);
    expect([open.world.asked.length, open.world.acts()['h1']]).toEqual([1, []]);
  }
}

const rows: Readonly<Record<string, () => Promise<void>>> = {
  'no token, same boot': async () => {
    const { world } = await killed(bare('once'));
    expect((await world.finish()).done).toBe(true);
    expect([settled(world), world.acts()['h1']]).toEqual([['not-applied by receipt'], ['a']]);
    // The first attempt can never start any more, however late its frame arrives.
    expect(world.fake.host('h1').tokens.get(`${RUN}/a@h1.1`)).toEqual({ state: 'fenced' });
  },
  'its token is there already': async () => {
    const { world, token } = await killed(bare('once'));
    // Not even the intent is on disk any more.
    world.events = world.events.slice(0, -1);
    token('ended', { stdout: 'what it said\n' });
    const state = await world.finish();
    expect([state.done, state.captured, world.acts()['h1']]).toEqual([
      true,
      { h1: { out: 'what it said\n' } },
      [],
    ]);
  },
  'no token, another boot': () => provesNothing(({ world }) => void world.fake.host('h1').reboot('boot-2')),
  running: async () => {
    const { world, token } = await killed(bare('once'));
    token('running', { stdout: 'all of it\n' });
    const state = await world.finish();
    expect([state.done, state.captured, world.acts()['h1']]).toEqual([
      true,
      { h1: { out: 'all of it\n' } },
      [],
    ]);
  },
  'ended well': async () => {
    const { world, token } = await killed(probed('verify'));
    token('ended');
    // Its result stands, and its verify says that it did not take.
    expect(why(await world.finish(), 'a@h1')).toContain('done, but verify does not hold');
    expect(world.acts()['h1']).toEqual([]);
  },
  'ended badly': async () => {
    const { world, token } = await killed(bare('once'));
    token('ended', { code: 7, stdout: 'the last words\n' });
    const state = await world.finish();
    expect([outcomes(state), why(state, 'a@h1')]).toEqual([
      { 'a@h1': 'failed' },
      'the command ended with code 7',
    ]);
    expect(world.acts()['h1']).toEqual([]);
  },
  'vanished, killed': () => provesNothing(({ token }) => token('vanished')),
  'vanished, rebooted': () =>
    provesNothing(({ world, token }) => {
      token('running');
      world.fake.host('h1').reboot('boot-2');
    }),
  'host away': async () => {
    const { world, token } = await killed(bare('once'));
    token('ended');
    world.away.add('h1');
    expect(exitCodeOf(await world.finish({ yes: true }))).toBe(4);
    world.away.delete('h1');
    expect((await world.finish()).done).toBe(true);
    expect(world.acts()['h1']).toEqual([]);
  },
  'read back: nothing left': async () => {
    const { world, token } = await killed(READ('once'));
    token('ended');
    world.host('h1').facts.add('x');
    expect((await world.finish()).done).toBe(true);
    expect(world.acts()['h1']).toEqual([]);
  },
  'read back: something left': async () => {
    const safe = await killed(READ('safe'));
    safe.token('ended');
    expect((await safe.world.finish()).done).toBe(true);
    expect(safe.world.acts()['h1']).toEqual(['first', 'x']);
    const once = await killed(READ('once'));
    once.token('ended');
    expect(exitCodeOf(await once.world.finish({ yes: true }))).toBe(4);
    expect(once.world.acts()['h1']).toEqual([]);
  },
  'read back: still running': async () => {
    const { world, token } = await killed(READ('safe'));
    token('ended');
    token('running', { part: 2 });
    const log: string[] = [];
    world.host('h1').next('has x', { code: 1, effect: () => void log.push(stateOf(world)) });
    await world.finish();
    expect(log[0]).toBe('ended');
  },
  'restart: ended well': async () => {
    const { world, token } = await killed(RESTART('once'));
    token('ended');
    world.host('h1').facts.add('up');
    expect((await world.finish()).done).toBe(true);
    expect([settled(world), world.acts()['h1']]).toEqual([['applied by receipt'], []]);
  },
  'restart: no token, same boot': async () => {
    const { world } = await killed(RESTART('once'));
    expect((await world.finish()).done).toBe(true);
    expect(world.acts()['h1']).toEqual(['up']);
  },
  'restart: vanished': async () => {
    const once = await killed(RESTART('once'));
    once.token('vanished');
    expect(exitCodeOf(await once.world.finish({ yes: true }))).toBe(4);
    expect(once.world.acts()['h1']).toEqual([]);
    const safe = await killed(RESTART('safe'));
    safe.token('vanished');
    expect((await safe.world.finish()).done).toBe(true);
    expect(safe.world.acts()['h1']).toEqual(['up']);
  },
};

/** Where the second command of the lost attempt stands. */
function stateOf(world: World): string {
  return world.fake.host('h1').tokens.get(`${RUN}/a@h1.part2.1`)?.state ?? 'gone';
}

describe('a task in doubt whose receipt is', () => {
  test.each(Object.entries(rows))('%s', async (_row, does) => does());

  test('one of those, and no other: the table and the tests name the same', () => {
    expect(Object.keys(rows)).toEqual(rowsOf('The receipt'));
  });
});
