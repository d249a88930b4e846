import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/tui/painted.ts';
import { scrollBy, watchView } from '../../src/tui/view/watch.ts';

const text = (frame: ReturnType<typeof watchView>): string[] =>
  frame.map((row) =>
    row
      .map((span) => span.text)
      .join('')
      .trimEnd(),
  );

test('painted text becomes rows with the tones of the screen, and no control character is left', () => {
  expect(rowsOf('\u001b[1mldap1\u001b[0m  ok\n\u001b[31mdown\u001b[0m\u001b[35m?\u001b[0m')).toEqual([
    [{ text: 'ldap1', tone: 'bold' }, { text: '  ok' }],
    [{ text: 'down', tone: 'bad' }, { text: '?' }],
  ]);
});

describe('a report that is watched', () => {
  const rows = Array.from({ length: 30 }, (_, at) => [{ text: `row ${at + 1}` }]);
  const said = [{ text: 'next look in 3 s' }];

  test('fills the screen but its last line, and says what is below', () => {
    const frame = text(watchView({ rows, scroll: 0, said }, { columns: 80, rows: 12 }, true));
    expect(frame).toHaveLength(11);
    expect([frame[0], frame[9]]).toEqual(['row 1', 'row 10']);
    expect(frame[10]).toMatch(/↑↓ scroll.*q leave +next look in 3 s {2}20 more below$/);
  });

  test('is never scrolled past its end, however small the screen gets', () => {
    const low = text(watchView({ rows, scroll: 29, said }, { columns: 80, rows: 12 }, true));
    expect([low[0], low[9]]).toEqual(['row 21', 'row 30']);
    for (const size of [
      { columns: 20, rows: 3 },
      { columns: 1, rows: 1 },
    ]) {
      const frame = watchView({ rows, scroll: 3, said }, size, false);
      for (const line of text(frame)) expect(line.length).toBeLessThanOrEqual(size.columns);
    }
  });

  test('goes where the keys lead', () => {
    expect(['down', 'j', 'pagedown', 'end', 'up', 'home', 'x'].map((key) => scrollBy(5, 30, key))).toEqual([
      6, 6, 15, 29, 4, 0, 5,
    ]);
  });
});
