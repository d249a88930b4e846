/** A command with raw stdin and stdout, in a channel of its own. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Command } from '../engine/ports.ts';
import { reveal } from '../secrets/secret.ts';
import { streamFrame } from './envelope.ts';
import type { Channel } from './link.ts';
import { Output } from './output.ts';
import { pair } from './pair.ts';
import type { Reach } from './reach.ts';
import type { ByteStream } from './transport.ts';

/** Kept of a stream's stderr, in bytes. */
const STDERR_LIMIT = 1024 * 1024;

/**
 * Resolves when the command is about to be executed in place of its shell. Its `stdin`, if it has one, goes first.
 * Aborting sends TERM (a server may ignore it) and closes both ends.
 */
export async function openStream(
  reach: Reach,
  command: Command,
  signal?: AbortSignal,
): Promise<ByteStream & Pick<Channel, 'exited'>> {
  const ready = `stream-${randomBytes(16).toString('hex')}`;
  const frame = streamFrame(command, ready);
  const channel = await reach.openRaw(command.as);
  const { stdin, stdout, stderr } = channel;
  const said = new Output(STDERR_LIMIT);
  stderr.on('data', (bytes: Buffer) => said.add(bytes)).resume();
  const begun = new Promise<void>((resolve) => {
    let head = Buffer.alloc(0);
    // By `readable`, since a stream that was paused by hand would not flow again for whoever gets it.
    stdout.on('readable', function look() {
      for (let bytes = stdout.read(); bytes !== null; bytes = stdout.read()) {
        head = Buffer.concat([head, bytes]);
        const at = head.indexOf(`${ready}\n`);
        if (at < 0) continue;
        stdout.off('readable', look);
        const rest = head.subarray(at + ready.length + 1);
        if (rest.length > 0) stdout.unshift(rest);
        resolve();
        return;
      }
    });
  });
  // The shell has read up to the end of the frame before it answers, so what follows is the command's alone.
  stdin.write(frame);
  const early = await Promise.race([begun, channel.closed]);
  if (early !== undefined) {
    throw reach.notStarted(`the stream did not open: ${said.text().trim() || JSON.stringify(early)}`);
  }
  if (command.stdin !== undefined) stdin.write(reveal(command.stdin));
  const stdio = stdin === (stdout as unknown) ? (stdin as Duplex) : pair(stdin, stdout);
  const abort = (): void => {
    channel.signal('TERM');
    stdio.destroy(new Error('the transfer was cancelled'));
    channel.destroy();
  };
  stdio.on('error', () => {});
  signal?.addEventListener('abort', abort, { once: true });
  const ended = channel.closed.then((closed) => {
    signal?.removeEventListener('abort', abort);
    const text = said.text();
    if (closed.cause === 'exit') return { code: closed.code, signal: closed.signal, stderr: text };
    if (!stdio.destroyed) stdio.destroy(new Error(`the link dropped: ${closed.detail}`));
    return { code: null, signal: null, stderr: `${text}the link dropped: ${closed.detail}` };
  });
  return { stdio, ended, exited: channel.exited };
}
