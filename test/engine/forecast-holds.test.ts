/** The promise of a plan, over random runbooks: it never contradicts the run that follows in an unchanged world. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contradictions } from '../../src/engine/forecast/contradictions.ts';
import { actions } from './sim-actions.ts';
import { World } from './world.ts';

const HOSTS = ['h1', 'h2'];
const FACTS = ['a', 'b', 'c'];
const fact = fc.constantFrom(...FACTS);
const on = fc.constantFrom('all', 'h1', 'h2');

/** Lines of a step beside its id and hosts. */
const body = fc.oneof(
  // An act whose check may be of something else than what it does.
  fc
    .record({
      verb: fc.constantFrom('do', 'drop', 'spread'),
      does: fact,
      checks: fact,
      declared: fc.boolean(),
    })
    .map(
      ({ verb, does, checks, declared }) =>
        `command: { argv: [${verb}, ${does}] }, check: { command: { argv: [has, ${checks}] } }` +
        (declared && verb !== 'spread' ? ', touches: [host]' : ''),
    ),
  fact.map((name) => `command: { argv: [do, ${name}] }, on-doubt: ask`),
  fact.map(
    (name) =>
      `command: { argv: [do, ${name}] }, verify: { command: { argv: [has, ${name}] } }, confirm: Sure?`,
  ),
  fc.constantFrom('file: {}', 'service: {}'),
  fact.map(
    (name) =>
      `read.command: { argv: [has, ${name}], success: [0, 1] }, capture: { CAPTURE: "\${{ result.code }}" }`,
  ),
  fact.map((name) => `read.command: { argv: [has, ${name}] }`),
  fact.map((name) => `wait.command: { argv: [has, ${name}], within: 3s }`),
  fc.constant('confirm: { text: "Go on?" }'),
);

const condition = fc.option(
  fc.oneof(
    fc.constantFrom('host.name == "h1"', 'true', 'false'),
    fc.nat(6).map((at) => `captured.v${at} == 0`),
    fc.nat(6).map((at) => `at(inventory.hosts[0]).v${at} == 1`),
  ),
  { nil: undefined, freq: 3 },
);
const loop = fc.option(
  fc.oneof(
    fc.constant("${{ ['a', 'b'] }}"),
    fc.nat(6).map((at) => `\${{ captured.v${at} == 0 ? ['a'] : ['b', 'c'] }}`),
  ),
  { nil: undefined, freq: 6 },
);

const step = fc.record({
  on,
  body,
  condition,
  loop,
  order: fc.constantFrom('parallel', 'serial', 'canary'),
  failure: fc.constantFrom('hold', 'continue'),
});

/** A runbook in which captures are used only where an earlier step has them: lint refuses others. */
const runbook = fc.array(step, { minLength: 1, maxLength: 7 }).map((steps) => {
  const captured = new Set<string>();
  const known = (text: string | undefined): string | undefined =>
    [...(text ?? '').matchAll(/\bv\d/g)].every(([name]) => captured.has(name)) ? text : undefined;
  return steps
    .map(({ on: hosts, body: what, condition: when, loop: list, order, failure }, at) => {
      const asks = what.startsWith('confirm: {');
      const lines = [
        `id: s${at}`,
        `on: ${hosts}`,
        what.replace('CAPTURE', `v${at}`),
        ...(known(when) ? [`when: '\${{ ${known(when)} }}'`] : []),
        ...(known(list) && !asks ? [`for-each: "${known(list)}"`] : []),
        `order: ${order}`,
        `on-failure: ${failure}`,
      ];
      if (what.includes('CAPTURE')) captured.add(`v${at}`);
      return `- { ${lines.join(', ')} }\n`;
    })
    .join('');
});

const start = fc.record(Object.fromEntries(HOSTS.map((host) => [host, fc.subarray(FACTS)])));

test('a plan never contradicts the run that follows in an unchanged world', async () => {
  let certain = 0;
  let unknown = 0;
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(runbook, start, async (steps, facts) => {
      const world = new World(steps, { hosts: HOSTS, actions });
      for (const host of HOSTS) for (const name of facts[host] ?? []) world.host(host).facts.add(name);
      const forecast = await world.forecast();
      expect(world.acts()).toEqual({ h1: [], h2: [] });
      const state = await world.finish({ yes: true, person: () => ({ answer: 'yes' }) });
      expect(contradictions(forecast, state), steps).toEqual([]);
      for (const { verdict } of forecast.tasks) verdict === 'unknown' ? unknown++ : certain++;
      changed += Object.values(world.acts()).flat().length;
    }),
    { numRuns: 400 },
  );
  // Neither a plan that calls everything unknown, nor runs in which nothing happens.
  expect(certain).toBeGreaterThan(500);
  expect(changed).toBeGreaterThan(400);
  expect(unknown).toBeGreaterThan(100);
});
