/** Writes docs/keys.md from the key table of the terminal UI. */
import { writeFileSync } from 'node:fs';
import { helpRows } from '../src/tui/keys.ts';

export function keysReference(): string {
  const rows = helpRows().map(({ chapter, shown, does }) =>
    chapter === undefined
      ? `| \`${shown}\` | ${does} |`
      : `\n## ${chapter.charAt(0).toUpperCase()}${chapter.slice(1)}\n\n| key | |\n|---|---|`,
  );
  return `# Keys of the terminal UI\n\nMade by \`npm run docs\`; do not edit. A key counts where it stands, and in the places named before.\n${rows.join('\n')}\n`;
}

if (import.meta.main) writeFileSync('docs/keys.md', keysReference());
