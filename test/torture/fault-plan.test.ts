import { describe, expect, test } from 'vitest';
import { FAULT_KINDS, planRound } from '../../scripts/torture/fault-plan.ts';
import { figuresOf, isClean, table } from '../../scripts/torture/verdicts.ts';

describe('the plan of a round', () => {
  test('is the same for the same seed and round, and another for others', () => {
    expect(planRound(7, 3)).toEqual(planRound(7, 3));
    expect(planRound(7, 3)).not.toEqual({ ...planRound(7, 4), round: 3 });
    expect(planRound(7, 3)).not.toEqual({ ...planRound(8, 3), seed: 7 });
  });

  test('brings every kind of fault within as many rounds as there are kinds', () => {
    const first = FAULT_KINDS.map((_, round) => planRound(11, round + 1).lives[0]?.[0]?.faults[0]?.kind);
    expect(first.toSorted()).toEqual(FAULT_KINDS.toSorted());
  });

  test('counts at the beginning, in the middle and at the end of a command', () => {
    const paces = Array.from({ length: 40 }, (_, round) => planRound(1, round + 1).paces).flat();
    expect(paces.filter((pace) => !/^\d+(\.\d+)?\/\d+(\.\d+)?$/.test(pace))).toEqual([]);
    const halves = paces.map((pace) => pace.split('/').map(Number));
    for (const kind of [
      ([before = 0, after = 0]: number[]) => before === 0 && after > 0,
      ([before = 0, after = 0]: number[]) => before > 0 && after === 0,
      ([before = 0, after = 0]: number[]) => before > 0 && after > 0,
    ])
      expect(halves.filter(kind).length).toBeGreaterThan(40);
  });
});

describe('the figures', () => {
  const verdict = { executedTwice: 0, outcomesLost: 0, wrongEnds: 0, findings: [] } as const;
  const played = { struck: ['kill', 'cut', 'kill'], resumes: 3 } as const;
  const good = { round: 1, played, verdict };

  test('are what machines read, faults by kind', () => {
    const figures = figuresOf([good, { ...good, round: 2 }]);
    expect(Object.keys(figures)).toEqual([
      ...['rounds', 'faults', 'resumes', 'executedTwice', 'outcomesLost', 'wrongEnds'],
    ]);
    expect(figures).toMatchObject({ rounds: 2, resumes: 6 });
    expect(figures.faults).toMatchObject({ kill: 4, cut: 2, torn: 0 });
    expect(table(figures)).toMatch(/^faults that struck +6$/m);
    expect(isClean(figures)).toBe(true);
  });

  test.each(['executedTwice', 'outcomesLost', 'wrongEnds'] as const)('are not clean with one %s', (name) => {
    const figures = figuresOf([good, { ...good, verdict: { ...verdict, [name]: 1 } }]);
    expect(figures[name]).toBe(1);
    expect(isClean(figures)).toBe(false);
  });
});
