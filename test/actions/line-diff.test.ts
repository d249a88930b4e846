import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from '../../src/actions/line-diff.ts';

const text = (before: string, after: string) => lineDiff(before, after).map(({ op, text }) => `${op}${text}`);

test('a changed line stands between its neighbours', () => {
  expect(text('a\nb\nc\n', 'a\nB\nc\n')).toEqual([' a', '-b', '+B', ' c']);
});

test('lines far from a difference are left out', () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const after = lines.with(10, 'new');
  expect(text(`${lines.join('\n')}\n`, `${after.join('\n')}\n`)).toEqual([
    ' …',
    ' line 7',
    ' line 8',
    ' line 9',
    '-line 10',
    '+new',
    ' line 11',
    ' line 12',
    ' line 13',
    ' …',
  ]);
});

test('a missing newline at the end is a difference that shows', () => {
  expect(text('a\n', 'a')).toEqual(['-a', '+a (no newline at the end)']);
});

test('nothing becomes something, and the other way', () => {
  expect(text('', 'a\n')).toEqual(['+a']);
  expect(text('a\n', '')).toEqual(['-a']);
});

test('texts too long for a table are shown as replaced, in bounded time', () => {
  const many = (tag: string) => Array.from({ length: 3_000 }, (_, at) => `${tag}${at}\n`).join('');
  const lines = lineDiff(many('a'), many('b'));
  expect(lines).toHaveLength(6_000);
  expect(lines[0]).toEqual({ op: '-', text: 'a0' });
});

test('without folding, the kept and added lines are the new text, the kept and removed the old', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const close = (list: string[]) => list.map((line) => `${line}\n`).join('');
      const diff = lineDiff(close(before), close(after));
      const of = (ops: string) => diff.filter(({ op }) => ops.includes(op)).map((line) => line.text);
      // Equal texts, and texts whose equal parts are far away, fold; the alphabet is small and the texts short.
      if (diff.some((line) => line.text === '…')) return true;
      return of(' +').join() === after.join() && of(' -').join() === before.join();
    }),
  );
});
