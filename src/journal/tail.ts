import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from './append.ts';
import { BEGINNING, BrokenJournal, readChain } from './chain.ts';
import { guard } from './journal-error.ts';
import { JOURNAL, type JournalRecord } from './record.ts';

/** Reads a journal on while another process writes it. A last line that is not whole yet is left for the next reading. */
export class JournalTail {
  readonly path: string;
  readonly #fd: number;
  /** Bytes of the records that were read. */
  #read = 0;
  #position: Position = BEGINNING;

  /** Throws JournalError when there is none, or it cannot be read. */
  constructor(runDirectory: string) {
    this.path = join(runDirectory, JOURNAL);
    this.#fd = guard(this.path, () => openSync(this.path, constants.O_RDONLY));
  }

  /** What has come since the last call. Throws BrokenJournal, also where records were taken back that had been read. */
  next(): readonly JournalRecord[] {
    const { size } = fstatSync(this.#fd);
    if (size < this.#read)
      throw new BrokenJournal(
        this.path,
        this.#position.seq,
        'the last records were taken back, since the disk had no room for them',
      );
    if (size === this.#read) return [];
    const bytes = Buffer.alloc(size - this.#read);
    const count = readSync(this.#fd, bytes, 0, bytes.length, this.#read);
    const { records, position, length } = readChain(this.path, bytes.subarray(0, count), this.#position);
    this.#read += length;
    this.#position = position;
    return records;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
