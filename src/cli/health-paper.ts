import type { PaperOptions } from '../reporters/paper.ts';
import { styleFor } from '../reporters/style.ts';

/** Without a terminal nobody knows how wide the paper is: wide enough for any table. */
const COLUMNS = 120;

/** How this terminal, or what reads stdout, is written to. */
export function paperFor(columns = process.stdout.columns ?? COLUMNS): PaperOptions {
  const isTerminal = process.stdout.isTTY === true;
  const colour = isTerminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return { columns, colour, ascii: !styleFor(process.env, isTerminal).unicode };
}
