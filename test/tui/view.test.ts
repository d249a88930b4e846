/** The screens as they stand on a terminal, as files to read: test/tui/golden/NAME-SIZE.txt. */
import { describe, expect, test } from 'vitest';
import type { Screen, Size } from '../../src/tui/screen.ts';
import { view } from '../../src/tui/view/view.ts';
import { expectGolden } from './golden.ts';
import { type Scene, shown, textOf, tonesOf } from './scene.ts';
import * as stories from './stories.ts';

const SIZES: readonly Size[] = [
  { columns: 120, rows: 35 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 15 },
  { columns: 40, rows: 12 },
];

const SCENES: Readonly<Record<string, () => Scene>> = {
  'under-way': () => stories.atAgreement(),
  question: () => stories.asking(),
  'question-typed': () => stories.asking({ class: 'typed', typed: 'ldap2' }),
  'question-typing': () => stories.asking({ class: 'typed', typed: 'ldap2' }).press('y', 'l', 'd', 'a', 'p'),
  'question-both-diffs': () => stories.askingBoth(),
  'question-two-person': () => stories.asking({ class: 'two-person' }),
  failure: () => stories.failed(),
  doubt: () => stories.doubtful(),
  output: () => stories.writing().press('enter'),
  'output-search': () => stories.writing().press('/', 'b', 'a', 'd', 'enter'),
  diff: () => stories.atAgreement().press('d'),
  help: () => stories.atAgreement().press('?'),
  note: () => stories.atAgreement().press('n', 'o', 'k'),
  leaving: () => stories.writing().press('q'),
  held: () => stories.heldByOperator(),
  done: () => stories.done(),
  fleet: () => stories.fleet(),
  watched: () => stories.asking({}, { readOnly: true }),
  ascii: () => stories.failed({ unicode: false }),
};

describe.each(Object.entries(SCENES))('the screen "%s"', (name, make) => {
  test.each(SIZES)('is as it was at $columns x $rows', (size) => {
    expectGolden(`${name}-${size.columns}x${size.rows}`, shown(make().screen, size));
  });
});

test.each(['question', 'failure', 'fleet', 'under-way'])('the tones of "%s" are as they were', (name) => {
  const scene = SCENES[name]?.() as Scene;
  expectGolden(`tones-${name}`, tonesOf(view(scene.screen, SIZES[1] as Size)));
});

/** The rows of a screen. */
function at(screen: Screen, columns: number, rows: number): readonly string[] {
  return textOf(view(screen, { columns, rows }));
}

describe('what must be seen', () => {
  test.each(SIZES)(
    'of a question is its step, its words and its keys, at $columns x $rows',
    ({ columns, rows }) => {
      const text = at(stories.asking().screen, columns, rows).join('\n');
      expect(text).toMatch(
        /04 Restart, one at a time.*\n[\s\S]*Reads on ldap2 stop for about 8 s\. [\s\S]*y yes +N no \(default\)/,
      );
    },
  );

  test.each(SIZES)('of a failure is what, and what may be done, at $columns x $rows', ({ columns, rows }) => {
    const text = at(stories.failed().screen, columns, rows).join('\n');
    expect(text).toMatch(/exit 1 after 3\.2 s[\s\S]*next: slaptest[\s\S]*r retry +s skip +m mark done/);
  });

  test.each(SIZES)(
    'of the steps is the one under way, whatever lies over them, at $columns x $rows',
    (size) => {
      for (const keys of [[], ['?'], ['d'], ['n'], ['q']]) {
        const scene = stories.asking().press(...keys);
        const rows = at(scene.screen, size.columns, size.rows);
        expect(rows.some((row) => /^.\? 04 Restart/.test(row))).toBe(true);
      }
    },
  );

  test('of 40 steps is the one under way, though another is looked at', () => {
    const scene = stories.fleet().press('home');
    const rows = at(scene.screen, 80, 24);
    expect(rows.some((row) => /^›✔ 01/.test(row))).toBe(true);
    expect(rows.some((row) => /^ ✘ 18/.test(row))).toBe(true);
  });

  test('of two diffs is what tells them apart, where there is no room for both', () => {
    const rows = at(stories.askingBoth().screen, 80, 24).map((row) => row.slice(2, -2).trim());
    expect(rows).toEqual(
      expect.arrayContaining([
        'now, and not approved:',
        '- olcMultiProvider: FALSE',
        '+ olcMultiProvider: TRUE',
      ]),
    );
    const all = at(stories.askingBoth().press('d').screen, 120, 60).join('\n');
    expect(all).toMatch(/approved:[\s\S]*now:[\s\S]*\+ olcMultiProvider: TRUE/);
  });

  test('of many hosts is how many are how, and the names of those that are alike', () => {
    const text = at(stories.fleet().screen, 120, 35).join('\n');
    expect(text).toMatch(/18 Part 18 of the great move +38✚ 24. 2✘/);
    expect(text).toContain('mail[7,34].example.com  failed');
  });

  test('of the way back is that there is none, once the point of no return is crossed', () => {
    const scene = stories.done();
    expect(at(scene.screen, 120, 35)[1]).not.toContain('roll back');
    const before = stories.atAgreement();
    expect(at(before.screen, 120, 35)[1]).toContain('last moment to turn back 02:55');
    before.after(50 * 60);
    expect(at(before.screen, 120, 35)[1]).toContain('window closed 03:00');
    expect(at(before.screen, 120, 35)[1]).toContain('too late to turn back in time');
  });
});
