import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerReader } from '../../src/transport/markers.ts';
import { exitOf, Output } from '../../src/transport/output.ts';

const NONCE = 'abababac';

test('bytes and markers come out the same however the stream is cut', () => {
  const piece = fc.oneof(
    fc.constantFrom('ab', 'abab', 'aba', '\n', 'x\n', NONCE.slice(0, 7)),
    fc.constantFrom(` e 1 0`, ` d 2`).map((words) => ({ words })),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(8), { minLength: 1 }), (pieces, cuts) => {
      const stream = Buffer.from(
        pieces.map((one) => (typeof one === 'string' ? `${one}.` : `${NONCE}${one.words}\n`)).join(''),
      );
      const wanted = pieces
        .map((one) => (typeof one === 'string' ? `${one}.` : `<${one.words.trim()}>`))
        .join('');
      let got = '';
      const reader = new MarkerReader(
        NONCE,
        (bytes) => {
          got += bytes.toString();
        },
        (words) => {
          got += `<${words.join(' ')}>`;
        },
      );
      for (let at = 0, cut = 0; at < stream.length; cut++) {
        const size = 1 + (cuts[cut % cuts.length] ?? 0);
        reader.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(got).toBe(wanted);
    }),
  );
});

test('output beyond its limit is cut and says so', () => {
  const output = new Output(4);
  output.add(Buffer.from('abc'));
  expect([output.text(), output.truncated]).toEqual(['abc', false]);
  output.add(Buffer.from('def'));
  output.add(Buffer.from('g'));
  expect([output.text(), output.truncated, output.length]).toEqual(['abcd', true, 4]);
});

test('a code above 128 is the signal that sh means by it', () => {
  expect(exitOf(0)).toEqual({ kind: 'exited', code: 0 });
  expect(exitOf(128)).toEqual({ kind: 'exited', code: 128 });
  expect(exitOf(137)).toEqual({ kind: 'killed', signal: 'SIGKILL' });
  expect(exitOf(255)).toEqual({ kind: 'exited', code: 255 });
});
