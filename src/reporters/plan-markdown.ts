import { asksOf, asThingsStand, diffOf } from '../engine/forecast/forecast.ts';
import { stepNumber, whereOf } from '../engine/state.ts';
import { type PlanDocument, type PlanStep, RISKS, type Tally, tallyOf } from '../plan/document.ts';
import { type Folded, foldTasks, timeText, verdictText } from './plan-fold.ts';
import { tame } from './style.ts';

/** The plan for a change ticket: totals first, then what would change with its whole diff, then the rest. */
export function planMarkdown(document: PlanDocument): string {
  const { runbook, title, source, made, by, digest, offline } = document;
  const tally = tallyOf(document);
  const lines = [
    `# Plan: ${runbook.name} ${runbook.version}`,
    '',
    title,
    '',
    `Made ${made} by ${cell(by.name)}@${cell(by.host)} for \`${source.inventory}\`${offline ? '; **no host was contacted**' : '; nothing was changed'}.`,
    `Digest \`${digest}\`.`,
    '',
    '## Totals',
    '',
    ...totals(document, tally),
    '',
    '## Steps',
  ];
  for (const step of document.steps) lines.push(...stepLines(document, step));
  return `${lines.join('\n')}\n`;
}

function totals(document: PlanDocument, tally: Tally): readonly string[] {
  const lines = ['| | tasks |', '|---|---|'];
  for (const [verdict, count] of Object.entries(tally.verdicts)) lines.push(`| ${verdict} | ${count} |`);
  lines.push('', `| host | ${RISKS.join(' | ')} |`, `|---|${RISKS.map(() => '---').join('|')}|`);
  for (const [host, row] of Object.entries(tally.blast))
    lines.push(`| ${cell(host)} | ${RISKS.map((risk) => row[risk]).join(' | ')} |`);
  lines.push('');
  for (const task of tally.noReturn)
    lines.push(`- **Point of no return**: ${task.step} on ${whereOf(task.task)}`);
  for (const task of tally.gates) {
    const asks = asksOf(task);
    lines.push(
      `- ${task.verdict === 'unknown' ? 'May ask' : 'Asks'} (${asks?.class}): \`${task.task}\`: ${inline(asks?.text ?? '')}`,
    );
  }
  for (const { why, tasks } of tally.unknown)
    lines.push(`- Unknown because ${inline(why)}: ${tasks.map((task) => `\`${task}\``).join(', ')}`);
  for (const [host, why] of Object.entries(tally.unreachable))
    lines.push(`- **${host} was not looked at**: ${inline(why)}`);
  for (const task of tally.failing)
    lines.push(`- **Would fail**: \`${task.task}\`: ${inline('why' in task ? task.why : '')}`);
  for (const { id, says, why } of document.invariants)
    lines.push(`- Invariant \`${id}\`: ${says}${why ? `: ${inline(why)}` : ''}`);
  if (tally.ms > 0) lines.push(`- Time: ${timeText(tally)}`);
  return lines;
}

function stepLines({ tasks }: PlanDocument, step: PlanStep): readonly string[] {
  const flag = step.risk === 'irreversible' ? ' — **point of no return**' : '';
  const lines = [
    '',
    `### ${stepNumber(step.number)} ${inline(step.title)}${flag}`,
    '',
    `\`${step.id}\` (${step.action})`,
    '',
  ];
  for (const one of foldTasks(tasks.filter(({ step: id }) => id === step.id)))
    lines.push(...outlookLines(one));
  return lines;
}

function outlookLines({ hosts, outlook }: Folded): readonly string[] {
  const why = 'why' in outlook ? `: ${inline(outlook.why)}` : '';
  const lines = [`- **${verdictText(outlook)}** (${outlook.basis}) on ${hosts.join(', ')}${why}`];
  for (const change of diffOf(asThingsStand(outlook))) {
    lines.push('', `  \`${change.what.replaceAll('`', "'")}\``, '', '  ```diff');
    for (const { op, text } of change.lines) lines.push(`  ${op} ${fenced(text)}`);
    lines.push('  ```', '');
  }
  return lines;
}

/** Text of a host must not end a fence, nor a table's cell. */
function fenced(text: string): string {
  return tame(text, 2000).replaceAll('```', "'''");
}

function inline(text: string): string {
  return tame(text, 600)
    .replaceAll(/[\\`*_<>|#[\]]/g, '\\$&')
    .replaceAll('\n', ' ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
