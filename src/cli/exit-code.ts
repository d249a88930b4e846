import type { RunState } from '../engine/state.ts';

/** What a caller can count on; docs/exit-codes.md is made from it. */
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

export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'All steps ended well, or there was nothing to do.',
  usage: 'Usage or validation: nothing was contacted. The message names file, line and cure.',
  failed: 'A step failed or a host could not be reached; the run is held and can be resumed.',
  question: 'Held at a question that nobody answered and no policy passes.',
  doubt: 'Held in doubt: it is not known whether a command took effect, and a person must look.',
  stale:
    'The world, the runbook or the inventory is not the one that the run left; the run was undone; or its journal is not as it was written.',
  locked: 'Another run holds a host, or another lockstep is working on this run.',
  window:
    'Outside of the change window; or what is next would not be over, or taken back, before it closes, and was not begun.',
  invariant: 'What must hold throughout the run no longer does.',
  bug: 'A fault of lockstep itself; the journal is whole.',
  operator: 'Held by the operator (Ctrl-C, SIGTERM, SIGHUP).',
};

/** Commands that say how something is, in the codes of Nagios plugins: a failure of their own is 3, unknown. */
export const PLUGINS: readonly string[] = ['status', 'doctor'];

export const PLUGIN_MEANING: Readonly<Record<number, string>> = {
  0: 'Ok: nothing is wrong, as far as was looked.',
  1: 'Warning: something will break, or is not as it should be.',
  2: 'Critical: something is broken, or changes are being lost.',
  3: 'Unknown: something could not be looked at, and nothing worse was seen; or the command itself failed, usage included.',
};

/** The code of a command that failed, by the words it was called with. */
export function failureCode(code: number, argv: readonly string[]): number {
  const isPlugin = PLUGINS.includes(argv[2] ?? '') && code !== EXIT.done && code !== EXIT.operator;
  return isPlugin ? 3 : code;
}

export function exitCodeOf(state: RunState): number {
  if (state.done) return EXIT.done;
  switch (state.held?.reason) {
    case 'doubt':
      return EXIT.doubt;
    case 'question':
      return EXIT.question;
    case 'operator':
      return EXIT.operator;
    case 'locked':
      return EXIT.locked;
    case 'drift':
      return EXIT.stale;
    case 'window':
      return EXIT.window;
    case 'invariant':
      return EXIT.invariant;
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
