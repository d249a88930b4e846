/** A stream of bytes from a command, whatever the pieces are in which they arrive. */
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Channel, Closed } from '../../src/transport/link.ts';
import type { Reach } from '../../src/transport/reach.ts';
import { openStream } from '../../src/transport/stream.ts';

/** A shell that answers its frame with `ready` and the bytes of its command, cut into pieces after so many bytes. */
function reachOf(bytes: Buffer, piece: number): Reach {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let close: (closed: Closed) => void = () => undefined;
  const closed = new Promise<Closed>((resolve) => {
    close = resolve;
  });
  stdin.once('data', async (frame: Buffer) => {
    const ready = /\necho (stream-[0-9a-f]+)\n/.exec(frame.toString())?.[1];
    const all = Buffer.concat([Buffer.from(`${ready}\n`), bytes]);
    for (let at = 0; at < all.length; at += piece) {
      stdout.write(all.subarray(at, at + piece));
      if (piece < 1000) await turn();
    }
    stdout.end();
    stderr.end();
    close({ cause: 'exit', code: 0, signal: null });
  });
  const exited = closed.then(() => undefined);
  const channel: Channel = { stdin, stdout, stderr, closed, exited, signal: () => {}, destroy: () => {} };
  // As after `enter`: it was read by somebody else before, and paused.
  stdout.on('data', () => undefined);
  stdout.removeAllListeners('data').pause();
  const reach = { openRaw: async () => channel, notStarted: (why: string) => new Error(why) };
  return reach as unknown as Reach;
}

const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));

test.each([1, 7, 39, 40, 41, 64, 100_000])(
  'all bytes arrive though the first come together with the answer of the shell: pieces of %i',
  async (piece) => {
    const { stdio, ended } = await openStream(reachOf(bytes, piece), { argv: ['cat', 'dump'] });
    // Whoever reads it comes later.
    for (let late = 0; late < 5; late++) await turn();
    const chunks: Buffer[] = [];
    for await (const chunk of stdio) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect((await ended).code).toBe(0);
  },
);
