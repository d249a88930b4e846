import type { RunState } from '../engine/state.ts';

/** What a caller can count on; the list in docs/exit-codes.md is made from it. */
export const EXIT = {
  done: 0,
  usage: 1,
  failed: 2,
  question: 3,
  doubt: 4,
  stale: 5,
  locked: 6,
  window: 7,
  invariant: 8,
  bug: 70,
  operator: 130,
} as const;

export function exitCodeOf(state: RunState): number {
  if (state.done) return EXIT.done;
  switch (state.held?.reason) {
    case 'doubt':
      return EXIT.doubt;
    case 'question':
      return EXIT.question;
    case 'operator':
      return EXIT.operator;
    default:
      return EXIT.failed;
  }
}

/** Ends a command with a message and a code; `cli.ts` prints it and exits. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly code: number;
  readonly next: string | undefined;

  constructor(code: number, message: string, next?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.next = next;
  }
}
