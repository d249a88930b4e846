import { asksOf, asThingsStand, diffOf, type Outlook, type Verdict } from '../engine/forecast/forecast.ts';
import { stepNumber, whereOf } from '../engine/state.ts';
import { type PlanDocument, type PlanStep, RISKS, type Tally, tallyOf } from '../plan/document.ts';
import { type Folded, foldTasks, timeText, VERDICT_SIGNS, verdictText } from './plan-fold.ts';
import { type Style, showDuration, tame } from './style.ts';

/** Lines of a diff shown; `--json` and `--markdown` have all. */
const DIFF_LINES = 14;
/** Names of tasks shown with one reason. */
const NAMES = 6;

/** The plan for a screen or a log: every step, then the totals. */
export function planText(document: PlanDocument, style: Style): string {
  const lines = head(document, style);
  let quiet = false;
  for (const step of document.steps) {
    const told = stepLines(document, step, style);
    // Steps with nothing to tell stand close together.
    if (!quiet || told.length > 1) lines.push('');
    quiet = told.length === 1;
    lines.push(...told);
  }
  return `${lines.join('\n')}\n\n${planTotals(document, style)}`;
}

/** The end of a plan: what an approver looks for. */
export function planTotals(document: PlanDocument, style: Style): string {
  return `${[...totals(tallyOf(document), style), ...invariantLines(document, style)].join('\n')}\n`;
}

function head({ runbook, title, steps, hosts, offline, source }: PlanDocument, style: Style): string[] {
  const count = new Set(steps.flatMap((step) => step.hosts)).size;
  const met = Object.values(hosts).filter((host) => !('unreachable' in host)).length;
  const looked = offline ? 'no host was contacted' : `${met} of ${count} hosts were looked at`;
  return [
    style.bold(`${runbook.name} ${runbook.version}: ${title}`),
    style.dim(`plan for ${source.inventory}: ${steps.length} steps; ${looked}, and nothing was changed`),
  ];
}

function stepLines({ tasks }: PlanDocument, step: PlanStep, style: Style): readonly string[] {
  const folded = foldTasks(tasks.filter((one) => one.step === step.id));
  const flag = step.risk === 'irreversible' ? style.bad('  point of no return') : '';
  const { ms, ground } = step.estimate;
  // A limit is no estimate.
  const time = ground === 'timeout' ? '' : style.dim(`  about ${showDuration(ms)}`);
  const title = `${style.bold(`${stepNumber(step.number)} ${step.title}`)}  ${style.dim(`${step.id} (${step.action})`)}${time}${flag}`;
  const [only, more] = folded;
  if (!only) return [`${title}  ${style.dim('no host')}`];
  if (!more && only.outlook.verdict === 'unchanged')
    return [`${title}  ${paint(style, only.outlook)}  ${style.dim(only.hosts.join(' '))}`];
  const lines = [title];
  for (const one of folded) lines.push(...outlookLines(one, style));
  return lines;
}

function outlookLines({ hosts, outlook }: Folded, style: Style): readonly string[] {
  const basis = outlook.basis === 'told' ? style.dim('  told by the tool') : '';
  const lines = [`  ${paint(style, outlook)}  ${hosts.join(' ')}${basis}`];
  if ('why' in outlook) lines.push(`      ${style.dim(tame(outlook.why))}`);
  if (outlook.verdict === 'would fail' && outlook.next) lines.push(`      next: ${tame(outlook.next)}`);
  for (const change of diffOf(asThingsStand(outlook))) {
    lines.push(`      ${tame(change.what)}`);
    for (const { op, text } of change.lines.slice(0, DIFF_LINES)) {
      const drawn = `        ${op} ${tame(text, 160)}`;
      lines.push(op === '+' ? style.good(drawn) : op === '-' ? style.bad(drawn) : style.dim(drawn));
    }
    if (change.lines.length > DIFF_LINES)
      lines.push(
        style.dim(`        … ${change.lines.length - DIFF_LINES} more lines with --json or --markdown`),
      );
  }
  const asks = asksOf(outlook);
  if (asks) lines.push(style.warn(`      asks (${asks.class}): ${tame(asks.text)}`));
  return lines;
}

function paint(style: Style, outlook: Outlook): string {
  const { verdict } = outlook;
  const text = `${style.unicode ? `${VERDICT_SIGNS[verdict]} ` : ''}${verdictText(outlook)}`;
  if (verdict === 'would fail') return style.bad(text);
  return verdict === 'unchanged' || verdict === 'skipped' ? style.good(text) : style.warn(text);
}

const ORDER: readonly Verdict[] = [
  'would change',
  'unchanged',
  'skipped',
  'would ask',
  'unknown',
  'would fail',
];

function totals(tally: Tally, style: Style): readonly string[] {
  const counts = ORDER.filter((verdict) => tally.verdicts[verdict]).map(
    (verdict) => `${tally.verdicts[verdict]} ${verdict}`,
  );
  const lines = [style.bold(`plan: ${counts.join(', ')}`)];
  if (tally.leaning > 0)
    lines.push(
      `  of the unknown, ${tally.leaning} would change as things stand; no branch was taken on them`,
    );
  lines.push(...blastLines(tally));
  for (const task of tally.noReturn)
    lines.push(style.bad(`  point of no return: ${task.step} on ${whereOf(task.task)}`));
  for (const task of tally.gates) {
    const asks = asksOf(task);
    const may = task.verdict === 'unknown' ? 'may ask' : 'asks';
    lines.push(style.warn(`  ${may} (${asks?.class}): ${task.task}: ${tame(asks?.text ?? '')}`));
  }
  for (const { why, tasks } of tally.unknown)
    lines.push(`  unknown because ${tame(why)}${style.dim(`  ${names(tasks)}`)}`);
  for (const [host, why] of Object.entries(tally.unreachable))
    lines.push(style.bad(`  ${host} was not looked at: ${tame(why)}`));
  for (const task of tally.failing)
    lines.push(
      style.bad(`  would fail, and stop the run there: ${task.task}: ${tame('why' in task ? task.why : '')}`),
    );
  if (tally.ms > 0) lines.push(`  time: ${timeText(tally)}`);
  return lines;
}

/** A run begins only while all of them hold. */
function invariantLines({ invariants }: PlanDocument, style: Style): readonly string[] {
  return invariants.map(({ id, says, why }) => {
    const text = `  invariant ${id}: ${says}${why ? `: ${tame(why)}` : ''}`;
    if (says === 'holds') return text;
    return style.bad(`${text}; the run would not begin`);
  });
}

/** Hosts by risk: how many tasks would, or may, act there. */
function blastLines({ blast }: Tally): readonly string[] {
  const hosts = Object.keys(blast);
  if (hosts.length === 0) return [];
  const width = Math.max(4, ...hosts.map((host) => host.length));
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(width)}  ${cells.map((cell, at) => cell.padStart((RISKS[at] ?? '').length)).join('  ')}`;
  return [
    row('host', RISKS),
    ...hosts.map((host) =>
      row(
        host,
        RISKS.map((risk) => String(blast[host]?.[risk] ?? 0)),
      ),
    ),
  ];
}

function names(tasks: readonly string[]): string {
  const more = tasks.length - NAMES;
  return more > 0 ? `${tasks.slice(0, NAMES).join(' ')} and ${more} more` : tasks.join(' ');
}
