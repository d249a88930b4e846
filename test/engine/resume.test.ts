/** The promise of the whole program: cut or kill it anywhere, resume, and each act was done exactly once. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { GENESIS, sealRecord } from '../../src/journal/record.ts';
import { cutTornLine, readJournal } from '../../src/journal/replay.ts';
import { Life } from './life.ts';
import { outcomes, RUN, World } from './world.ts';

const STEPS = `
- { id: look, on: all, read.command: { argv: [say, "\${{ host.name }}"] }, capture: { name: "\${{ trim(result.stdout) }}" } }
- { id: one, on: all, repeat: once, command: { argv: [do, one] }, check: { command: { argv: [has, one] } } }
- { id: two, on: all, order: serial, repeat: once, command: { argv: [do, "two-\${{ captured.name }}"] }, verify: { command: { argv: [has, "two-\${{ host.name }}"] } } }
- { id: each, on: h1, for-each: [x, y], repeat: once, command: { argv: [do, "\${{ item }}"] }, on-doubt: ask, confirm: Sure? }
- { id: gate, on: all, wait.command: { argv: [has, one], within: 1m } }
- { id: last, on: h2, repeat: once, command: { argv: [do, last] }, capture: { code: "\${{ result.code }}" }, on-doubt: ask }
`;
const ACTS = { h1: ['one', 'two-h1', 'x', 'y'], h2: ['one', 'two-h2', 'last'] };

/** Acts, and the four tasks that only look. */
const ALL = 11;

const newWorld = () => new World(STEPS, { hosts: ['h1', 'h2'] });
const finish = (world: World, life?: Life) => world.run({ yes: true, ...(life && { life }) });

/** `good`: how each act may have ended. One whose check found it done, with no record of it left, is unchanged. */
async function expectDone(world: World, good: readonly string[] = ['changed']): Promise<void> {
  const state = await finish(world);
  expect(state?.held).toBeUndefined();
  expect(state?.done).toBe(true);
  expect(world.asked).toEqual([]);
  const { h1 = [], h2 = [] } = world.acts();
  expect({ h1: [...h1].sort(), h2: [...h2].sort() }).toEqual({
    h1: [...ACTS.h1].sort(),
    h2: [...ACTS.h2].sort(),
  });
  expect(
    Object.values(outcomes(state as NonNullable<typeof state>)).filter((word) => good.includes(word)),
  ).toHaveLength(good.length > 1 ? ALL : 7);
  expect(state?.captured).toEqual({ h1: { name: 'h1' }, h2: { name: 'h2', code: 0 } });
}

test('nothing is cut: done, each act once', async () => {
  await expectDone(newWorld());
});

test('no act starts before its announcement is on the disk, however slow that is', async () => {
  const world = newWorld();
  const announced = new Map<string, number>();
  await world.run({
    yes: true,
    slowDisk: true,
    recorded: (events) => {
      for (const event of events) {
        if (event.type !== 'task.intended') continue;
        const [, host = ''] = event.task.split('@');
        const begun = world.log.filter((line) => line.startsWith(`${host} starts`)).length;
        const before = announced.get(host) ?? 0;
        expect(begun).toBeLessThanOrEqual(before);
        announced.set(host, before + 1);
      }
    },
  });
  expect([...announced.values()]).toEqual([4, 3]);
});

test('the journal is cut after every record: the same end, each act once', async () => {
  const whole = newWorld();
  await finish(whole);
  const count = whole.events.length;
  expect(count).toBeGreaterThan(40);
  for (let cut = 1; cut < count; cut++) {
    const world = newWorld();
    await finish(world);
    // What the hosts did stays done; the journal has lost its end.
    const lost = world.events.slice(cut);
    world.events = world.events.slice(0, cut);
    forget(world, lost);
    await expectDone(world);
  }
});

test('the journal has lost its end, and the hosts have not: what is announced again is found to be done, and is not done again', async () => {
  const whole = newWorld();
  await finish(whole);
  for (let cut = 1; cut < whole.events.length; cut++) {
    const world = newWorld();
    await finish(world);
    world.events = world.events.slice(0, cut);
    await expectDone(world, ['changed', 'unchanged']);
  }
});

/** Acts that the lost records announced had not been begun: an announcement is on disk before its effect. */
function forget(world: World, lost: readonly Event[]): void {
  for (const event of lost) {
    if (event.type !== 'task.intended') continue;
    const [, host = ''] = event.task.split('@');
    const step = event.task.replace(/\[(\w)\]/, (_all, item: string) => (item === 'x' ? '.0' : '.1'));
    const sim = world.host(host);
    const act = { one: 'one', two: `two-${host}`, 'each[x]': 'x', 'each[y]': 'y', last: 'last' }[
      event.task.split('@')[0] ?? ''
    ];
    world.fake.host(host).tokens.delete(`20261122-015312-7f3a/${step}.${event.attempt}`);
    sim.facts.delete(act ?? '');
    sim.done.splice(sim.done.indexOf(act ?? ''), 1);
  }
}

test('the last line is cut in its middle, whichever it is: what is before it stands, the same end, each act once', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'lockstep-torn-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, RUN.id);
  mkdirSync(directory);
  const whole = newWorld();
  await finish(whole);
  for (let count = 2; count <= whole.events.length; count++) {
    const world = newWorld();
    await finish(world);
    const lines = linesOf(world.events);
    const torn = lines[count - 1] ?? '';
    const half = torn.slice(0, Math.floor(torn.length / 2));
    writeFileSync(join(directory, 'journal.ndjson'), lines.slice(0, count - 1).join('') + half);
    const replay = readJournal(directory);
    expect([replay.records.length, replay.tornBytes]).toEqual([count - 1, Buffer.byteLength(half)]);
    cutTornLine(directory, replay);
    const lost = world.events.slice(count - 1);
    world.events = readJournal(directory).records.map(({ event }) => event);
    forget(world, lost);
    await expectDone(world);
  }
});

/** As the journal has them, each with its line end. */
function linesOf(events: readonly Event[]): readonly string[] {
  let prev = GENESIS;
  return events.map((event, index) => {
    const sealed = sealRecord({ seq: index + 1, prev, at: RUN.started, mono: index, event });
    prev = sealed.record.sum;
    return `${sealed.line}\n`;
  });
}

test('the controller is killed before every await: the same end, each act once', async () => {
  const whole = new Life();
  await finish(newWorld(), whole);
  expect(whole.awaits).toBeGreaterThan(70);
  for (let kill = 2; kill < whole.awaits; kill++) {
    const world = newWorld();
    expect(await finish(world, new Life(kill))).toBeUndefined();
    if (world.events.length === 0) continue;
    await expectDone(world);
  }
});

/** Found once: a command whose host still runs it when its captures are taken. */
const STILL_RUNNING_WHILE_VERIFYING: [number, boolean][] = [
  [38, false],
  [46, true],
  [10, true],
];

test('the controller is killed again and again, with commands that still run: the same end, each act once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 3, max: 60 }), fc.boolean()), { minLength: 1, maxLength: 6 }),
      async (kills) => {
        const world = newWorld();
        for (const [kill, running] of kills) {
          if ((await finish(world, new Life(kill))) !== undefined) break;
          if (running) for (const host of ['h1', 'h2']) stillRunning(world, host);
        }
        await expectDone(world);
      },
    ),
    { numRuns: 60, examples: [[STILL_RUNNING_WHILE_VERIFYING]] },
  );
}, 30_000);

/** The last thing that ended has not ended yet, as far as its host knows: it will, once somebody follows it. */
function stillRunning(world: World, host: string): void {
  const { tokens } = world.fake.host(host);
  const [key, token] = [...tokens].at(-1) ?? [];
  if (key !== undefined && token?.state === 'ended') tokens.set(key, { ...token, state: 'running' });
}

test('a command that failed has failed, though the journal ends between its end and the end of its task', async () => {
  const world = new World(`- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, on-doubt: ask }\n`, {
    hosts: ['h1'],
  });
  world.host('h1').next('do a', { code: 1, stderr: 'no\n' });
  await finish(world);
  const wrote = world.events.findIndex(({ type }) => type === 'task.wrote');
  world.events = world.events.slice(0, wrote + 1);
  const state = await world.finish();
  expect(outcomes(state)).toEqual({ 'a@h1': 'failed' });
  expect(state.held?.text).toBe('a@h1 failed: do a exited 1; stderr: no');
});

test('a run whose journal ends before its last record is done, and nothing else', async () => {
  const world = newWorld();
  await finish(world);
  world.events = world.events.slice(0, -1);
  expect((await world.finish()).done).toBe(true);
  expect(world.events.slice(-2).map(({ type }) => type)).toEqual(['run.resumed', 'run.ended']);
});

test('a command whose output cannot be kept has not failed: the run breaks off, and a resume finds it done', async () => {
  const world = new World(`- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, on-doubt: ask }\n`, {
    hosts: ['h1'],
  });
  world.host('h1').next('do a', { stdout: 'a line\n' });
  world.setOutputs(false);
  await expect(world.run()).rejects.toMatchObject({ name: 'JournalError' });
  expect(world.events.at(-1)?.type).toBe('task.intended');
  world.setOutputs(true);
  expect(outcomes(await world.finish())).toEqual({ 'a@h1': 'changed' });
  expect(world.host('h1').done).toEqual(['a']);
});
