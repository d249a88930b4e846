import { expect, test } from 'vitest';
import { type Figures, linesOf, table } from '../../scripts/screen-load/figures.ts';

const good: Figures = {
  withScreen: 0.12,
  withoutScreen: 0.04,
  memory: 120 * 1024 * 1024,
  keys: [40, 20, 30],
  wrong: [],
  looks: 10,
};
const verdicts = (figures: Partial<Figures>) => linesOf({ ...good, ...figures }).map((line) => line.good);

test('what the screen costs is what the driver takes beyond the same driver without it', () => {
  expect(linesOf(good)[0]).toEqual({
    what: 'CPU of the screen',
    measured: '8.0 % of a core (12.0 % with it, 4.0 % without)',
    limit: '10.0 %',
    good: true,
  });
});

test('each limit is one of its own', () => {
  expect(verdicts({})).toEqual([true, true, true, true]);
  expect(verdicts({ withScreen: 0.15 })).toEqual([false, true, true, true]);
  expect(verdicts({ memory: 151 * 1024 * 1024 })).toEqual([true, false, true, true]);
  expect(verdicts({ keys: [1, 2, 101] })).toEqual([true, true, false, true]);
  expect(verdicts({ wrong: ['a bell'] })).toEqual([true, true, true, false]);
});

test('nothing measured is nothing proven', () => {
  expect(verdicts({ keys: [], looks: 0 })).toEqual([true, true, false, false]);
});

test('the table says what was measured beside its limit', () => {
  const [first, second] = table(linesOf({ ...good, memory: 200 * 1024 * 1024 })).split('\n');
  expect(first).toMatch(/^ok {4}CPU of the screen +8\.0 % of a core .* limit 10\.0 %$/);
  expect(second).toMatch(/^OVER {2}memory, peak of the process +200 MB +limit 150 MB$/);
});
