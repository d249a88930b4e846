import type { CommandResult } from '../engine/ports.ts';

/** An action that could not do its work: what was wrong, what to do next, and the command that failed if one did. */
export class ActionError extends Error {
  /** What to do next, one sentence. */
  readonly next: string | undefined;
  readonly command: CommandResult | undefined;

  constructor(message: string, more: { next?: string; command?: CommandResult; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ActionError';
    this.next = more.next;
    this.command = more.command;
  }
}
