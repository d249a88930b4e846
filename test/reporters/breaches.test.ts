import { expect, test } from 'vitest';
import { World } from '../engine/world.ts';
import { told } from './told.ts';

const INVARIANT =
  'invariants: [{ id: up, title: One answers, on: h2, probe: { command: { argv: [has, up] } } }]\n';
const STEPS = `- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n`;

test('a breach is told when it is found, with the task under way, and again at the end', async () => {
  const world = new World(STEPS, { head: INVARIANT, hosts: ['h1', 'h2'] });
  world.host('h2').facts.add('up');
  world.host('h1').next('do a', { effect: () => void world.host('h2').facts.delete('up') });
  await world.finish();
  expect(told(world.events)).toMatchInlineSnapshot(`
    "test/story 1.0.0: A story
    run 20261122-015312-7f3a by alice, 1 step

    01 a  a on h1
      differs     h1        do a
                    + do a
      broke       invariant up (One answers) does not hold: h2: has up exited 1, wanted 0; it printed nothing
                  under way: a@h1
      changed     h1        7.0 s

    held: invariant up (One answers) does not hold: h2: has up exited 1, wanted 0; it printed nothing; under way: a@h1
    1 changed; 0 of 1 steps left
    go on with: lockstep resume 20261122-015312-7f3a
    journal: /runs/7f3a
    "
  `);
  world.host('h2').facts.add('up');
  await world.finish();
  expect(told(world.events)).toMatch(/^done: 1 changed$/m);
  expect(told(world.events).match(/under way/g)).toHaveLength(1);
});

test('a second breach is told again at the end as well', async () => {
  const both = `${INVARIANT.slice(0, -2)}, { id: too, on: h3, probe: { command: { argv: [has, up] } } }]\n`;
  const world = new World(STEPS, { head: both });
  for (const name of ['h2', 'h3']) world.host(name).facts.add('up');
  const down = () => {
    for (const name of ['h2', 'h3']) world.host(name).facts.delete('up');
  };
  world.host('h1').next('do a', { effect: down });
  await world.finish();
  expect(told(world.events)).toMatch(
    /\n\ninvariant too does not hold: h3: .*\n {4}under way then: a@h1\nheld: invariant up /,
  );
});

test('what cannot be observed is told in other words', async () => {
  const world = new World(STEPS, { head: INVARIANT, hosts: ['h1', 'h2'] });
  world.away.add('h2');
  await world.finish();
  expect(told(world.events)).toMatchInlineSnapshot(`
    "test/story 1.0.0: A story
    run 20261122-015312-7f3a by alice, 1 step
      unseen      it cannot be told whether invariant up (One answers) holds: h2: it is away

    held at 01 a: it cannot be told whether invariant up (One answers) holds: h2: it is away
    nothing was begun; 1 of 1 steps left
    go on with: lockstep resume 20261122-015312-7f3a
    journal: /runs/7f3a
    "
  `);
});
