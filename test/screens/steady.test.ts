import { describe, expect, test } from 'vitest';
import { steady } from '../../scripts/screens/steady.ts';
import type { Cell } from '../pty-cells.ts';

const cells = (text: string): Cell[] => [...text].map((letter) => ({ text: letter, width: 1 }));
const textOf = (row: readonly Cell[] | undefined): string => (row ?? []).map((cell) => cell.text).join('');
const made = (text: string, own?: [string, string][]): string => textOf(steady([cells(text)], own)[0]);

describe('a screen of another run is the same after it', () => {
  test.each([
    ['the id of a run', 'run 20251125-200220-0e77 by', 'run 20260101-000000-ffff by'],
    ['its last word', ' run 0e77 · CHG', ' run 7f3b · CHG'],
    ['a duration, in whatever unit', 'changed  7 ms', 'changed  1.1 s'],
    ['a long one', 'took 4 m 05 s in all', 'took 850 ms in all'],
    ['a time of day', '02:11:09 started', '14:59:00 started'],
    ['the time that is gone', ' 00:12:41 gone   ~00:07:30 to go', ' 00:00:03 gone   ~01:07:30 to go'],
    ['an address of the lab', 'ldap1 10.77.227.11', 'ldap1 10.77.5.11'],
    ['a CSN', '20251125200220.123456Z#000000#001#000000', '20261125200220.000001Z#00000a#001#000000'],
    ['a spinner', 'a ⠋ b', 'a ⠴ b'],
    ['a digest', 'sha256 0e77aa00bb11cc22dd33', 'sha256 ffffaa00bb11cc22dd34'],
  ])('%s', (_, one, other) => {
    expect(made(one)).toBe(made(other));
    expect(made(one)).not.toBe(one);
  });
});

test('what says who and what is left as it is', () => {
  const text = '25 Load the dump  load.load on ldap2  21 changed, 1,023 entries, port 389, defaced';
  expect(made(text)).toBe(text);
});

test('the last octet still tells hosts apart', () => {
  expect(made('10.77.227.11 10.77.227.12')).toBe('192.0.2.11 192.0.2.12');
});

test('columns and borders behind it stay where they are', () => {
  expect(made('│ 12.3 s   next │')).toBe('│ 0.4 s    next │');
  expect(made('│ 7 ms     next │')).toBe('│ 0.4 s    next │');
  expect(made('x 7 ms')).toBe('x 0.4 s');
});

test('it looks as what it replaces', () => {
  const row = cells('in 7 ms').map((cell, index) => (index > 2 ? { ...cell, dim: true as const } : cell));
  expect(steady([row])[0]?.slice(3)).toEqual([...'0.4 s'].map((text) => ({ text, width: 1, dim: true })));
});

test('texts of this machine are replaced as they are told', () => {
  expect(made('journal: /tmp/x.y/runs', [['/tmp/x.y', '~/state']])).toBe('journal: ~/state/runs');
  expect(made('journal: /tmp/xzy/runs', [['/tmp/x.y', '~/state']])).toBe('journal: /tmp/xzy/runs');
});
