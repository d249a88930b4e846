import type { Finding } from '../health/finding.ts';
import { SEVERITY_SIGNS } from './health-signs.ts';
import { Paper, type PaperOptions } from './paper.ts';

/** From so many letters on a command stands on a line of its own, unbroken, so that it can be pasted. */
const LONG_COMMAND = 30;

/** All findings in full: what was seen, why it bites, what mends it. */
export function doctorText(findings: readonly Finding[], options: PaperOptions): string {
  const paper = new Paper(options);
  if (findings.length === 0) return `${paper.paint('Nothing is wrong, as far as was looked.', 'good')}\n`;
  return `${findings.map((finding) => findingText(finding, paper).join('\n')).join('\n\n')}\n`;
}

function findingText({ severity, code, where, what, why, fix }: Finding, paper: Paper): readonly string[] {
  const { sign, ascii, tone } = SEVERITY_SIGNS[severity];
  const head = `${paper.ascii ? ascii : sign} ${severity === 'info' ? 'note' : severity}`;
  return [
    `${paper.paint(head, tone)}  ${paper.paint(code, 'bold')}  ${paper.paint(where.join(' '), 'dim')}`,
    ...paper.paragraph(`${what}.`, '  '),
    ...paper.paragraph(`${why}.`, '  why  '),
    ...fixLines(fix, paper),
  ];
}

/** Prose in paragraphs, and long commands on lines of their own behind `$`. */
function fixLines(fix: string, paper: Paper): readonly string[] {
  const pieces: { text: string; isCommand: boolean }[] = [];
  fix.split('`').forEach((text, at) => {
    const isCommand = at % 2 === 1 && text.length >= LONG_COMMAND;
    const shown = at % 2 === 1 && !isCommand ? `\`${text}\`` : text;
    const last = pieces.at(-1);
    if (last && !last.isCommand && !isCommand) last.text += shown;
    else pieces.push({ text: shown, isCommand });
  });
  const lines = pieces.flatMap(({ text, isCommand }) => {
    if (isCommand) return [`       $ ${paper.plain(text)}`];
    // What followed the command in its sentence begins a line here.
    const prose = text.trim().replace(/^[.,;] */, '');
    return prose === '' ? [] : [...paper.paragraph(prose, '       ')];
  });
  return lines.map((line, at) => (at === 0 ? `  fix  ${line.slice(7)}` : line));
}
