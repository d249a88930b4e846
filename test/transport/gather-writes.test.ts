import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { gatherWrites } from '../../src/transport/gather-writes.ts';

/** A socket that remembers what each of its system calls would have carried. */
function recorded(): { sock: Duplex; calls: string[]; ended: Promise<void> } {
  const calls: string[] = [];
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const sock = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      calls.push(String(chunk));
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
    final(done) {
      end();
      done();
    },
  });
  return { sock: gatherWrites(sock), calls, ended };
}

describe('gathered writes', () => {
  test('of one turn of the event loop go out as one, in their order', async () => {
    const { sock, calls } = recorded();
    for (const piece of ['length ', 'ciphertext ', 'tag']) sock.write(piece);
    expect(calls).toEqual([]);
    await turn();
    expect(calls).toEqual(['length ciphertext tag']);
  });

  test('of the next turn are not held back', async () => {
    const { sock, calls } = recorded();
    sock.write('one');
    await turn();
    sock.write('two');
    await turn();
    expect(calls).toEqual(['one', 'two']);
  });

  test('go out before the end, when the end comes in the same turn', async () => {
    const { sock, calls, ended } = recorded();
    sock.write('farewell');
    sock.write('!');
    sock.end();
    await ended;
    expect(calls).toEqual(['farewell!']);
  });

  test('call back when they are written', async () => {
    const { sock, calls } = recorded();
    await new Promise<void>((resolve) => sock.write('x', () => resolve()));
    expect(calls).toEqual(['x']);
  });
});
