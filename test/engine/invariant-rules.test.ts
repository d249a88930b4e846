import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  breachOf,
  type Course,
  follow,
  judge,
  nextLookAt,
  type Said,
  standing,
  unknownLimit,
  type Verdict,
} from '../../src/engine/invariant.ts';
import type { InvariantSpec } from '../../src/runbook/model.ts';

const yes: Said = { said: 'yes' };
const no: Said = { said: 'no', because: 'port 389 is closed' };
const unknown: Said = { said: 'unknown', because: 'it is away' };
const said = fc.constantFrom(yes, no, unknown);
const answers = fc.dictionary(fc.stringMatching(/^h\d$/), said, { minKeys: 1 });
const need = fc.constantFrom('all' as const, 'any' as const);
const times = fc.record({
  everyMs: fc.integer({ min: 1000, max: 60_000 }),
  graceMs: fc.integer({ min: 0, max: 120_000 }),
});
const verdict: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict>(
  { holds: true },
  { holds: false, lacking: 'h1: closed', hosts: ['h1'] },
  { unknown: 'h1: away', hosts: ['h1'] },
);
const isHolding = (one: Verdict): boolean => 'holds' in one && one.holds;
const isBroken = (one: Verdict): boolean => 'holds' in one && !one.holds;
const words = (all: Readonly<Record<string, Said>>) => Object.values(all).map((one) => one.said);

describe('what the answers of the hosts come to', () => {
  test.each<[InvariantSpec['need'], Readonly<Record<string, Said>>, Verdict]>([
    ['all', { h1: yes, h2: yes }, { holds: true }],
    ['all', { h1: yes, h2: no }, { holds: false, lacking: 'h2: port 389 is closed', hosts: ['h2'] }],
    ['all', { h1: unknown, h2: no }, { holds: false, lacking: 'h2: port 389 is closed', hosts: ['h2'] }],
    ['all', { h1: yes, h2: unknown }, { unknown: 'h2: it is away', hosts: ['h2'] }],
    ['any', { h1: no, h2: unknown, h3: yes }, { holds: true }],
    ['any', { h1: no, h2: unknown }, { unknown: 'h2: it is away', hosts: ['h2'] }],
    [
      'any',
      { h1: no, h2: no },
      { holds: false, lacking: 'h1: port 389 is closed; h2: port 389 is closed', hosts: ['h1', 'h2'] },
    ],
  ])('needing %s of %j', (needed, all, expected) => {
    expect(judge(needed, all)).toEqual(expected);
  });

  test('is never a yes that no host has said, and for all of them never one that a host has not', () => {
    fc.assert(
      fc.property(need, answers, (needed, all) => {
        const holds = isHolding(judge(needed, all));
        const expected =
          needed === 'any' ? words(all).includes('yes') : words(all).every((one) => one === 'yes');
        expect(holds).toBe(expected);
      }),
    );
  });

  test('is never a breach where only something unknown stands against it', () => {
    fc.assert(
      fc.property(need, answers, (needed, all) => {
        const broken = isBroken(judge(needed, all));
        const expected =
          needed === 'all' ? words(all).includes('no') : words(all).every((one) => one === 'no');
        expect(broken).toBe(expected);
      }),
    );
  });

  test('names every host that stands against it, and quotes the first three', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`h${index}`, no]));
    const found = judge('all', many);
    expect(found).toMatchObject({ hosts: Object.keys(many) });
    expect('lacking' in found && found.lacking).toMatch(/^h0: .*; h1: .*; h2: [^;]*; and 6 more$/);
  });
});

/** One look after another, so many ms apart. */
function courseOf(verdicts: readonly (readonly [ms: number, verdict: Verdict])[]): {
  course: Course;
  now: number;
} {
  let now = 0;
  let course: Course | undefined;
  for (const [ms, one] of verdicts) {
    now += ms;
    course = follow(course, one, now);
  }
  if (!course) throw new Error('no look at all');
  return { course, now };
}

const looks = fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), verdict), { minLength: 1 });
const BROKEN: Verdict = { holds: false, lacking: 'h1: closed', hosts: ['h1'] };
const UNKNOWN: Verdict = { unknown: 'h1: away', hosts: ['h1'] };

describe('what follows from it', () => {
  test('nothing, while it holds, however often it did not before', () => {
    fc.assert(
      fc.property(times, looks, fc.nat(), (spec, before, later) => {
        const { course, now } = courseOf([...before, [0, { holds: true }]]);
        expect(standing(spec, course, now + later)).toBe('go');
      }),
    );
  });

  test('without grace, a breach ends the run at once, and no change begins on what is unknown', () => {
    fc.assert(
      fc.property(times, looks, ({ everyMs }, before) => {
        const spec = { everyMs, graceMs: 0 };
        const broken = courseOf([...before, [0, BROKEN]]);
        expect(standing(spec, broken.course, broken.now)).toBe('over');
        const untold = courseOf([...before, [0, UNKNOWN]]);
        expect(standing(spec, untold.course, untold.now)).not.toBe('go');
      }),
    );
  });

  test('it counts from the first look that did not find it, not from the last', () => {
    fc.assert(
      fc.property(times, looks, fc.constantFrom(BROKEN, UNKNOWN), (spec, before, last) => {
        const { course, now } = courseOf([...before, [0, { holds: true }], [500, UNKNOWN], [500, last]]);
        const began = now - 500;
        const limit = isBroken(last) ? spec.graceMs : unknownLimit(spec);
        expect(standing(spec, course, began + limit)).toBe('over');
        if (limit > 500) expect(standing(spec, course, began + limit - 1)).not.toBe('over');
      }),
    );
  });

  test('what is unknown for three intervals, or for the grace if that is longer, ends the run', () => {
    const { course } = courseOf([[0, UNKNOWN]]);
    const short = { everyMs: 10_000, graceMs: 5_000 };
    const at = (...ms: readonly number[]) => ms.map((now) => standing(short, course, now));
    expect(at(0, 4_999, 5_000, 29_999, 30_000)).toEqual(['go', 'go', 'wait', 'wait', 'over']);
    const long = { everyMs: 10_000, graceMs: 60_000 };
    expect([standing(long, course, 59_999), standing(long, course, 60_000)]).toEqual(['go', 'over']);
  });

  test('the next look is due when the matter may be over, if that is before its interval', () => {
    const spec = { everyMs: 10_000, graceMs: 15_000 };
    const next = (...verdicts: readonly (readonly [number, Verdict])[]) => {
      const { course, now } = courseOf(verdicts);
      return nextLookAt(spec, course, now) - now;
    };
    expect(next([0, { holds: true }])).toBe(10_000);
    expect(next([0, BROKEN])).toBe(10_000);
    expect(next([0, BROKEN], [10_000, BROKEN])).toBe(5_000);
    expect(next([0, BROKEN], [10_000, BROKEN], [5_000, BROKEN])).toBe(10_000);
  });
});

describe('what the operator is told', () => {
  const spec: InvariantSpec = {
    id: 'one-up',
    title: 'One answers',
    on: 'all',
    need: 'any',
    probe: { call: { action: 'wait.port', params: { port: 389 } }, conclusive: true },
    everyMs: 10_000,
    graceMs: 0,
    source: { file: 'a.yaml', line: 1, column: 1 },
  };
  const text = (one: Verdict, now?: number) => breachOf(spec, follow(undefined, one, 0), now)?.text;

  test('is what does not hold, where, why, and for how long', () => {
    expect(text(BROKEN)).toBe('invariant one-up (One answers) does not hold: h1: closed');
    expect(text(BROKEN, 90_400)).toBe('invariant one-up (One answers) has not held for 1m30s: h1: closed');
    expect(text(UNKNOWN, 30_000)).toBe(
      'it cannot be told for 30s whether invariant one-up (One answers) holds: h1: away',
    );
    expect(text({ holds: true })).toBeUndefined();
    expect(breachOf({ ...spec, title: spec.id }, follow(undefined, BROKEN, 0))).toEqual({
      type: 'breach',
      invariant: 'one-up',
      broken: true,
      text: 'invariant one-up does not hold: h1: closed',
      hosts: ['h1'],
    });
  });
});
