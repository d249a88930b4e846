import { dirname } from 'node:path';
import { CannotRecord } from '../engine/state.ts';

/** The journal, or an output beside it, cannot be written: nothing more may be done. `next` says what to free. */
export class JournalError extends CannotRecord {
  override readonly name = 'JournalError';
  readonly next: string;

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
  }
}

/** Runs what touches the disk; whatever it throws becomes a JournalError that names the path. */
export function guard<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw toJournalError(path, error);
  }
}

export function toJournalError(path: string, error: unknown): JournalError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const cause = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new JournalError(
      `${path}: the disk is full (${code}), so no further step was started`,
      `free space on the file system of ${dirname(path)}, then resume the run`,
      { cause: error },
    );
  if (code === 'ENOENT')
    return new JournalError(
      `${path}: it cannot be written: its directory is gone, so no further step was started`,
      `put ${dirname(path)} back as it was, then resume the run; without its journal, look at the hosts`,
      { cause: error },
    );
  return new JournalError(
    `${path}: it cannot be written, so no further step was started: ${cause}`,
    `make ${dirname(path)} writable, then resume the run`,
    { cause: error },
  );
}
