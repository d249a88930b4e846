import { closeSync, constants, fdatasync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Event } from '../engine/event.ts';
import { GENESIS, JOURNAL, type JournalRecord, mustBeDurable, sealRecord } from './record.ts';

const sync = promisify(fdatasync);

/** The journal cannot be written: nothing more may be done. `next` says what to free. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly next: string;

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
  }
}

export interface Position {
  readonly seq: number;
  readonly last: string;
}

/** Appends records; one fsync serves all records of a call, and whatever parallel hosts have put in it. */
export class Journal {
  readonly path: string;
  readonly #fd: number;
  #seq: number;
  #prev: string;
  #bytes: number;
  #broken: JournalError | undefined;

  private constructor(path: string, fd: number, position: Position) {
    this.path = path;
    this.#fd = fd;
    this.#seq = position.seq;
    this.#prev = position.last;
    this.#bytes = fstatSync(fd).size;
  }

  /** Makes the file; its directory entry is durable before the first record. */
  static create(runDirectory: string): Journal {
    const path = join(runDirectory, JOURNAL);
    const fd = guard(path, () =>
      openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600),
    );
    for (const directory of [runDirectory, dirname(runDirectory)]) {
      const handle = openSync(directory, constants.O_RDONLY);
      fsyncSync(handle);
      closeSync(handle);
    }
    return new Journal(path, fd, { seq: 0, last: GENESIS });
  }

  /** Goes on after a replay; a torn last line was cut off by the replay. */
  static reopen(runDirectory: string, position: Position): Journal {
    const path = join(runDirectory, JOURNAL);
    return new Journal(path, guard(path, () => openSync(path, constants.O_WRONLY | constants.O_APPEND)), position);
  }

  /** Writes in order; resolves once what must be durable is. After one failure it never writes again. */
  async append(events: readonly Event[], clock: { at: string; mono: number }): Promise<readonly JournalRecord[]> {
    if (this.#broken) throw this.#broken;
    const records: JournalRecord[] = [];
    let text = '';
    let { seq, prev } = { seq: this.#seq, prev: this.#prev };
    for (const event of events) {
      const sealed = sealRecord({ seq: ++seq, prev, at: clock.at, mono: clock.mono, event });
      prev = sealed.record.sum;
      text += `${sealed.line}\n`;
      records.push(sealed.record);
    }
    this.#write(Buffer.from(text));
    this.#seq = seq;
    this.#prev = prev;
    if (events.some(mustBeDurable)) {
      try {
        await sync(this.#fd);
      } catch (error) {
        throw this.#break(error);
      }
    }
    return records;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(bytes: Buffer): void {
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      // A half-written batch would look like records that are true: take it back. Shrinking works on a full disk.
      ftruncateSync(this.#fd, this.#bytes);
      throw this.#break(error);
    }
    this.#bytes += bytes.length;
  }

  #break(error: unknown): JournalError {
    this.#broken = toJournalError(this.path, error);
    return this.#broken;
  }
}

function guard<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw toJournalError(path, error);
  }
}

function toJournalError(path: string, error: unknown): JournalError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const cause = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new JournalError(
      `${path}: the disk is full (${code}), so no further step was started`,
      `free space on the file system of ${dirname(path)}, then resume the run`,
      { cause: error },
    );
  return new JournalError(
    `${path}: the journal cannot be written: ${cause}`,
    `make ${dirname(path)} writable, then resume the run`,
    { cause: error },
  );
}
