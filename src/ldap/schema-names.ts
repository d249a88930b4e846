/** Schema definitions of RFC 4512, 4.1, as far as comparing and asking for names needs them. */
import { withoutIndex } from './config-names.ts';

/** Lower-case names of all definitions: `NAME 'a'` and `NAME ( 'a' 'b' )`. */
export function definedNames(definitions: readonly string[]): readonly string[] {
  return definitions.flatMap((definition) => {
    const match = /\bNAME\s+(?:'([^']*)'|\(([^)]*)\))/i.exec(definition);
    const names =
      match?.[1] === undefined
        ? [...(match?.[2] ?? '').matchAll(/'([^']*)'/g)].map((one) => one[1] ?? '')
        : [match[1]];
    return names.map((name) => name.toLowerCase());
  });
}

/** A text equal for equal definitions: no `{n}`, single spaces, lower case outside quotes. */
export function normaliseDefinition(definition: string): string {
  return withoutIndex(definition)
    .split(/('[^']*')/)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(/\s+/g, ' ').toLowerCase()))
    .join('')
    .trim()
    .replace(/ *([()$]) */g, '$1');
}
