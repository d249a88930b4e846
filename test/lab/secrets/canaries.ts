/** Secrets made to be found again: each of another shape, and each with pieces that occur nowhere else in the world. */
import { createHash } from 'node:crypto';

export interface Canary {
  /** `c01` …: its name in the runbook. */
  readonly name: string;
  readonly shape: string;
  readonly value: string;
  /** Random letters and digits that stand in the value as they are, whatever is done to the signs between them. */
  readonly pieces: readonly string[];
}

/** So long that no chance makes one, and short enough to stand twice in a short password. */
const PIECE = 10;

/** The same seed gives the same canaries. */
export function makeCanaries(seed: string): readonly Canary[] {
  let drawn = 0;
  const draw = (length = PIECE): string => {
    // Digits first: no word of any language, no option and no number begins like it.
    const text = createHash('sha512').update(`${seed} ${drawn++}`).digest('base64').replaceAll(/[+/=]/g, '');
    return `${drawn % 10}q${text}`.slice(0, length);
  };
  const made: Canary[] = [];
  const add = (shape: string, build: (a: string, b: string) => string): void => {
    const [a, b] = [draw(), draw()];
    const value = build(a, b);
    const pieces = [a, b].filter((piece) => value.includes(piece));
    made.push({ name: `c${String(made.length + 1).padStart(2, '0')}`, shape, value, pieces });
  };

  add('letters and digits', (a, b) => a + b);
  add('single quotes', (a, b) => `${a}'${b}'`);
  add('double quotes', (a, b) => `"${a}"${b}`);
  add('backslashes', (a, b) => `${a}\\${b}\\\\n`);
  add('blanks around and between', (a, b) => `  ${a}  ${b} `);
  add('a variable', (a, b) => `${a}$HOME\${PATH}${b}`);
  add('a command substitution', (a, b) => `${a}$(id)${b}`);
  add('backticks', (a, b) => `\`id\`${a}\`${b}`);
  add('two lines', (a, b) => `${a}\n${b}`);
  add('lines as Windows ends them', (a, b) => `${a}\r\n${b}`);
  add('tabs', (a, b) => `${a}\t${b}`);
  add('percent signs', (a, b) => `%s${a}%d%${b}%`);
  add('a scheme in braces', (a, b) => `{SSHA}${a}${b}==`);
  add('a colon in front', (a, b) => `:${a}:${b}`);
  add('a less-than in front', (a, b) => `<${a}>${b}`);
  add('what looks percent-encoded', (a, b) => `${a}%41%2F${b}%zz`);
  add('what looks like Base64', (a, b) => `${Buffer.from(a + b).toString('base64')}`);
  add('longer than a line of LDIF', (a, b) => `${a}${'x1'.repeat(60)}${b}`);
  add('umlauts', (a, b) => `${a}ü${b}ß`);
  add('emoji', (a, b) => `${a}😀🔑${b}`);
  add('combining marks', (a, b) => `${a}e\u0301a\u0308${b}`);
  add('a key in PEM', (a, b) => {
    const body = createHash('sha512').update(a).digest('base64').slice(0, 64);
    return `-----BEGIN CANARY-----\n${a}${body.slice(10)}\n${body}\n${b}\n-----END CANARY-----\n`;
  });
  add('4,000 characters', (a, b) => `${a}${'abcdefgh12'.repeat(398)}${b}`);
  add('one that another holds', (a, b) => `${a}-${b}`);
  const inner = made.at(-1)?.value ?? '';
  add('one that holds another', (a, b) => `${a}/${inner}/${b}`);
  add('an option', (a, b) => `--${a}=${b}`);
  add('signs of JSON', (a, b) => `{"${a}":["${b}",null]}`);
  add('signs of YAML', (a, b) => `!${a}: &x *${b} # - |`);
  add('signs of a URL', (a, b) => `${a}@host:22/${b}?a=1&b=2#c`);
  add('signs of every kind', (a, b) => `${a}!§%&/()=?*+~#-_.:,;<>|^°[]{}${b}`);
  add('control characters', (a, b) => `${a}\u0001\u001b[31m\u007f${b}`);
  add('a glob', (a, b) => `*${a}?[!a-z]${b}*`);
  add('signs of a DN', (a, b) => `${a},cn="${b}"+x=#1;`);
  add('eight characters with a sign in the middle', (a, b) => `${a.slice(0, 8)}&${b.slice(0, 8)}`);
  return made.map((canary) =>
    canary.pieces.length > 0 ? canary : { ...canary, pieces: longPieces(canary.value) },
  );
}

/** For a value whose pieces are cut or encoded: its own runs of letters and digits. */
function longPieces(value: string): readonly string[] {
  return value.split(/[^A-Za-z0-9]+/).filter((piece) => piece.length >= 8);
}
