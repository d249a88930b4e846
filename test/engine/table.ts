import { readFileSync } from 'node:fs';

/** First cells of the table below a heading of `docs/resume.md`, without backticks. */
export function rowsOf(heading: string): readonly string[] {
  const text = readFileSync('docs/resume.md', 'utf8');
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  return section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|')[1]?.trim().replaceAll('`', '') ?? '')
    .slice(1) as readonly string[];
}
