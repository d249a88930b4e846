/** A command with raw stdin and stdout, in a channel of its own. */
import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
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
  const begun = new Promise<Duplex>((resolve) => {
    let head = Buffer.alloc(0);
    stdout
      .on('data', function look(bytes: Buffer) {
        head = Buffer.concat([head, bytes]);
        const at = head.indexOf(`${ready}\n`);
        if (at < 0) return;
        stdout.off('data', look);
        // Its next reader is there in this same turn: a stream that flows with nobody to read it drops what it reads.
        resolve(pair(stdin, stdout, head.subarray(at + ready.length + 1)));
      })
      .resume();
  });
  // The shell has read up to the end of the frame before it answers, so what follows is the command's alone.
  stdin.write(frame);
  const stdio = await Promise.race([begun, channel.closed]);
  if (!(stdio instanceof Duplex))
    throw reach.notStarted(`the stream did not open: ${said.text().trim() || JSON.stringify(stdio)}`);
  if (command.stdin !== undefined) stdin.write(reveal(command.stdin));
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
