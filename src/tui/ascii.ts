/** The same frame for a terminal that shows no Unicode: letter for letter, so that nothing moves. */
import { widthOf } from './cells.ts';
import type { Row } from './screen.ts';

const PLAIN: Readonly<Record<string, string>> = {
  '·': '-',
  '…': '~',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '─': '-',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '├': '+',
  '┤': '+',
  '█': '#',
  '░': '.',
  '▐': '[',
  '▌': ']',
  '▶': '>',
  '▸': '+',
  '›': '>',
  '▾': '-',
  '⚑': '!',
  '✔': '=',
  '✚': '+',
  '✘': 'x',
  '↯': '/',
  '∅': '0',
  '○': '.',
  '●': '!',
};

const graphemes = new Intl.Segmenter();

export function asciiText(text: string): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  let plain = '';
  for (const { segment } of graphemes.segment(text)) {
    if (/^[\u0020-\u007e]$/.test(segment)) plain += segment;
    else if (/^[\u2800-\u28ff]$/.test(segment)) plain += '*';
    else plain += PLAIN[segment] ?? '?'.repeat(widthOf(segment));
  }
  return plain;
}

export function asciiRow(row: Row): Row {
  return row.map((span) => ({ ...span, text: asciiText(span.text) }));
}
