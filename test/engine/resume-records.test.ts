/** Each row of the first table of docs/resume.md: the journal ends with that record, and resume does what the row says. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { GENESIS, sealRecord } from '../../src/journal/record.ts';
import { cutTornLine, readJournal } from '../../src/journal/replay.ts';
import { rowsOf } from './table.ts';
import { outcomes, World } from './world.ts';

const A = '- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, on-doubt: ask }\n';
const B = '- { id: b, on: h1, repeat: once, command: { argv: [do, b] }, on-doubt: ask }\n';
const CHECKED =
  '- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, verify: { command: { argv: [has, a] } } }\n';
const ASKS = '- { id: a, on: h1, repeat: once, confirm: Sure?, command: { argv: [do, a] }, on-doubt: ask }\n';

/** A run up to its first event of that type (and kind): what was done stays done, the journal ends there. */
async function cutAt(
  steps: string,
  last: (event: Event) => boolean,
  prepare: (world: World) => void = () => undefined,
  person = true,
): Promise<World> {
  const world = new World(steps, { hosts: ['h1'] });
  prepare(world);
  await world.run(person ? { person: () => ({ answer: 'yes' }) } : {});
  cut(world, last);
  world.asked.length = 0;
  return world;
}
/** What was never announced was never begun. */
function cut(world: World, last: (event: Event) => boolean): void {
  const at = world.events.findIndex(last);
  if (at < 0) throw new Error(`no such record: ${world.events.map(({ type }) => type).join(' ')}`);
  const lost = world.events.slice(at + 1);
  world.events = world.events.slice(0, at + 1);
  for (const event of lost) {
    if (event.type !== 'task.intended') continue;
    const act = event.task.split('@')[0] ?? '';
    world.fake.host('h1').tokens.delete(`20261122-015312-7f3a/${event.task}.${event.attempt}`);
    world.host('h1').facts.delete(act);
    world.host('h1').done.pop();
  }
}
/** Nothing is begun while `up` is not there. */
const watched = (): World =>
  new World(A, {
    hosts: ['h1'],
    head: 'invariants: [{ id: up, on: h1, probe: { command: { argv: [has, up] } } }]\n',
  });
const is = (type: Event['type']) => (event: Event) => event.type === type;
const typesAfter = (world: World, from: number) => world.events.slice(from).map(({ type }) => type);

/** Resumes, and expects the end with these acts and so many questions. */
async function ends(world: World, acts: readonly string[], asked = 0): Promise<void> {
  const state = await world.finish({ person: () => ({ answer: 'yes' }) });
  expect(state.done, JSON.stringify(state.held)).toBe(true);
  expect([world.acts()['h1'], world.asked.length]).toEqual([acts, asked]);
}

const rows: Readonly<Record<string, () => Promise<void>>> = {
  'run.opened': async () => ends(await cutAt(A, is('run.opened')), ['a']),
  'run.resumed': async () => {
    const world = await cutAt(A, is('run.opened'));
    world.events.push({
      type: 'run.resumed',
      operator: { name: 'alice', host: 'desk', terminal: false },
      policy: { yes: false },
      tornBytes: 0,
    });
    await ends(world, ['a']);
  },
  'run.repinned': async () => {
    const world = await cutAt(A, is('run.opened'));
    const renewed = new World(B, { hosts: ['h1'] });
    await renewed.finish();
    const [opened] = renewed.events;
    if (opened?.type !== 'run.opened') throw new Error('no first record');
    const { runbook, title, steps } = opened;
    world.events.push({ type: 'run.repinned', by: 'alice', runbook, title, steps });
    world.renew(B);
    await ends(world, ['b']);
  },
  'host.met': async () => ends(await cutAt(A, is('host.met')), ['a']),
  'lease.taken': async () => {
    const world = await cutAt(A, is('lease.taken'));
    await ends(world, ['a']);
    expect(world.events.filter(is('lease.taken'))).toHaveLength(2);
  },
  'secret.used': async () => {
    const world = await cutAt(A, is('lease.taken'));
    world.events.push({ type: 'secret.used', name: 'pw', fingerprint: '0123456789abcdef' });
    await ends(world, ['a']);
  },
  'drift.found': async () => {
    const world = await cutAt(A + B, (event) => event.type === 'task.ended' && event.task === 'a@h1');
    world.fake.host('h1').identity = { ...world.fake.host('h1').identity, machineId: 'another' };
    expect((await world.finish()).held?.reason).toBe('drift');
    world.events = world.events.slice(0, world.events.findIndex(is('drift.found')) + 1);
    expect((await world.finish()).held?.reason).toBe('drift');
    expect(world.acts()['h1']).toEqual(['a']);
  },
  'drift.accepted': async () => {
    const world = await cutAt(A + B, (event) => event.type === 'task.ended' && event.task === 'a@h1');
    world.fake.host('h1').identity = { ...world.fake.host('h1').identity, machineId: 'another' };
    await world.finish({ acceptDrift: ['machine-id:h1'] });
    cut(world, is('drift.accepted'));
    const before = world.events.length;
    expect((await world.finish()).done).toBe(true);
    expect(typesAfter(world, before)).not.toContain('drift.found');
  },
  'step.began': async () => ends(await cutAt(A, is('step.began')), ['a']),
  'task.looked': async () => {
    const world = await cutAt(A, is('task.looked'));
    await ends(world, ['a']);
    expect(world.events.filter(is('task.looked'))).toHaveLength(2);
  },
  'question.asked': async () => ends(await cutAt(ASKS, is('question.asked')), ['a'], 1),
  'question.answered yes': async () => {
    await ends(await cutAt(ASKS, is('question.answered')), ['a'], 0);
    // Another difference than the one that was allowed is asked about.
    const other = await cutAt(ASKS, is('question.answered'));
    other.renew(ASKS.replace('[do, a]', '[do, other]'));
    await ends(other, ['other'], 1);
  },
  'question.answered no': async () => {
    const world = new World(ASKS, { hosts: ['h1'] });
    await world.finish({ person: () => ({ answer: 'no' }) });
    world.events = world.events.slice(0, world.events.findIndex(is('question.answered')) + 1);
    world.asked.length = 0;
    await ends(world, ['a'], 1);
  },
  'task.intended': async () => {
    const world = await cutAt(A, is('task.intended'));
    await ends(world, ['a']);
    // Its receipt says that it ended: it is taken for done, without another start.
    expect(world.events.filter(is('task.intended'))).toHaveLength(1);
  },
  'task.doubted': async () => {
    const drop = (world: World) => void world.host('h1').next('do a', { drop: 'after-end' });
    await ends(await cutAt(A, is('task.doubted'), drop), ['a']);
  },
  'task.wrote': async () => {
    const world = await cutAt(CHECKED, is('task.wrote'));
    world.host('h1').facts.delete('a');
    const state = await world.finish();
    expect([outcomes(state), world.acts()['h1']]).toEqual([{ 'a@h1': 'failed' }, ['a']]);
  },
  'task.wrote with a failure': async () => {
    const fails = (world: World) => void world.host('h1').next('do a', { code: 3 });
    const world = await cutAt(A, is('task.wrote'), fails);
    const state = await world.finish();
    expect([outcomes(state), state.held?.reason, world.acts()['h1']]).toEqual([
      { 'a@h1': 'failed' },
      'failed',
      ['a'],
    ]);
  },
  'task.settled applied': async () => {
    const world = new World(CHECKED, { hosts: ['h1'] });
    world.host('h1').next('do a', { drop: 'vanished' });
    await world.finish();
    world.events = world.events.slice(0, world.events.findIndex(is('task.settled')) + 1);
    await ends(world, ['a']);
  },
  'task.settled not-applied': async () => {
    const world = new World(CHECKED, { hosts: ['h1'] });
    world.host('h1').next('do a', { drop: 'vanished', effect: () => undefined });
    await world.finish();
    cut(world, is('task.settled'));
    await ends(world, ['a', 'a']);
  },
  'task.retried': async () => {
    const RETRY =
      '- { id: a, on: h1, repeat: safe, retry: { times: 1, delay: 1s }, command: { argv: [do, a] }, on-doubt: ask }\n';
    const fails = (world: World) => void world.host('h1').next('do a', { code: 1 });
    await ends(await cutAt(RETRY, is('task.retried'), fails), ['a', 'a']);
  },
  'task.ended well': async () => ends(await cutAt(A + B, is('task.ended')), ['a', 'b']),
  'task.ended failed': async () => {
    const fails = (world: World) => void world.host('h1').next('do a', { code: 1 });
    // Nothing shows whether it took: a question, since it is not safe to repeat.
    await ends(await cutAt(A, is('task.ended'), fails), ['a', 'a'], 1);
    // Its verify shows that it took after all.
    const took = await cutAt(CHECKED, is('task.ended'), fails);
    took.host('h1').facts.add('a');
    await ends(took, ['a']);
    await ends(await cutAt(A.replace('once', 'safe'), is('task.ended'), fails), ['a', 'a']);
  },
  'task.ended unreachable': async () => {
    const away = (world: World) => void world.host('h1').next('do a', { unreachable: true });
    await ends(await cutAt(A, is('task.ended'), away), ['a']);
  },
  'task.skipped': async () => {
    const world = await cutAt(A + B, is('run.held'), (one) => void one.host('h1').next('do a', { code: 1 }));
    world.events.push({ type: 'task.skipped', task: 'a@h1', attempt: 1, by: 'alice', because: 'x' });
    await ends(world, ['a', 'b']);
  },
  'run.going-on': async () => {
    const world = await cutAt(A, is('step.began'));
    world.events.push(
      { type: 'run.stopping', reason: 'operator', text: 'held by h' },
      { type: 'run.going-on', by: 'alice' },
    );
    await ends(world, ['a']);
  },
  'run.noted': async () => {
    const world = await cutAt(A, is('task.intended'));
    world.events.push({ type: 'run.noted', text: 'called the help desk', by: 'alice' });
    await ends(world, ['a']);
    expect(world.events.filter(is('task.intended'))).toHaveLength(1);
  },
  'invariant.broke': async () => {
    const world = watched();
    await world.finish();
    cut(world, is('invariant.broke'));
    expect((await world.finish()).held?.reason).toBe('invariant');
    world.host('h1').facts.add('up');
    await ends(world, ['a']);
  },
  'invariant.unseen': async () => {
    const world = watched();
    world.host('h1').next('has up', { code: 127 });
    await world.finish();
    cut(world, is('invariant.unseen'));
    world.host('h1').facts.add('up');
    await ends(world, ['a']);
  },
  'run.stopping': async () => {
    const fails = (world: World) => void world.host('h1').next('do a', { code: 1 });
    await ends(await cutAt(A.replace('once', 'safe'), is('run.stopping'), fails), ['a', 'a']);
  },
  'run.held': async () => {
    const world = await cutAt(ASKS, is('run.held'), undefined, false);
    await ends(world, ['a'], 1);
  },
  'run.ended': async () => {
    const world = await cutAt(A, is('run.ended'));
    const before = world.events.length;
    await ends(world, ['a']);
    expect(typesAfter(world, before)).toEqual(['run.resumed']);
  },
  'half a line': async () => {
    const world = await cutAt(A + B, is('task.ended'));
    const parent = mkdtempSync(join(tmpdir(), 'lockstep-half-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    // A journal is its run's own only in the directory of that name.
    const [opening] = world.events;
    const directory = join(parent, opening?.type === 'run.opened' ? opening.run : '');
    mkdirSync(directory);
    let prev = GENESIS;
    const lines = world.events.map((event, index) => {
      const sealed = sealRecord({ seq: index + 1, prev, at: '2026-11-25T01:00:00.000Z', mono: 0, event });
      prev = sealed.record.sum;
      return `${sealed.line}\n`;
    });
    const half = '{"seq":99,"prev":"';
    writeFileSync(join(directory, 'journal.ndjson'), lines.join('') + half);
    const replay = readJournal(directory);
    expect([replay.tornBytes, replay.records.length]).toEqual([half.length, lines.length]);
    cutTornLine(directory, replay);
    world.events = readJournal(directory).records.map(({ event }) => event);
    await ends(world, ['a', 'b']);
  },
};

describe('a journal whose last record is', () => {
  test.each(Object.entries(rows))('%s', async (_row, does) => does());

  test('one of those, and no other: the table and the tests name the same', () => {
    expect(Object.keys(rows)).toEqual(rowsOf('What the last record asks for'));
  });
});
