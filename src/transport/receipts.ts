/** Reads what a target says of a token. */
import type { CommandResult } from '../engine/ports.ts';
import { TransportError } from '../engine/ports.ts';
import { exitOf } from './output.ts';
import type { Answer, Hello } from './session.ts';
import type { Receipt, Token } from './transport.ts';

export function tokenText(token: Token): string {
  return `${token.task} attempt ${token.attempt} of run ${token.run}`;
}

/** The shell that a running token's command runs below. */
export interface Below {
  readonly pid: number;
  readonly started: string;
  /** It is no shell of ours but a part of the command, left when its shell was killed: it is to be ended too. */
  readonly orphan?: true;
}

/** A receipt, with what is needed to judge and to signal: the greeting of the shell that gave it. */
export interface Looked {
  readonly receipt: Receipt;
  readonly below?: Below;
  readonly hello: Hello;
  readonly answer: Answer;
}

/** Milliseconds between two readings of /proc/uptime (seconds, 10 ms steps); 0 where there is none. */
function between(from: string | undefined, to: string | undefined): number {
  const duration = Math.round((Number(to) - Number(from)) * 1000);
  return Number.isFinite(duration) ? duration : 0;
}

const WHY: Readonly<Record<string, string>> = {
  rebooted: 'the host was rebooted while it ran',
  killed: 'its shell is gone and left no exit code: it was killed',
  empty: 'its token is empty: the disk was full, or its shell stopped while writing it',
};

/** Turns the answer to a look frame into a receipt. Throws `lost` when the target cannot tell. */
export function readLook(host: string, token: Token, answer: Answer, hello: Hello): Looked {
  const [letter, status, ...words] = answer.words;
  const stdout = answer.stdout.text();
  const stderr = answer.stderr.text();
  if (letter !== 'q' || status === undefined) {
    throw new TransportError(
      'lost',
      host,
      `no receipt for ${tokenText(token)}: ${answer.said.text().trim() || 'it is not there'}`,
      'Make the receipts readable and writable on the host, then resume.',
    );
  }
  if (status === 'never') return { receipt: { kind: 'never-started' }, hello, answer };
  if (status === 'ended') {
    const result: CommandResult = {
      exit: exitOf(Number(words[0])),
      stdout,
      stderr,
      truncated: answer.stdout.truncated || answer.stderr.truncated,
      durationMs: between(words[1], words[2]),
    };
    return { receipt: { kind: 'ended', result }, hello, answer };
  }
  if (status === 'running') {
    const below = { pid: Number(words[0]), started: words[1] ?? '-' };
    return { receipt: { kind: 'running', pid: below.pid, stdout, stderr }, below, hello, answer };
  }
  if (status === 'orphan') {
    // What runs may still take effect: until it ends, no probe can prove that it did not.
    const below = { pid: Number(words[0]), started: words[1] ?? '-', orphan: true as const };
    return { receipt: { kind: 'running', pid: below.pid, stdout, stderr }, below, hello, answer };
  }
  return { receipt: { kind: 'vanished', why: WHY[status] ?? status, stdout, stderr }, hello, answer };
}

/** Why a target refused to begin; undefined when the answer is an end. */
export function notBegun(host: string, what: string, answer: Answer): TransportError | undefined {
  const [letter, why, word] = answer.words;
  if (letter !== 'n') return undefined;
  const said = `${answer.said.text()}${answer.stderr.text()}`.trim();
  if (why === 'exists' && word !== 'fenced') {
    return new TransportError(
      // Its journal has lost the record of it: what became of it is asked of the receipt, as after a lost link.
      'lost',
      host,
      `${what} was begun before: its token exists on ${host}`,
      'Resume the run: the receipt on the host says how it ended.',
    );
  }
  if (why === 'lease') {
    return new TransportError(
      'fenced',
      host,
      `${what} did not start: this run holds ${host} no longer`,
      `Another run has taken ${host} over, or its lease was removed there: see lockstep unlock --show.`,
    );
  }
  const facts: Readonly<Record<string, readonly [string, string]>> = {
    exists: ['its token is fenced: an earlier look found that it had not started', 'Use a new attempt.'],
    cwd: [`its directory cannot be entered: ${said}`, 'Correct cwd.'],
    dir: [
      `receipts cannot be kept: ${said}`,
      'Let that user create the directory, or set receipts in the inventory.',
    ],
    token: [`its token cannot be made: ${said}`, 'Make the receipts directory writable and free some space.'],
    full: [`its token cannot be written: ${said}`, 'Free some space where receipts are kept.'],
    files: [
      `its input or output files cannot be made: ${said}`,
      'Free some space where receipts are kept, and in /tmp.',
    ],
  };
  const [fact, next] = facts[why ?? ''] ?? [`the host said: ${said}`, 'Look at the host.'];
  return new TransportError('not-started', host, `${what} did not start: ${fact}`, next);
}
