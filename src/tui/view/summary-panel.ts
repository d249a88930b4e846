/** How it came out, or where it is held and how to go on. */
import { crossed } from '../../engine/crossed.ts';
import { tame } from '../../reporters/style.ts';
import { wrap } from '../cells.ts';
import { foldNames } from '../name-range.ts';
import { hasFailed, placeOf, stepName } from '../places.ts';
import type { Frame, Row, Screen } from '../screen.ts';
import { conditionOf, countsOf, SIGNS } from '../signs.ts';
import type { Boxed } from './box.ts';
import { offerRows } from './key-rows.ts';

export function summaryBox(screen: Screen, cells: number): Boxed {
  const { run } = screen;
  const offers = screen.readOnly ? [] : offerRows(screen, cells, 2);
  const tally = talliedRows(screen);
  if (run.done)
    return {
      title: 'done',
      ...(run.undone !== undefined && { right: `undone by ${run.undone}` }),
      tone: 'good',
      rows: [
        ...tally,
        ...failedRows(screen),
        ...text(`lockstep show ${run.run} tells it all again`, cells, 2),
        ...offers,
      ],
      keep: offers.length,
    };
  const at = run.steps[run.cursor];
  const left = run.steps.length - run.cursor;
  const crossing = crossed(run);
  const forward = crossing
    ? text(
        `the point of no return ${crossing.surely ? 'is' : 'may be'} crossed (${crossing.task}): the way is forward`,
        cells,
        2,
      )
    : [];
  return {
    title: at ? `held at ${stepName(run, run.cursor)}` : 'held',
    right: `${left} of ${run.steps.length} steps left`,
    tone: 'warn',
    rows: [
      ...text(run.held?.text ?? '', cells, 3, true),
      ...tally,
      ...forward,
      ...text(`g goes on here; later: lockstep resume ${run.run}`, cells, 2),
      ...offers,
    ],
    keep: offers.length + 1,
  };
}

function talliedRows({ run }: Screen): Frame {
  const conditions = run.steps.flatMap(({ tasks }) => tasks.map((task) => conditionOf(task)));
  const row = countsOf(conditions).flatMap(([condition, count]): Row => {
    if (condition === 'waiting') return [];
    const { sign, tone, words } = SIGNS[condition];
    return [{ text: `${sign} `, tone }, { text: `${count} ${words}   ` }];
  });
  return row.length === 0 ? [[{ text: 'nothing was begun', tone: 'dim' }]] : [row];
}

/** What was tolerated is told all the same. */
function failedRows({ run }: Screen): Frame {
  return run.steps.flatMap((step, index): Row[] => {
    const failed = step.tasks.filter(hasFailed);
    if (failed.length === 0) return [];
    return [[{ text: `${stepName(run, index)}: failed on ${foldNames(failed.map(placeOf))}`, tone: 'bad' }]];
  });
}

function text(words: string, cells: number, most: number, isBold = false): Frame {
  return wrap(tame(words, 1000), cells, most).map(
    (line): Row => [{ text: line, tone: isBold ? 'bold' : 'dim' }],
  );
}
