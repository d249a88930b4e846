/** One look at an invariant by itself, as a forecast takes it: through reading ports, and never a guess. */
import { expect, test } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { lookAtInvariant } from '../../src/engine/perform/look-at-invariant.ts';
import type { ReadingStage } from '../../src/engine/perform/probe.ts';
import { TransportError } from '../../src/engine/ports.ts';
import { fixedScope } from '../../src/plan/fixed-scope.ts';
import { type Call, scriptedPorts } from '../actions/ports.ts';
import { fold, planOf, RUN, World } from './world.ts';

async function seen(need: 'all' | 'any', script: Readonly<Record<string, readonly Call[]>>, away = '') {
  const plan = planOf('- { id: a, on: h1, wait.port: { port: 389 } }\n', ['h1', 'h2'], HEAD(need));
  const ports = { h1: scriptedPorts(script['h1'] ?? []), h2: scriptedPorts(script['h2'] ?? []) };
  const stage: ReadingStage = {
    actions,
    meet: async (host) => {
      if (host === away) throw new TransportError('not-started', host, `${host} is away`, 'Wait.');
      return { hostname: host, machineId: '', bootId: '', hostKey: '', uid: 0 };
    },
    reading: ({ host }) => ports[host as keyof typeof ports],
    evaluate: async (use) => use(fixedScope(plan.inventory, plan.inputs, RUN)),
    clean: (value) => value,
    redact: (text) => text.replaceAll('hunter2', '[pw]'),
  };
  const [planned] = plan.invariants;
  const state = await stateOf();
  if (!planned || !state) throw new Error('no invariant');
  const verdict = await lookAtInvariant(stage, planned, state);
  for (const one of Object.values(ports)) one.done();
  return verdict;
}

const HEAD = (need: string) =>
  `invariants: [{ id: up, on: all, need: ${need}, probe: { command: { argv: [check] } } }]\n`;
const says = (code: number, stderr = ''): readonly Call[] => [
  { probe: { argv: ['check'] }, gives: { code, stderr } },
];

async function stateOf() {
  const world = new World('- { id: a, on: h1, read.command: { argv: [say, x] } }\n');
  await world.finish();
  return fold(world.events.slice(0, 1));
}

test('tells that it holds, what is lacking on which hosts, or why it cannot be told', async () => {
  expect(await seen('all', { h1: says(0), h2: says(0) })).toEqual({ holds: true });
  expect(await seen('all', { h1: says(0), h2: says(3, 'hunter2 is wrong') })).toEqual({
    holds: false,
    lacking: 'h2: check exited 3, wanted 0; stderr: [pw] is wrong',
    hosts: ['h2'],
  });
  expect(await seen('all', { h1: says(0) }, 'h2')).toEqual({ unknown: 'h2: h2 is away', hosts: ['h2'] });
  expect(await seen('any', { h1: says(0) }, 'h2')).toEqual({ holds: true });
});
