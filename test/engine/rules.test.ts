import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { Event } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { next } from '../../src/engine/next.ts';
import { Bug } from '../../src/engine/state.ts';
import { briefs, opened, RandomRun } from './random-run.ts';
import { fold } from './world.ts';

const STEPS = 250;

/** Random runs of random steps; `look` sees each decision, `end` the run when it is done or long enough. */
function everyRun(
  look: Parameters<RandomRun['tick']>[0],
  end: (run: RandomRun) => void = () => undefined,
  numRuns = 300,
): void {
  fc.assert(
    fc.property(briefs, fc.boolean(), fc.infiniteStream(fc.nat(1_000_000)), (steps, yes, dice) => {
      const roll = dice[Symbol.iterator]();
      const run = new RandomRun(steps, yes, (below) => (below === 0 ? 0 : (roll.next().value ?? 0) % below));
      for (let i = 0; i < STEPS && run.tick(look); i++);
      end(run);
    }),
    { numRuns },
  );
}

test('whatever decide says, evolve takes; and the journal folds to the live state', () => {
  let done = 0;
  everyRun(
    () => undefined,
    (run) => {
      expect(fold(JSON.parse(JSON.stringify(run.events)) as Event[])).toEqual(
        JSON.parse(JSON.stringify(run.state)),
      );
      if (run.state.done) done++;
    },
  );
  expect(done).toBeGreaterThan(50);
});

test('decide says the same of the same, and changes nothing that it was given', () => {
  everyRun((state, input, events) => {
    const before = JSON.stringify(state);
    expect(decide(state, input)).toEqual(events);
    expect(JSON.stringify(state)).toBe(before);
  });
});

test('no attempt is announced twice, and none after its task has ended well or was passed over', () => {
  let passed = 0;
  everyRun(
    () => undefined,
    ({ events }) => {
      const seen = new Set<string>();
      const good = new Set<string>();
      for (const event of events) {
        if (event.type === 'task.ended' && ['changed', 'unchanged', 'skipped'].includes(event.outcome))
          good.add(event.task);
        if (event.type === 'task.skipped') {
          good.add(event.task);
          passed++;
        }
        if (event.type !== 'task.intended') continue;
        const key = `${event.task} ${event.attempt}`;
        expect([seen.has(key), good.has(event.task)]).toEqual([false, false]);
        seen.add(key);
      }
    },
    // Some 110 are passed over in so many runs; in 300 chance could miss the twenty.
    1200,
  );
  expect(passed).toBeGreaterThan(20);
});

test('what may run once only is never announced again without proof or a person', () => {
  everyRun(
    () => undefined,
    ({ events, state }) => {
      const failed = new Set<string>();
      const doubted = new Set<string>();
      const begun = new Set<string>();
      for (const event of events) {
        if (event.type === 'task.intended') {
          const brief = state.steps.find((step) => event.task.startsWith(`${step.brief.id}@`))?.brief;
          if (brief?.repeat === 'once' && !brief.checked)
            expect([failed.has(event.task), doubted.has(event.task)]).toEqual([false, false]);
          begun.add(event.task);
        } else if (event.type === 'task.doubted') doubted.add(event.task);
        else if (event.type === 'task.ended' && event.outcome === 'failed' && begun.has(event.task)) {
          // Its shell spoke after all: what was in doubt has failed, and that has its own question.
          doubted.delete(event.task);
          failed.add(event.task);
        } else if (event.type === 'task.ended' && event.outcome === 'unreachable') begun.delete(event.task);
        else if (event.type === 'question.asked' && event.purpose === 'repeat') failed.delete(event.task);
        else if (event.type === 'task.settled' && event.verdict === 'not-applied') {
          doubted.delete(event.task);
          begun.delete(event.task);
          // A receipt speaks of its own attempt only.
          if (event.ground !== 'receipt') failed.delete(event.task);
        }
      }
    },
  );
});

test('a run that is stopping announces no effect', () => {
  everyRun((state, _input, events) => {
    if (state.stopping) expect(events.map(({ type }) => type)).not.toContain('task.intended');
  });
});

test('serial has one host under way at most, and a batch of two at most two', () => {
  everyRun((state) => {
    const step = state.steps[state.cursor];
    if (!step?.begun || typeof step.brief.order === 'string') return;
    const looks = next(state).filter((move) => move.kind === 'look').length;
    const busy = step.tasks.filter((task) => !['waiting', 'ended'].includes(task.state.status)).length;
    expect(looks + busy).toBeLessThanOrEqual(2);
  });
  everyRun((state) => {
    const step = state.steps[state.cursor];
    if (step?.begun && step.brief.order === 'serial') {
      expect(
        step.tasks.filter((task) => !['waiting', 'ended'].includes(task.state.status)).length,
      ).toBeLessThanOrEqual(1);
    }
  });
});

test('an event that cannot follow is a Bug, not a state', () => {
  const first = opened([], false);
  const state = evolve(undefined, first);
  expect(() => evolve(undefined, { type: 'run.ended', outcome: 'done' })).toThrow(Bug);
  expect(() => evolve(state, first)).toThrow('run.opened twice');
  expect(() => evolve(state, { type: 'task.looked', task: 'a@h1', attempt: 1, changes: [] })).toThrow(
    'no task a@h1',
  );
  expect(() => evolve(state, { type: 'step.began', step: 'a', tasks: [] })).toThrow('out of turn');
  expect(() =>
    evolve(state, { type: 'question.answered', id: 'q1', answer: 'yes', by: 'x', ground: 'x' }),
  ).toThrow('not open');
});
