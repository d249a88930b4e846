/** Text with SGR codes, as a report paints it for a terminal, as rows of the screen. */
import type { Row, Span, Tone } from './screen.ts';

const TONES: Readonly<Record<string, Tone>> = {
  1: 'bold',
  2: 'dim',
  7: 'chosen',
  31: 'bad',
  32: 'good',
  33: 'warn',
};

/** A row a line. A code that no tone has is left out. */
export function rowsOf(painted: string): readonly Row[] {
  return painted.split('\n').map(rowOf);
}

function rowOf(line: string): Row {
  const spans: Span[] = [];
  let tone: Tone | undefined;
  for (const piece of line.split(/(\u001b\[\d*m)/)) {
    const code = /^\u001b\[(\d*)m$/.exec(piece)?.[1];
    if (code !== undefined) tone = TONES[code];
    else if (piece !== '') spans.push(tone ? { text: piece, tone } : { text: piece });
  }
  return spans;
}
