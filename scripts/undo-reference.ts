/** Writes the table of docs/undo.md from the actions: what the undo of each brings back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { actions } from '../src/actions/index.ts';
import type { ActionTable } from '../src/engine/action.ts';

const [BEGIN, END] = ['<!-- made by npm run docs -->', '<!-- end -->'];

/** The page with a fresh table. */
export function withTable(page: string, table: ActionTable): string {
  const rows = Object.keys(table)
    .sort()
    .flatMap((name) => {
      const action = table[name];
      if (action?.kind !== 'change') return [];
      return [
        `| \`${name}\` | ${action.undo?.about ?? 'What its step says under `undo`; without it, nothing.'} |`,
      ];
    });
  const from = page.indexOf(BEGIN) + BEGIN.length;
  const lines = ['', '| action | undo |', '|---|---|', ...rows, ''];
  return `${page.slice(0, from)}${lines.join('\n')}${page.slice(page.indexOf(END))}`;
}

if (import.meta.main) {
  const file = new URL('../docs/undo.md', import.meta.url);
  writeFileSync(file, withTable(readFileSync(file, 'utf8'), actions));
}
