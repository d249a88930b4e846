import { SEVERITIES } from '../health/diagnose.ts';
import type { SiteFacts } from '../health/facts.ts';
import type { Finding } from '../health/finding.ts';
import { poolOf } from '../health/pool.ts';
import { siteName } from '../health/site-name.ts';
import { verdictOf } from '../health/verdict.ts';
import { count, momentText } from '../health/words.ts';
import { agreementTable, flightTable } from './health-links.ts';
import { nodeTable } from './health-nodes.ts';
import { SEVERITY_SIGNS } from './health-signs.ts';
import { changeTable, serverTable } from './health-tables.ts';
import { Paper, type PaperOptions } from './paper.ts';

/** A site at a glance: the verdict, its servers, whose changes who has, its agreements, and what there is to say. */
export function healthText(site: SiteFacts, findings: readonly Finding[], options: PaperOptions): string {
  const paper = new Paper(options);
  const pool = poolOf(site);
  const blocks = [
    [
      paper.spread({ text: siteName(site), tone: 'bold' }, { text: momentText(site.at), tone: 'dim' }),
      verdictLine(pool.servers.length, findings, paper),
    ],
    serverTable(pool, paper),
    changeTable(pool, paper),
    agreementTable(pool, paper),
    nodeTable(pool, paper),
    flightTable(pool, paper),
    findingLines(findings, paper),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** `✘ critical: 1 critical, 2 warnings`, or that nothing is wrong. */
export function verdictLine(servers: number, findings: readonly Finding[], paper: Paper): string {
  const { word } = verdictOf(findings);
  const told = SEVERITIES.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    const { one, many } = SEVERITY_SIGNS[severity];
    return number > 0 ? [count(number, one, many)] : [];
  });
  if (word === 'OK') {
    const notes = told.length > 0 ? `, ${told.join(', ')}` : '';
    return paper.paint(`${paper.ascii ? 'ok' : '✔ ok'}: ${count(servers, 'server')}${notes}`, 'good');
  }
  const { sign, tone } = SEVERITY_SIGNS[word.toLowerCase() as 'critical' | 'warning' | 'unknown'];
  return paper.paint(`${paper.ascii ? '' : `${sign} `}${word.toLowerCase()}: ${told.join(', ')}`, tone);
}

function findingLines(findings: readonly Finding[], paper: Paper): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap(({ severity, code, what }) => {
    const { sign, ascii, tone } = SEVERITY_SIGNS[severity];
    const head = `${paper.paint(paper.ascii ? ascii : sign, tone)} ${paper.paint(code, tone)}`;
    return paper.hanging(head, code.length + 2, what);
  });
  const more = 'lockstep doctor tells why each of these bites, and what mends it.';
  return [...lines, '', ...paper.paragraph(more, '', 'dim')];
}
