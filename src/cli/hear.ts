import type { RedactedStream } from '../secrets/redact.ts';
import type { Heard, OutputStream } from '../transport/transport.ts';

export interface Ear {
  /** A redacted stream of its own for each output. */
  readonly stream: () => RedactedStream;
  /** The last line so far. */
  readonly note: (line: string) => void;
  /** All of it, piece by piece. */
  readonly output?: ((stream: OutputStream, text: string) => void) | undefined;
}

/** Hears one command while it runs. Each of its outputs is redacted as a whole, wherever its chunks end. */
export function hear({ stream, note, output }: Ear): Heard {
  const streams = new Map<OutputStream, RedactedStream>();
  return {
    output(name, chunk) {
      const own = streams.get(name) ?? stream();
      streams.set(name, own);
      const text = own.push(chunk);
      if (text !== '') output?.(name, text);
      const last = text.trimEnd().split('\n').at(-1);
      if (last) note(last);
    },
    end() {
      for (const [name, own] of streams) {
        const rest = own.end();
        if (rest !== '') output?.(name, rest);
      }
      streams.clear();
    },
  };
}
