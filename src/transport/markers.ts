/** Finds a session's markers in a byte stream: `NONCE word word…\n`. All other bytes are passed on exactly. */
export class MarkerReader {
  readonly #nonce: Buffer;
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #onMarker: (words: readonly string[]) => void;
  /** Bytes that may be the beginning of a marker. */
  #held: Buffer = Buffer.alloc(0);

  constructor(nonce: string, onBytes: (bytes: Buffer) => void, onMarker: (words: readonly string[]) => void) {
    this.#nonce = Buffer.from(nonce);
    this.#onBytes = onBytes;
    this.#onMarker = onMarker;
  }

  push(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let from = 0;
    for (;;) {
      const start = bytes.indexOf(this.#nonce, from);
      if (start < 0) break;
      const end = bytes.indexOf(10, start);
      this.#emit(bytes.subarray(from, start));
      from = start;
      if (end < 0) {
        this.#held = bytes.subarray(start);
        return;
      }
      from = end + 1;
      this.#onMarker(bytes.toString('latin1', start + this.#nonce.length + 1, end).split(' '));
    }
    const rest = bytes.subarray(from);
    const held = this.#prefixAtEnd(rest);
    this.#emit(rest.subarray(0, rest.length - held));
    this.#held = rest.subarray(rest.length - held);
  }

  #emit(bytes: Buffer): void {
    if (bytes.length > 0) this.#onBytes(bytes);
  }

  /** How many bytes at the end could be the nonce's beginning. */
  #prefixAtEnd(bytes: Buffer): number {
    for (let length = Math.min(this.#nonce.length - 1, bytes.length); length > 0; length--) {
      if (bytes.compare(this.#nonce, 0, length, bytes.length - length) === 0) return length;
    }
    return 0;
  }
}
