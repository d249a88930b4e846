/** Writes docs/exit-codes.md from src/cli/exit-code.ts. */
import { writeFileSync } from 'node:fs';
import { EXIT, EXIT_MEANING } from '../src/cli/exit-code.ts';

export function exitCodesReference(): string {
  const rows = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map(
    (name) => `| ${EXIT[name]} | ${name} | ${EXIT_MEANING[name]} |`,
  );
  return `# Exit codes\n\nMade by \`npm run docs\`; do not edit.\n\n| code | name | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

if (import.meta.main) writeFileSync('docs/exit-codes.md', exitCodesReference());
