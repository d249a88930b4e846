import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Event } from '../engine/event.ts';
import { guard, type JournalError, toJournalError } from './journal-error.ts';
import { GENESIS, JOURNAL, type JournalRecord, mustBeDurable, sealRecord } from './record.ts';

export { JournalError } from './journal-error.ts';

const sync = promisify(fdatasync);

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
    for (const directory of [runDirectory, dirname(runDirectory)])
      guard(directory, () => syncDirectory(directory));
    return new Journal(path, fd, { seq: 0, last: GENESIS });
  }

  /** Goes on after a replay; a torn last line was cut off by the replay. */
  static reopen(runDirectory: string, position: Position): Journal {
    const path = join(runDirectory, JOURNAL);
    return new Journal(
      path,
      guard(path, () => openSync(path, constants.O_WRONLY | constants.O_APPEND)),
      position,
    );
  }

  /** Not one record is in it: nothing can have begun. */
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** Writes in order; resolves once what must be durable is. After one failure it never writes again. */
  async append(
    events: readonly Event[],
    clock: { at: string; mono: number },
  ): Promise<readonly JournalRecord[]> {
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
        // A removed file takes every record and keeps none.
        if (fstatSync(this.#fd).nlink === 0) throw removed();
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
      const broken = this.#break(error);
      guard(this.path, () => ftruncateSync(this.#fd, this.#bytes));
      throw broken;
    }
    this.#bytes += bytes.length;
  }

  #break(error: unknown): JournalError {
    this.#broken = toJournalError(this.path, error);
    return this.#broken;
  }
}

/** As the kernel would say it, had the file been opened again. */
function removed(): NodeJS.ErrnoException {
  return Object.assign(new Error('the journal was removed while it was being written'), { code: 'ENOENT' });
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, constants.O_RDONLY);
  fsyncSync(handle);
  closeSync(handle);
}
