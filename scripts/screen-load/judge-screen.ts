/** Whether a screen under load is as it must be. Pure. */
import { HOSTS, NAME, STEPS } from './feed.ts';

/** What is not right about the rows; undefined when all is. */
export function wrongOn(screen: readonly string[], columns: number): string | undefined {
  const [header = '', times = '', rule = ''] = screen;
  if (!header.includes(`${NAME} 1.0.0`)) return `the header is ${JSON.stringify(header)}`;
  if (!/\d+\/\d+$/.test(header)) return `the header has no count at its end: ${JSON.stringify(header)}`;
  if (!/ gone /.test(times)) return `the times are ${JSON.stringify(times)}`;
  if (!/^[─-]+$/.test(rule)) return `under the header is ${JSON.stringify(rule)}`;
  const garbage = screen.find((row) => /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(row));
  if (garbage !== undefined) return `a control character is in ${JSON.stringify(garbage)}`;
  const wide = screen.find((row) => [...row].length > columns);
  if (wide !== undefined) return `wider than the screen: ${JSON.stringify(wide)}`;
  return undefined;
}

/** What must never reach the terminal from a host, whole as it was printed. */
export function escapesIn(written: string): readonly string[] {
  const hostile: readonly (readonly [RegExp, string])[] = [
    [/\u001b\]0;taken/, 'a title was set by a host'],
    [/\u001bc/, 'the terminal was reset by a host'],
    [/\u001b\[6n|\u001b\[c/, 'a host has asked the terminal'],
    [/[\u0080-\u009f]/, 'a control character of one byte'],
    [/\u0007/, 'a bell'],
    [/[\u202a-\u202e]/, 'the direction of letters was turned'],
  ];
  return hostile.flatMap(([pattern, what]) => (pattern.test(written) ? [what] : []));
}

export const LOAD = `${HOSTS} hosts x ${STEPS} steps`;
