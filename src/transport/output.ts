/** What a command wrote, and how its code reads. */
import { constants } from 'node:os';
import type { Exit } from '../engine/ports.ts';
import { OUTPUT_LIMIT } from './envelope.ts';

/** Collects one stream up to a limit in bytes; what is beyond is dropped and noted. */
export class Output {
  readonly #chunks: Buffer[] = [];
  readonly #limit: number;
  #length = 0;
  #truncated = false;

  constructor(limit: number = OUTPUT_LIMIT) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.#length;
    if (chunk.length > room) this.#truncated = true;
    if (room <= 0) return;
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    this.#length += Math.min(chunk.length, room);
  }

  get length(): number {
    return this.#length;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** UTF-8, invalid bytes replaced. */
  text(): string {
    const [only] = this.#chunks;
    if (only === undefined) return '';
    return this.#chunks.length === 1 ? only.toString() : Buffer.concat(this.#chunks).toString();
  }
}

const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name]),
);

/**
 * An exit code as `sh` gives it. A shell reports death by signal N as 128 + N (POSIX 2.8.2) and says no more, so a
 * command that exits with such a code by itself is taken for killed.
 */
export function exitOf(code: number): Exit {
  const signal = code > 128 && code <= 128 + 64 ? SIGNALS.get(code - 128) : undefined;
  return signal === undefined ? { kind: 'exited', code } : { kind: 'killed', signal };
}
