/** What differs from one run to the next, replaced by something fixed, so that the same screen is the same file. Pure. */
import type { Cell } from '../../test/pty-cells.ts';

type Cells = readonly Cell[];

const RULES: readonly (readonly [RegExp, string])[] = [
  // Ids of runs, whole and by their last word.
  [/\b20\d{6}-\d{6}-[0-9a-f]{4}\b/g, '20261122-015312-7f3a'],
  [/\brun [0-9a-f]{4}\b/g, 'run 7f3a'],
  // CSNs, generalized times, ISO 8601, times of day.
  [/\b20\d{12}(?:\.\d+)?Z#[0-9a-f]{6}#/g, '20261122015312.000000Z#000000#'],
  [/\b20\d{12}(?:\.\d+)?Z/g, '20261122015312Z'],
  [/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?/g, '2026-11-22 01:53'],
  [/\b\d\d:\d\d:\d\d(?= gone)/g, '00:02:41'],
  [/~?\d\d:\d\d:\d\d(?= to go)/g, '~00:01:30'],
  [/~?\d\d:\d\d:\d\d(?= to roll back)/g, '~00:01:10'],
  [/(?<![~\d:])\d\d:\d\d:\d\d(?! gone| to )/g, '01:53:12'],
  // Durations: on a busy machine `998 ms` is `1.1 s`, so that all are one.
  [/(?<![\d.])(?:\d+ ms|\d+\.\d s|\d+ m \d\d s)\b/g, '0.4 s'],
  // Addresses of labs: RFC 5737 has these for examples.
  [/\b(?:10\.77|172\.31)\.\d{1,3}\.(\d{1,3})\b/g, '192.0.2.$1'],
  [
    /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
    '3f9c1d52-7be4-103f-8d2a-5b64c0ad9e11',
  ],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b/g, '7f3a9c1d52be'],
  [/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠹'],
];

/** `own` are texts of this machine: its name, a folder. */
export function steady(
  rows: readonly Cells[],
  own: readonly (readonly [string, string])[] = [],
): readonly Cells[] {
  const rules = [
    ...own.map(([text, instead]) => [new RegExp(escaped(text), 'g'), instead] as const),
    ...RULES,
  ];
  return rows.map((row) =>
    rules.reduce((cells, [pattern, instead]) => replace(cells, pattern, instead), row),
  );
}

function replace(row: Cells, pattern: RegExp, instead: string): Cells {
  const text = row.map((cell) => cell.text).join('');
  let cells = row;
  // From the end, so that what stands before keeps its place.
  for (const match of [...text.matchAll(pattern)].reverse()) {
    const found = match[0];
    const fresh = instead.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
    const first = cellAt(row, match.index);
    const last = cellAt(row, match.index + found.length);
    const look = row[first];
    if (!look || found === fresh) continue;
    const put = [...fresh].map((letter): Cell => ({ ...look, text: letter, width: 1 }));
    cells = [...cells.slice(0, first), ...put, ...settle(cells.slice(last), put.length - (last - first))];
  }
  return cells;
}

/** Takes `longer` blanks away from the next gap, or adds them there, so that columns and borders stay where they are. */
function settle(rest: Cells, longer: number): Cells {
  const gap = rest.findIndex((cell, index) => cell.text === ' ' && (rest[index + 1]?.text ?? ' ') === ' ');
  if (gap < 0) return rest;
  const blank = rest[gap];
  if (!blank) return rest;
  if (longer <= 0) return [...rest.slice(0, gap), ...Array(-longer).fill(blank), ...rest.slice(gap)];
  let end = gap;
  while (end - gap < longer && rest[end + 1]?.text === ' ') end++;
  return [...rest.slice(0, gap), ...rest.slice(end)];
}

/** Which cell holds that place of the row's text. */
function cellAt(row: Cells, offset: number): number {
  let seen = 0;
  for (const [index, cell] of row.entries()) {
    if (seen >= offset) return index;
    seen += cell.text.length;
  }
  return row.length;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
