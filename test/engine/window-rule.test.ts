import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepBrief } from '../../src/engine/event.ts';
import { type RunState, type StepState, type Task, UNBEGUN } from '../../src/engine/state.ts';
import { closingOf, refusal, showMoment, type Timing } from '../../src/engine/window.ts';

const NOW = Date.parse('2026-11-27T01:00:00Z');
const iso = (ms: number): string => new Date(NOW + ms).toISOString();

const brief = (id: string, risk: StepBrief['risk']): StepBrief => ({
  id,
  title: id,
  action: 'command',
  kind: 'change',
  hosts: ['h1'],
  order: 'parallel',
  risk,
  repeat: 'safe',
  proof: 'command',
  checked: true,
  verified: false,
  onFailure: 'hold',
  tolerate: 0,
});

const DONE: Pick<Task, 'state' | 'touched'> = {
  state: { status: 'ended', attempt: 1, outcome: 'changed' },
  touched: true,
};
const FOUND_DONE: Pick<Task, 'state'> = { state: { status: 'ended', attempt: 1, outcome: 'unchanged' } };
const WAITING: Pick<Task, 'state'> = { state: { status: 'waiting', attempt: 1 } };

function stepOf(id: string, risk: StepBrief['risk'], stands: Pick<Task, 'state' | 'touched'>): StepState {
  const task: Task = { ref: { id: `${id}@h1`, host: 'h1' }, changes: [], ...stands };
  return { brief: brief(id, risk), begun: true, tasks: [task], left: 1 };
}

interface Case {
  readonly risk: StepBrief['risk'];
  readonly before: readonly StepState[];
  readonly leftMs: number;
  readonly timing: Timing;
}

const millis = fc.nat(10_000_000);
const risk = fc.constantFrom<StepBrief['risk']>('change', 'disrupt', 'irreversible');
const timing = fc.record({ own: millis, back: millis, earlierMs: millis, rest: millis }).map(
  ({ own, back, earlierMs, rest }): Timing => ({
    now: NOW,
    task: { ms: own, ground: 'takes' },
    back: { earlierMs, byHost: { h1: back } },
    rest: { ms: rest, ground: 'timeout' },
  }),
);
const cases: fc.Arbitrary<Case> = fc.record({
  risk,
  before: fc.array(
    fc.tuple(risk, fc.constantFrom(DONE, FOUND_DONE)).map(([of, stands]) => stepOf('earlier', of, stands)),
    { maxLength: 3 },
  ),
  leftMs: fc.integer({ min: -1_000_000, max: 40_000_000 }),
  timing,
});

function judge({ risk: of, before, leftMs, timing: time }: Case): string | undefined {
  const step = stepOf('now', of, WAITING);
  const state: RunState = {
    run: 'r',
    runbook: { name: 'test/x', version: '1.0.0', digest: 'd' },
    title: '',
    policy: { yes: false, window: { opens: iso(-1), closes: iso(leftMs) } },
    operator: { name: 'alice', host: 'desk', terminal: false },
    steps: [...before, step],
    ...UNBEGUN,
    cursor: before.length,
  };
  return refusal(state, step, step.tasks[0] as Task, time);
}

const isCrossed = ({ before }: Case): boolean =>
  before.some((step) => step.brief.risk === 'irreversible' && step.tasks[0]?.touched === true);

describe('a change', () => {
  test('that begins would be over in time, and taken back in time unless a point of no return is crossed', () => {
    let begun = 0;
    fc.assert(
      fc.property(cases, (one) => {
        if (judge(one) !== undefined) return;
        begun++;
        const { task, back, rest } = one.timing;
        expect(task.ms).toBeLessThanOrEqual(one.leftMs);
        if (isCrossed(one)) return;
        if (one.risk === 'irreversible') expect(rest.ms).toBeLessThanOrEqual(one.leftMs);
        else expect(task.ms + back.earlierMs + (back.byHost['h1'] ?? 0)).toBeLessThanOrEqual(one.leftMs);
      }),
      { numRuns: 1000 },
    );
    expect(begun).toBeGreaterThan(50);
  });

  test('that is refused is refused with less time too, and begins in a window that is long enough', () => {
    fc.assert(
      fc.property(cases, fc.nat(1_000_000), (one, less) => {
        if (judge(one) !== undefined) expect(judge({ ...one, leftMs: one.leftMs - less })).toBeDefined();
        expect(judge({ ...one, leftMs: 40_000_000 })).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('once a point of no return is crossed needs no more time than before it', () => {
    const crossed = stepOf('cut', 'irreversible', DONE);
    fc.assert(
      fc.property(cases, (one) => {
        if (judge(one) === undefined)
          expect(judge({ ...one, before: [...one.before, crossed] })).toBeUndefined();
      }),
    );
  });

  test('that fits to the millisecond begins', () => {
    const time: Timing = {
      now: NOW,
      task: { ms: 300, ground: 'takes' },
      back: { earlierMs: 200, byHost: { h1: 100 } },
      rest: { ms: 0, ground: 'takes' },
    };
    const fits = (leftMs: number) =>
      judge({ risk: 'change', before: [], leftMs, timing: time }) === undefined;
    expect([fits(600), fits(599)]).toEqual([true, false]);
  });
});

test('of a window and a timeout, the earlier closes; without either nothing does', () => {
  const window = { opens: iso(0), closes: iso(500) };
  expect(closingOf({ yes: false })).toBeUndefined();
  expect(closingOf({ yes: false, window })).toEqual({ at: iso(500), by: 'window' });
  expect(closingOf({ yes: false, until: iso(9) })).toEqual({ at: iso(9), by: 'timeout' });
  expect(closingOf({ yes: false, window, until: iso(499) })).toMatchObject({ by: 'timeout' });
  expect(closingOf({ yes: false, window, until: iso(501) })).toMatchObject({ by: 'window' });
});

test.each([
  ['2026-11-27T03:00:00+01:00', '2026-11-27 03:00 +01:00'],
  ['2026-11-27T03:00:07-09:30', '2026-11-27 03:00:07 -09:30'],
  ['2026-11-27T03:00:00.000Z', '2026-11-27 03:00 Z'],
])('%s is shown as %s', (moment, shown) => {
  expect(showMoment(moment)).toBe(shown);
});
