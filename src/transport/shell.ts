/**
 * The only file where a command becomes shell text. Pure: the same command and delimiter give the same text.
 *
 * The text is read by `sh` on its standard input, so a secret in it is in no process's argv. Environment values go
 * through shell variables and are never spelt inside the subshell, because bash prints the text of a subshell that
 * was killed by a signal.
 */
import type { Command } from '../engine/ports.ts';
import { reveal } from '../secrets/secret.ts';

/** One word of shell text. Throws when it holds a NUL, which no argument can. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a word of a command holds a NUL byte, which no argument can');
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** As `quote`, and adds no backslash: ssh looks at the quotes of a ProxyCommand by rules of its own before a shell does. */
export function quoteForProxy(word: string): string {
  return quote(word).replaceAll("'\\''", `'"'"'`);
}

/** Names that exist in the shell alone; they run in the subshell without `exec`. */
const SHELL_ONLY: ReadonlySet<string> = new Set(['command', 'type', 'hash', 'umask', 'ulimit']);

/** Linux refuses a single argument of 128 KiB (MAX_ARG_STRLEN, execve(2)). */
const LONGEST_WORD = 131_071;

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where a rendered command's output goes: redirections of the command, and of the group around it. */
export interface Redirections {
  readonly inner: string;
  readonly outer: string;
}

/**
 * Lines of sh that run the command, set `_ls_o` once its files are open, and leave its exit code in `_ls_r`. Expects the
 * session's variables (`_ls_u`, the umask). `delimiter` is a random word that the command's input does not hold.
 */
export function renderCommand(command: Command, redirections: Redirections, delimiter: string): string {
  const { prepare, exported, forget } = environment(command);
  const body = `( umask "$_ls_u"; ${exported}${program(command)} )${redirections.inner}`;
  const input = renderInput(command, delimiter);
  return (
    `${prepare}${input.prepare}{ _ls_o=1; ${input.pipe}${body}; _ls_r=$?; }${redirections.outer}${input.redirection}\n` +
    `${input.heredoc}${forget}${input.forget}`
  );
}

/** Shell text that replaces the shell by the command; for streams, whose stdin and stdout are the channel itself. */
export function renderExec(command: Command): string {
  const { prepare, exported } = environment(command);
  return `${prepare}umask "$_ls_u"; ${exported}${program(command)}\n`;
}

/** The program and its arguments; `exec` also keeps the builtins of the lane's own shell out of it. */
function program(command: Command): string {
  const words = wordsOf(command);
  for (const word of words) {
    if (Buffer.byteLength(word) > LONGEST_WORD) {
      throw new TypeError(
        `an argument of ${Buffer.byteLength(word)} bytes is longer than Linux allows (128 KiB); pass it by stdin or a file`,
      );
    }
  }
  const text = words.map(quote).join(' ');
  return SHELL_ONLY.has(words[0] ?? '') ? text : `exec ${text}`;
}

function wordsOf(command: Command): readonly string[] {
  const { argv, script } = command;
  if ((argv === undefined) === (script === undefined)) {
    throw new TypeError('a command has either argv or script, and only one of them');
  }
  if (script !== undefined) return ['sh', '-c', script];
  if (argv === undefined || argv.length === 0 || argv[0] === '') throw new TypeError('argv names no program');
  // A program called `-x` would be an option of exec; no such program is meant.
  if (argv[0]?.startsWith('-')) throw new TypeError(`argv names "${argv[0]}", an option and not a program`);
  return argv;
}

function environment(command: Command): { prepare: string; exported: string; forget: string } {
  const entries = Object.entries(command.env ?? {});
  let prepare = '';
  let exported = '';
  let forget = '';
  entries.forEach(([name, value], index) => {
    if (!ENV_NAME.test(name)) throw new TypeError(`"${name}" cannot be the name of an environment variable`);
    prepare += `_ls_v${index}=${quote(reveal(value))}\n`;
    exported += `export ${name}="$_ls_v${index}" && `;
    forget += `unset _ls_v${index}\n`;
  });
  return { prepare, exported, forget };
}

interface Input {
  readonly prepare: string;
  readonly pipe: string;
  readonly redirection: string;
  readonly heredoc: string;
  readonly forget: string;
}

/** Lines go by a quoted here-document; what is not lines, or holds NUL, by the shell's own printf. */
function renderInput(command: Command, delimiter: string): Input {
  const none = { prepare: '', pipe: '', redirection: ' </dev/null', heredoc: '', forget: '' };
  if (command.stdin === undefined) return none;
  const text = reveal(command.stdin);
  if (text === '') return none;
  if (text.endsWith('\n') && !text.includes('\0')) {
    if (text.includes(delimiter)) throw new TypeError('the delimiter of a here-document occurs in its text');
    return { ...none, redirection: ` <<'${delimiter}'`, heredoc: `${text}${delimiter}\n` };
  }
  // \0NNN is how %b spells a byte (POSIX printf); a variable cannot hold NUL itself.
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0000');
  return {
    ...none,
    prepare: `_ls_i=${quote(escaped)}\n`,
    pipe: `printf %b "$_ls_i" | `,
    forget: 'unset _ls_i\n',
  };
}

/** Whether the command's input needs the shell's own printf: an external one would show it in its argv. */
export function needsPrintf(command: Command): boolean {
  if (command.stdin === undefined) return false;
  const text = reveal(command.stdin);
  return text !== '' && (!text.endsWith('\n') || text.includes('\0'));
}
