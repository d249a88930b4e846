import { expect, test } from 'vitest';
import type { Event, Policy } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { textReporter } from '../../src/reporters/text.ts';
import { World } from '../engine/world.ts';

/** All that the text report says of a run with this policy, and its end. */
async function report(policy: Partial<Policy>): Promise<string> {
  const steps = '- { id: a, on: h1, on-doubt: ask, takes: 5m, command: { argv: [do, a] } }\n';
  const world = new World(steps, { hosts: ['h1'] });
  await world.finish({ policy });
  let text = '';
  let state: RunState | undefined;
  const write = (chunk: string): void => {
    text += chunk;
  };
  const reporter = textReporter({
    write,
    style: styleFor({}, false),
    isTerminal: false,
    now: () => 0,
    columns: () => 80,
  });
  for (const event of world.events as Event[]) {
    state = evolve(state, event);
    reporter.told([{ seq: 1, at: '', mono: 0, event }], state);
  }
  if (state) reporter.ended(state, '/runs/7f3a');
  return text;
}

const window = { opens: '2026-11-22T01:00:00+01:00', closes: '2026-11-22T02:55:00+01:00' };

test('the line that opens a run tells its window, and a held one how to go on in another', async () => {
  const text = await report({ window });
  expect(text).toContain('by alice, 1 step, window 2026-11-22 01:00 +01:00 to 2026-11-22 02:55 +01:00\n');
  expect(text).toContain('held at 01 a: a@h1 is not started: it may take 5m');
  expect(text).toContain('go on with: lockstep resume 20261122-015312-7f3a --window SPEC\n');
});

test('a timeout is told too, and a resume goes on without it', async () => {
  const text = await report({ until: '2026-11-22T02:55:00+01:00' });
  expect(text).toContain('by alice, 1 step, nothing new after 2026-11-22 02:55 +01:00\n');
  expect(text).toContain('go on with: lockstep resume 20261122-015312-7f3a\n');
});

test('without a window nothing is said of it', async () => {
  expect(await report({})).toMatch(/by alice, 1 step\n/);
});
