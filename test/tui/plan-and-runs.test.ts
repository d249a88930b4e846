/** Lists that are walked through: a plan, and the runs of this machine. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { openPlan, planView, pressPlan } from '../../src/tui/view/plan.ts';
import { pressRuns, type RunRow, runsView } from '../../src/tui/view/runs.ts';
import { seal } from '../cli/sealed.ts';
import { expectGolden } from './golden.ts';
import { textOf } from './scene.ts';

const step = (number: number, id: string, title: string, risk = 'change') => ({
  number,
  id,
  title,
  action: 'command',
  risk,
  order: 'parallel',
  hosts: ['ldap1', 'ldap2', 'ldap3'],
  estimate: { ms: 65_000, ground: 'takes' },
});
const task = (id: string, host: string, outlook: { verdict: string }) => ({
  task: `${id}@${host}`,
  step: id,
  host,
  basis: outlook.verdict === 'unknown' ? 'unknown' : 'observed',
  ...outlook,
});
const would = {
  verdict: 'would change',
  changes: [
    {
      what: 'cn=config',
      lines: [
        { op: '-', text: 'olcServerID: 1' },
        { op: '+', text: 'olcServerID: 101' },
      ],
    },
  ],
};
const hosts = ['ldap1', 'ldap2', 'ldap3'];
const PLAN = seal(
  [
    ...hosts.map((host) => task('clocks', host, { verdict: 'unchanged' })),
    ...hosts.map((host) => task('id', host, would)),
    task('cut', 'ldap3', {
      ...would,
      asks: { class: 'typed', text: 'All clients go to ldap3.', typed: 'ldap3' },
    } as never),
    task('cut', 'ldap1', {
      verdict: 'unknown',
      why: '02 id@ldap1 comes first, and may change what was read here',
    } as never),
    task('test', 'ldap1', { verdict: 'would fail', why: 'no space', next: 'free some' } as never),
  ],
  {
    steps: [
      step(1, 'clocks', 'Clocks agree', 'read'),
      step(2, 'id', 'Give each server its ID'),
      step(3, 'cut', 'Clients use the new master', 'irreversible'),
      step(4, 'test', 'All can be read', 'read'),
    ],
  },
);

const sizes = [
  { columns: 120, rows: 35 },
  { columns: 80, rows: 24 },
  { columns: 40, rows: 12 },
];

describe('a plan', () => {
  test.each(sizes)('is as it was at $columns x $rows', (size) => {
    const text = `${textOf(planView(PLAN, openPlan(PLAN), size, true)).join('\n')}\n`;
    expectGolden(`plan-${size.columns}x${size.rows}`, text);
  });

  test('unfolds to the last diff and folds to its steps', () => {
    const rows = (look: ReturnType<typeof openPlan>): string =>
      textOf(planView(PLAN, look, { columns: 100, rows: 60 }, true)).join('\n');
    const all = pressPlan(PLAN, openPlan(PLAN), '+').look;
    for (const part of [
      '+ olcServerID: 101',
      'asks (typed): All clients go to ldap3.',
      'next: free some',
      'comes first',
    ])
      expect(rows(all)).toContain(part);
    const none = pressPlan(PLAN, all, '-').look;
    expect(rows(none)).not.toContain('olcServerID');
    expect(rows(none)).toMatch(/02 Give each server its ID +3✚/);
  });

  test('is walked by arrows, and a fold is closed from within', () => {
    let look = pressPlan(PLAN, openPlan(PLAN), '-').look;
    for (const key of ['down', 'down', 'right', 'down', 'enter', 'down'])
      look = pressPlan(PLAN, look, key).look;
    expect(look.open).toEqual(['id', 'id/0']);
    look = pressPlan(PLAN, look, 'left').look;
    expect([look.open, look.at]).toEqual([['id'], 3]);
    expect(pressPlan(PLAN, look, 'q').leave).toBe(true);
  });
});

const RUNS: readonly RunRow[] = [
  {
    run: '20261127-015828-7f3a',
    started: '2026-11-27T01:58:28.000Z',
    runbook: 'openldap/add-master 1.2.0',
    state: 'held: failed',
    steps: '3/6',
    operator: 'alice',
  },
  {
    run: '20261126-220102-11c0',
    started: '2026-11-26T22:01:02.000Z',
    runbook: 'openldap/enable-mmr 1.2.0',
    state: 'done',
    steps: '21/21',
    operator: 'bob',
  },
  {
    run: '20261120-101500-90ab',
    started: '2026-11-20T10:15:00.000Z',
    runbook: 'test/\u001b[31mevil 1.0.0',
    state: 'broken: line 3 is torn',
    steps: '',
    operator: '',
  },
];

describe('the list of runs', () => {
  test.each(sizes)('is as it was at $columns x $rows', (size) => {
    expectGolden(
      `runs-${size.columns}x${size.rows}`,
      `${textOf(runsView(RUNS, 1, size, true)).join('\n')}\n`,
    );
  });

  test('opens the one that is chosen', () => {
    const { at } = pressRuns(RUNS, 0, 'down');
    expect(pressRuns(RUNS, at, 'enter')).toEqual({ at: 1, open: '20261126-220102-11c0' });
    expect(pressRuns(RUNS, 0, 'up')).toEqual({ at: 0 });
    expect(pressRuns([], 0, 'enter')).toEqual({ at: 0 });
    expect(pressRuns(RUNS, 0, 'escape').leave).toBe(true);
  });
});

test('both fit every size after every sequence of keys, and in ASCII', () => {
  const key = fc.constantFrom(
    'up',
    'down',
    'left',
    'right',
    'enter',
    'home',
    'end',
    'pagedown',
    '+',
    '-',
    'z',
    '',
  );
  const size = fc.record({
    columns: fc.integer({ min: 20, max: 200 }),
    rows: fc.integer({ min: 6, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 40 }), size, fc.boolean(), (keys, at, unicode) => {
      const look = keys.reduce((now, one) => pressPlan(PLAN, now, one).look, openPlan(PLAN));
      const place = keys.reduce((now, one) => pressRuns(RUNS, now, one).at, 0);
      for (const frame of [planView(PLAN, look, at, unicode), runsView(RUNS, place, at, unicode)]) {
        expect(frame).toHaveLength(at.rows - 1);
        for (const row of frame) {
          const text = row.map((span) => span.text).join('');
          expect(stringWidth(text)).toBeLessThanOrEqual(at.columns);
          expect(text).toMatch(unicode ? /^[^\p{Cc}\p{Cf}]*$/u : /^[\u0020-\u007e]*$/);
        }
      }
    }),
    { numRuns: 200 },
  );
});
