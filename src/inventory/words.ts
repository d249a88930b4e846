/** Splitting a line into words as a POSIX shell would, without running anything: quotes, backslashes, comments. */

export type Words = { readonly words: readonly string[] } | { readonly problem: string };

/** With `comments`, a `#` at the start of a word ends the line, as Python's shlex does for INI inventories. */
export function splitWords(line: string, options: { readonly comments?: boolean } = {}): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index] ?? '';
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (quote === '"') {
      const next = line[index + 1] ?? '';
      if (char === '"') quote = undefined;
      else if (char === '\\' && (next === '"' || next === '\\')) {
        word += next;
        index += 1;
      } else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\') {
      if (index + 1 >= line.length) return { problem: 'a backslash at the end of the line escapes nothing' };
      word = (word ?? '') + line[index + 1];
      index += 1;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '#' && options.comments === true) {
      // Python's shlex takes a # anywhere outside quotes for a comment, within a word too.
      break;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== undefined) return { problem: `a ${quote} is never closed` };
  if (word !== undefined) words.push(word);
  return { words };
}
