import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateOf, type Learned, learnFrom, stepEstimate, together } from '../../src/plan/estimate.ts';
import type { PlannedStep } from '../../src/plan/plan.ts';
import { planOf } from '../engine/world.ts';

const MINUTE = 60_000;
const hosts = ['h1', 'h2', 'h3'];
const planned = (keys: string): PlannedStep => {
  const [step] = planOf(`- { id: a, on: all, ${keys} }\n`, hosts).steps;
  if (!step) throw new Error('no step');
  return step;
};
const command = (keys: string) => `on-doubt: ask, command: { argv: [do, a] }, ${keys}`;
const of = (keys: string, learned: Learned = {}, platform = 'openldap') =>
  estimateOf(planned(keys).step, platform, learned);

describe('a task', () => {
  test('takes the median of earlier runs on its platform, and at worst the longest', () => {
    const learned = { a: { openldap: [4, 1, 2], zimbra: [10, 20] } };
    expect(of(command('takes: 5m'), learned)).toEqual({ ms: 2, ground: 'earlier runs', worstMs: 4 });
    expect(of(command('takes: 5m'), learned, 'zimbra')).toEqual({
      ms: 15,
      ground: 'earlier runs',
      worstMs: 20,
    });
  });

  test('of a platform that no run has seen takes what the author says', () => {
    const estimate = { ms: 5 * MINUTE, ground: 'takes', worstMs: 5 * MINUTE };
    expect(of(command('takes: 5m'), { a: { zimbra: [1] } })).toEqual(estimate);
    expect(of(command('takes: 5m'), { b: { openldap: [1] } })).toEqual(estimate);
    expect(of(command('takes: 5m'), { a: { openldap: [] } })).toEqual(estimate);
  });

  test('is looked up by its own name, whatever that is', () => {
    const plan = planOf('- { id: constructor, on: h1, wait.port: { port: 1 }, takes: 2m }\n', hosts);
    const step = plan.steps[0] as PlannedStep;
    expect(estimateOf(step.step, 'toString', {})).toMatchObject({ ms: 2 * MINUTE, ground: 'takes' });
    expect(learnFrom({}, [{ step: 'constructor', platform: '__proto__', ms: 7 }])).toEqual({
      constructor: Object.fromEntries([['__proto__', [7]]]),
    });
  });

  test.each([
    ['a command, by default', command('risk: change'), 10],
    ['a command with a time limit', 'on-doubt: ask, command: { argv: [do, a], timeout: 2m }, timeout: 7m', 2],
    ['a command of a step with one', command('timeout: 7m'), 7],
    [
      'a command whose limit is an expression',
      'on-doubt: ask, command: { argv: [do], timeout: "${{ run.id }}" }',
      10,
    ],
    ['a package', 'package: { name: slapd }', 30],
    ['a service', 'service: { name: slapd, state: restarted }', 1],
    ['a gate', 'wait.port: { port: 389 }', 1],
    ['a patient gate', 'wait.port: { port: 389, within: 20m }', 20],
    ['a verified command', command('verify: { wait.port: { port: 389, within: 4m } }'), 14],
    [
      'a command that is verified with patience',
      command('verify: { wait.port: { port: 389 }, within: 3m }'),
      13,
    ],
    ['a command verified by a gate that says nothing', command('verify: { wait.port: { port: 389 } }'), 11],
    ['a command verified by one look', command('verify: { command: { argv: [has, a] } }'), 10],
  ])('of %s takes its time limit, and the patience of its verify', (_, keys, minutes) => {
    const ms = minutes * MINUTE;
    expect(of(keys)).toEqual({ ms, ground: 'timeout', worstMs: ms });
  });
});

describe('a step', () => {
  const platforms: Readonly<Record<string, string>> = { h1: 'fast', h2: 'slow', h3: 'new' };
  const learned = { a: { fast: [1000], slow: [60_000] } };
  const step = (keys: string) =>
    stepEstimate(planned(command(`takes: 10s, ${keys}`)), (host) => platforms[host] ?? '', learned);

  test.each([
    ['parallel', 60_000],
    ['serial', 71_000],
    ['{ batch: 2 }', 70_000],
    ['canary', 61_000],
  ])('that is %s takes the time of its order, on the weakest ground', (order, ms) => {
    expect(step(`order: ${order}`)).toEqual({ ms, ground: 'takes' });
  });

  test('with a loop over a list of the runbook counts its items', () => {
    expect(step('order: serial, for-each: [x, y]').ms).toBe(142_000);
    expect(step('order: serial, for-each: "${{ [1, 2] }}"').ms).toBe(71_000);
  });

  test('on no host takes no time', () => {
    expect(stepEstimate({ ...planned(command('takes: 5m')), hosts: [] }, () => '', {}).ms).toBe(0);
  });

  test('takes at least its longest task and at most all of them, whatever its order', () => {
    const tasks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 });
    const wall = (list: readonly number[], order: Parameters<typeof together>[1]) =>
      together(
        list.map((ms) => ({ ms, ground: 'takes' as const })),
        order,
      ).ms;
    fc.assert(
      fc.property(tasks, fc.integer({ min: 1, max: 14 }), (list, batch) => {
        const [least, most] = [wall(list, 'parallel'), wall(list, 'serial')];
        expect(least).toBe(Math.max(...list));
        expect(wall(list, { batch: 1 })).toBe(most);
        expect(wall(list, { batch: list.length })).toBe(least);
        for (const ms of [wall(list, 'canary'), wall(list, { batch })]) {
          expect(ms).toBeGreaterThanOrEqual(least);
          expect(ms).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});

test('of each step and platform the last twenty durations are kept, newest last', () => {
  const took = Array.from({ length: 25 }, (_, index) => ({ step: 'a', platform: 'openldap', ms: index }));
  const learned = learnFrom({ a: { zimbra: [99] }, b: { openldap: [7] } }, took);
  expect(learned.a?.openldap).toEqual(Array.from({ length: 20 }, (_, index) => index + 5));
  expect(learned).toMatchObject({ a: { zimbra: [99] }, b: { openldap: [7] } });
});
