import { Duplex, type Readable, type Writable } from 'node:stream';

/**
 * One stream over a process's stdin and stdout; `head` is what was read of stdout already. Unlike `Duplex.from`, a process that closes its input early does not cut
 * off what it has yet to say: its exit code tells what that meant.
 */
export function pair(stdin: Writable, stdout: Readable, head: Buffer): Duplex {
  const duplex = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, () => done()),
    final: (done) => void stdin.end(() => done()),
    destroy(error, done) {
      stdin.destroy();
      stdout.destroy();
      done(error);
    },
  });
  if (head.length > 0) duplex.push(head);
  stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) stdout.pause();
  });
  stdout.once('end', () => duplex.push(null));
  stdout.once('close', () => stdout.readableEnded || duplex.push(null));
  stdin.on('error', () => {});
  return duplex;
}
