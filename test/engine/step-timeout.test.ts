import { expect, test } from 'vitest';
import { World } from './world.ts';

const limitsOf = (world: World) =>
  world.fake.host('h1').calls.flatMap(({ kind, command }) => (kind === 'change' ? [command.timeoutMs] : []));

test.each([
  ['the step ends its command', 'timeout: 90s, command: { argv: [do, a] }', 90_000],
  [
    'the action goes before that of the step',
    'timeout: 90s, command: { argv: [do, a], timeout: 2h }',
    7_200_000,
  ],
  ['neither leaves the default to the transport', 'command: { argv: [do, a] }', undefined],
])('a timeout of %s', async (_, keys, limit) => {
  const world = new World(`- { id: a, on: h1, on-doubt: ask, ${keys} }\n`, { hosts: ['h1'] });
  await world.finish();
  expect(limitsOf(world)).toEqual([limit]);
});
