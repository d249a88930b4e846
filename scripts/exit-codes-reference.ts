/** Writes docs/exit-codes.md from src/cli/exit-code.ts. */
import { writeFileSync } from 'node:fs';
import { EXIT, EXIT_MEANING, PLUGIN_MEANING, PLUGINS } from '../src/cli/exit-code.ts';

export function exitCodesReference(): string {
  const rows = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map(
    (name) => `| ${EXIT[name]} | ${name} | ${EXIT_MEANING[name]} |`,
  );
  const plugin = Object.entries(PLUGIN_MEANING).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  const names = PLUGINS.map((name) => `\`${name}\``).join(' and ');
  const other = `${names} have the codes of Nagios plugins, and 130 when they are interrupted:\n\n| code | meaning |\n|---|---|\n${plugin.join('\n')}\n`;
  return `# Exit codes\n\nMade by \`npm run docs\`; do not edit.\n\n| code | name | meaning |\n|---|---|---|\n${rows.join('\n')}\n\n${other}`;
}

if (import.meta.main) writeFileSync('docs/exit-codes.md', exitCodesReference());
