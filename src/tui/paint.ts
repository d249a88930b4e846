import type { Row, Tone } from './screen.ts';

const CODES: Readonly<Record<Tone, string>> = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  bad: '31',
  warn: '33',
  chosen: '7',
};

/** A row as a terminal reads it: SGR codes, or without colours the words alone (what is chosen stays inverted). */
export function paintRow(row: Row, colour: boolean): string {
  return row
    .map(({ text, tone = 'plain' }) => {
      const code = colour || tone === 'chosen' ? CODES[tone] : '';
      return code === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
    })
    .join('')
    .trimEnd();
}
