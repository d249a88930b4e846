/**
 * A command line for people to read: words are quoted where a shell would need it, control characters are escaped.
 * Nothing runs this text; `transport/shell.ts` makes the one that runs.
 */
export function commandLine(argv: readonly string[]): string {
  return argv.map(word).join(' ');
}

function word(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (/[\x00-\x1f\x7f]/.test(text)) return `$'${escaped(text)}'`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function escaped(text: string): string {
  return text.replace(/[\\'\x00-\x1f\x7f]/g, (char) => {
    if (char === '\\' || char === "'") return `\\${char}`;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
