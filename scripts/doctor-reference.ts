/** Writes the tables of docs/doctor.md from the rules: every code, how it is graded, what it means, what mends it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { THEMES } from '../src/health/rules/index.ts';

const [BEGIN, END] = ['<!-- made by npm run docs -->', '<!-- end -->'];

/** The page with fresh tables. */
export function withRules(page: string, themes: typeof THEMES): string {
  const tables = themes.flatMap(({ title, rules }) => [
    '',
    `### ${title}`,
    '',
    '| code | severity | what it means | what mends it |',
    '|---|---|---|---|',
    ...rules.map(
      ({ code, severities, about, mends }) =>
        `| \`${code}\` | ${severities.join(', ')} | ${cell(about)} | ${cell(mends)} |`,
    ),
  ]);
  const from = page.indexOf(BEGIN) + BEGIN.length;
  return `${page.slice(0, from)}${['', ...tables, '', ''].join('\n')}${page.slice(page.indexOf(END))}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) {
  const file = new URL('../docs/doctor.md', import.meta.url);
  writeFileSync(file, withRules(readFileSync(file, 'utf8'), THEMES));
}
