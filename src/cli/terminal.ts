import type { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { StringDecoder } from 'node:string_decoder';
import type { ChangeView, Question } from '../engine/event.ts';
import type { Answer } from '../engine/run.ts';
import { type Style, tame } from '../reporters/style.ts';

/** A person at the other end, or nobody: without a terminal every question holds the run. */
export interface Terminal {
  readonly present: boolean;
  /** One line; undefined without a terminal or when it closes. `hidden` shows nothing of what is typed. */
  line(prompt: string, hidden?: boolean): Promise<string | undefined>;
  /** From now on each line is asked for in what `aside` makes of the terminal: a screen that steps aside. */
  askAside?(aside: Aside): void;
}

export type Aside = <T>(use: () => Promise<T>) => Promise<T>;

/** `mayAsk` is false where the operator wants no question, whoever is there (`--no-input`). */
export function openTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream, mayAsk = true): Terminal {
  const present = mayAsk && input.isTTY === true && output.isTTY === true;
  // A terminal that is gone (EIO) gives no line, which holds; readline's own way out would be a fault there.
  if (present) input.on('error', () => undefined);
  let last: Promise<unknown> = Promise.resolve();
  let aside: Aside = (use) => use();
  return {
    present,
    askAside(way) {
      aside = way;
    },
    line(prompt, hidden = false) {
      if (!present) return Promise.resolve(undefined);
      // One question at a time, though hosts ask in parallel.
      const mine = last.then(() => aside(() => readLine(input, output, prompt, hidden)));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function readLine(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  prompt: string,
  hidden: boolean,
): Promise<string | undefined> {
  if (hidden) return readHidden(input, output, prompt);
  const reader = createInterface({ input, output });
  // It passes on what befalls its input, without a type for it.
  (reader as EventEmitter).on('error', () => undefined);
  const closed = new Promise<undefined>((resolve) => {
    reader.once('close', () => resolve(undefined));
    reader.once('SIGINT', () => {
      reader.close();
      process.kill(process.pid, 'SIGINT');
    });
  });
  const line = await Promise.race([reader.question(prompt), closed]);
  reader.close();
  return line;
}

function readHidden(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  prompt: string,
): Promise<string | undefined> {
  // The echo goes off before the prompt invites to type.
  input.setRawMode(true);
  output.write(prompt);
  input.resume();
  // A letter may come in two chunks.
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (value: string | undefined): void => {
      input.off('data', take);
      input.off('end', gone);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      resolve(value);
    };
    const take = (chunk: Buffer): void => {
      for (const char of decoder.write(chunk)) {
        if (char === '\r' || char === '\n') {
          finish(typed.join(''));
          return;
        }
        if (char === '\u0003' || char === '\u0004') {
          finish(undefined);
          return;
        }
        typed = char === '\u007f' || char === '\b' ? typed.slice(0, -1) : [...typed, char];
      }
    };
    const gone = (): void => finish(undefined);
    input.on('data', take);
    input.once('end', gone);
  });
}

/** What was approved, and what would be written now. */
function bothDiffs(was: readonly ChangeView[], now: readonly ChangeView[], style: Style): string {
  const tell = (title: string, changes: readonly ChangeView[]): string => {
    const lines = changes.flatMap(({ what, lines: all }) => [
      `    ${tame(what)}`,
      ...all.map(({ op, text }) => `      ${op} ${tame(text, 160)}`),
    ]);
    return `  ${style.bold(title)}\n${lines.length === 0 ? '    nothing to change' : lines.join('\n')}\n`;
  };
  return tell('approved:', was) + tell('now:', now);
}

/** Asks on plain lines. The default is no; a typed question wants its word; a doubt wants what was seen. */
export async function askPlainly(
  terminal: Terminal,
  question: Question,
  by: string,
  write: (text: string) => void,
  style: Style,
): Promise<Answer | undefined> {
  if (!terminal.present) return undefined;
  write(`\n${style.bold(`${question.task}: ${tame(question.text, 2000)}`)}\n`);
  if (question.was) write(bothDiffs(question.was, question.changes, style));
  const answer = (word: Answer['answer'], because?: string): Answer => ({
    answer: word,
    by,
    ground: 'terminal',
    ...(because && { because }),
  });
  if (question.purpose === 'doubt') {
    const seen = await terminal.line('  it happened [applied] / it did not [not-applied] / hold [enter]: ');
    if (seen !== 'applied' && seen !== 'not-applied') return answer('no');
    return answer(seen, await terminal.line('  how do you know? '));
  }
  if (question.class === 'typed') {
    const wanted = question.typed ?? 'yes';
    const again = question.purpose === 'repeat';
    // What failed after it took effect must not run again, and the run has to go on.
    const choice = again
      ? `type ${tame(wanted)} to run it again   s it took effect: skip it with a reason   anything else holds: `
      : `type ${tame(wanted)} to go on, anything else holds: `;
    const typed = await terminal.line(`  ${choice}`);
    if (typed === wanted) return answer('yes');
    return again && typed === 's' ? skipped() : answer('no');
  }
  if (question.class === 'two-person') return undefined;
  const word = await terminal.line('  y yes   s skip it with a reason   N no, hold (default): ');
  if (word === 'y' || word === 'yes') return answer('yes');
  return word === 's' || word === 'skip' ? skipped() : answer('no');

  async function skipped(): Promise<Answer> {
    const because = await terminal.line('  why is it skipped? ');
    return because ? answer('skip', because) : answer('no');
  }
}
