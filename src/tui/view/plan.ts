/** A plan to walk through: totals, steps, what would happen on which hosts, and each diff; folded, and unfolded by hand. */
import { asksOf, asThingsStand, diffOf, type Outlook, type Verdict } from '../../engine/forecast/forecast.ts';
import { stepNumber } from '../../engine/state.ts';
import { type PlanDocument, type PlanStep, RISKS, tallyOf } from '../../plan/document.ts';
import { foldTasks, timeText, VERDICT_SIGNS, verdictText } from '../../reporters/plan-fold.ts';
import { tame } from '../../reporters/style.ts';
import { clean, pad } from '../cells.ts';
import { foldNames } from '../name-range.ts';
import type { Frame, Row, Size, Tone } from '../screen.ts';
import { changeRows } from './diff.ts';
import { keyRow, listMove, listView } from './list.ts';

export interface PlanLook {
  readonly at: number;
  /** What is unfolded. */
  readonly open: readonly string[];
}

interface Line {
  readonly row: Row;
  /** Set where it can be folded. */
  readonly fold?: string;
  /** The fold that it is in. */
  readonly inside?: string;
}

const TONES: Readonly<Record<Verdict, Tone>> = {
  unchanged: 'good',
  skipped: 'dim',
  'would change': 'warn',
  'would ask': 'warn',
  'would fail': 'bad',
  unknown: 'warn',
};

/** Steps that would change, ask or fail, and the totals, are unfolded at first. */
export function openPlan(document: PlanDocument): PlanLook {
  const telling = document.tasks.filter(({ verdict }) => verdict !== 'unchanged' && verdict !== 'skipped');
  return { at: 0, open: ['totals', ...new Set(telling.map(({ step }) => step))] };
}

export function planView(document: PlanDocument, look: PlanLook, size: Size, unicode: boolean): Frame {
  const { runbook, title, made, by, offline } = document;
  const lines = linesOf(document, look);
  const told = offline ? 'no host was contacted' : 'hosts were read, and nothing was changed';
  return listView(
    {
      head: [
        [
          { text: clean(` plan  ${runbook.name} ${runbook.version}`), tone: 'bold' },
          { text: clean(`   ${title}`) },
        ],
        [
          {
            text: clean(` made ${made.slice(0, 16).replace('T', ' ')} by ${by.name}   ${told}`),
            tone: 'dim',
          },
        ],
      ],
      rows: lines.map(({ row }) => row),
      chosen: Math.min(look.at, lines.length - 1),
      foot: keyRow([
        ['↑↓', 'move'],
        ['enter', 'unfold'],
        ['+', 'all'],
        ['-', 'none'],
        ['q', 'leave'],
      ]),
    },
    size,
    unicode,
  );
}

export function pressPlan(
  document: PlanDocument,
  look: PlanLook,
  key: string,
): { readonly look: PlanLook; readonly leave?: true } {
  if (['q', 'escape', 'ctrl-c'].includes(key)) return { look, leave: true };
  const lines = linesOf(document, look);
  const line = lines[look.at];
  const fold = line?.fold ?? line?.inside;
  const at = (place: number): number => Math.max(0, Math.min(place, lines.length - 1));
  if (key === '+') return { look: { ...look, open: foldsOf(document) } };
  if (key === '-') return { look: { at: 0, open: [] } };
  if (fold === undefined) return { look: { ...look, at: listMove(look.at, lines.length, key) } };
  const isOpen = look.open.includes(fold);
  const home = at(lines.findIndex((one) => one.fold === fold));
  const folded = { at: home, open: look.open.filter((one) => one !== fold) };
  const unfolded = { at: look.at, open: [...look.open, fold] };
  if (key === 'right') return { look: isOpen ? look : unfolded };
  if (key === 'left') return { look: isOpen ? folded : look };
  if (key === 'enter' || key === ' ') return { look: isOpen ? folded : unfolded };
  return { look: { ...look, at: listMove(look.at, lines.length, key) } };
}

function foldsOf(document: PlanDocument): readonly string[] {
  return [
    'totals',
    ...document.steps.flatMap((step) => [step.id, ...groupsOf(document, step).map(({ key }) => key)]),
  ];
}

function linesOf(document: PlanDocument, { open }: PlanLook): readonly Line[] {
  const lines: Line[] = [{ row: [mark(open, 'totals'), { text: 'totals', tone: 'bold' }], fold: 'totals' }];
  if (open.includes('totals')) lines.push(...totalRows(document).map((row) => ({ row, inside: 'totals' })));
  for (const step of document.steps) lines.push(...stepLines(document, step, open));
  return lines;
}

function stepLines(document: PlanDocument, step: PlanStep, open: readonly string[]): readonly Line[] {
  const groups = groupsOf(document, step);
  const counts = groups.flatMap(({ hosts, outlook }): Row => {
    const { verdict } = outlook;
    return [{ text: ` ${hosts.length}${VERDICT_SIGNS[verdict]}`, tone: TONES[verdict] }];
  });
  const flag: Row = step.risk === 'irreversible' ? [{ text: '⚑ point of no return  ', tone: 'bad' }] : [];
  const head: Line = {
    row: [
      mark(open, step.id),
      { text: `${stepNumber(step.number)} `, tone: 'dim' },
      { text: pad(clean(step.title), 44) },
      ...flag,
      ...counts,
    ],
    fold: step.id,
  };
  if (!open.includes(step.id)) return [head];
  return [head, ...groups.flatMap((group) => groupLines(group, step.id, open))];
}

type Group = ReturnType<typeof groupsOf>[number];

function groupsOf({ tasks }: PlanDocument, step: PlanStep) {
  const own = tasks.filter(({ step: id }) => id === step.id);
  return foldTasks(own).map((folded, index) => ({ ...folded, key: `${step.id}/${index}` }));
}

function groupLines(
  { hosts, outlook, key }: Group,
  inside: string,
  open: readonly string[],
): readonly Line[] {
  const { verdict } = outlook;
  const tone = TONES[verdict];
  const more = moreRows(outlook);
  const row: Row = [
    { text: '   ' },
    more.length > 0 ? mark(open, key) : { text: '  ' },
    { text: `${VERDICT_SIGNS[verdict]} `, tone },
    { text: clean(verdictText(outlook)), tone },
    { text: clean(`  ${foldNames(hosts)}`) },
  ];
  if (more.length === 0) return [{ row, inside }];
  if (!open.includes(key)) return [{ row, fold: key, inside }];
  return [
    { row, fold: key, inside },
    ...more.map((one) => ({ row: [{ text: '       ' }, ...one], inside: key })),
  ];
}

/** Why it is unknown or would fail, what it would ask, and the diff. */
function moreRows(outlook: Outlook): Frame {
  const rows: Row[] = [];
  if ('why' in outlook) rows.push([{ text: clean(tame(outlook.why)), tone: 'dim' }]);
  if (outlook.verdict === 'would fail' && outlook.next)
    rows.push([{ text: clean(`next: ${tame(outlook.next)}`), tone: 'warn' }]);
  rows.push(...changeRows(diffOf(asThingsStand(outlook))));
  const asks = asksOf(outlook);
  if (asks) rows.push([{ text: clean(`asks (${asks.class}): ${tame(asks.text)}`), tone: 'warn' }]);
  return rows;
}

function totalRows(document: PlanDocument): Frame {
  const tally = tallyOf(document);
  const verdicts = (Object.keys(VERDICT_SIGNS) as Verdict[]).flatMap((verdict): Row => {
    const count = tally.verdicts[verdict];
    if (count === undefined) return [];
    return [{ text: `${VERDICT_SIGNS[verdict]} `, tone: TONES[verdict] }, { text: `${count} ${verdict}   ` }];
  });
  const rows: Row[] = [[{ text: '   ' }, ...verdicts]];
  const put = (text: string, tone: Tone): void =>
    void rows.push([{ text: '   ' }, { text: clean(tame(text)), tone }]);
  if (tally.ms > 0) put(timeText(tally), 'plain');
  // Hosts on which the same is done are one line.
  const blast = new Map<string, string[]>();
  for (const [host, row] of Object.entries(tally.blast)) {
    const acts = RISKS.filter((risk) => row[risk] > 0).map((risk) => `${row[risk]} ${risk}`);
    blast.set(acts.join(', '), [...(blast.get(acts.join(', ')) ?? []), host]);
  }
  for (const [acts, hosts] of blast) if (acts !== '') put(`${foldNames(hosts)}: ${acts}`, 'dim');
  for (const { step, host } of tally.noReturn) put(`point of no return: ${step} on ${host}`, 'bad');
  for (const task of tally.gates) put(`asks (${asksOf(task)?.class}): ${task.task}`, 'warn');
  for (const { why, tasks } of tally.unknown) put(`unknown on ${tasks.length}: ${why}`, 'warn');
  for (const [host, why] of Object.entries(tally.unreachable))
    put(`${host} was not looked at: ${why}`, 'bad');
  for (const { task } of tally.failing) put(`would fail, and stop the run there: ${task}`, 'bad');
  return rows;
}

function mark(open: readonly string[], fold: string): { text: string; tone: Tone } {
  return { text: open.includes(fold) ? '▾ ' : '▸ ', tone: 'dim' };
}
