import { expect, test } from 'vitest';
import { Feed, HOSTS, LINES_A_SECOND, STEPS } from '../../scripts/screen-load/feed.ts';
import { escapesIn, wrongOn } from '../../scripts/screen-load/judge-screen.ts';
import type { Stamped } from '../../src/engine/event.ts';
import type { RunState } from '../../src/engine/state.ts';

const BEGUN = Date.parse('2026-11-22T01:53:12Z');
const SECONDS = 4;

function feed(everyMs: number) {
  let state: RunState | undefined;
  const records: Stamped[] = [];
  let text = '';
  const tasks = new Set<string>();
  const one = new Feed(
    {
      told: (more, now) => {
        state = now;
        records.push(...more);
      },
      output: (task, _stream, more) => {
        tasks.add(task);
        text += more;
      },
    },
    BEGUN,
    SECONDS * 1000,
  );
  for (let ms = 0; ms <= SECONDS * 1000; ms += everyMs) one.advance(BEGUN + ms);
  return { state, records, text, tasks };
}

test('the run goes through all its steps on all its hosts and is done at the end', () => {
  const { state, records } = feed(10);
  expect(state?.done).toBe(true);
  expect(state?.steps.length).toBe(STEPS);
  expect(records.filter(({ event }) => event.type === 'task.ended').length).toBe(HOSTS * STEPS);
});

test('so many lines a second are printed, however often it is called', () => {
  const lines = (every: number): number => feed(every).text.split('\n').length - 1;
  expect(lines(10)).toBe(LINES_A_SECOND * SECONDS);
  expect(lines(40)).toBe(LINES_A_SECOND * SECONDS);
});

test('among them are lines of 1 MB, control sequences, and bytes that are no UTF-8', () => {
  const { text } = feed(10);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeGreaterThan(1_000_000);
  expect(text).toContain('\u001b[?1049l');
  expect(text).toContain('\ufffd');
  expect(escapesIn(text)).toHaveLength(6);
});

test('a screen is judged by its header, its times, its rule, and what stands in it', () => {
  const right = [
    ' lockstep  load/sixty-four 1.0.0   run 7f3a ▐██░▌ 3/40',
    ' 00:00:03 gone   ~00:01:30 to go',
    '────',
    'x',
  ];
  expect(wrongOn(right, 60)).toBeUndefined();
  expect(wrongOn(['garbage', ...right], 60)).toMatch(/^the header is/);
  expect(wrongOn(right.with(1, ''), 60)).toMatch(/^the times are/);
  expect(wrongOn(right.with(2, 'over ───'), 60)).toMatch(/^under the header is/);
  expect(wrongOn(right.with(3, 'a\u0007'), 60)).toMatch(/^a control character/);
  expect(wrongOn(right.with(3, 'x'.repeat(61)), 60)).toMatch(/^wider/);
});
