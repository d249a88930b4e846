/** Follows a token on its host: output while it runs, and its end, through as many reconnects as it takes. */
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransportError } from '../engine/ports.ts';
import { lookFrame } from './envelope.ts';
import { LaneLost } from './link.ts';
import { Output } from './output.ts';
import type { Reach } from './reach.ts';
import type { Looked } from './receipts.ts';
import { readLook } from './receipts.ts';
import type { Watch } from './stop.ts';
import { stopBelow, watch } from './stop.ts';
import type { Progress, Receipt, Token } from './transport.ts';

/** What has been read of a token's output so far. */
export class Transcript {
  readonly stdout = new Output();
  readonly stderr = new Output();
  readonly #show: Progress['output'];
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };

  constructor(progress: Progress | undefined) {
    this.#show = progress?.output?.bind(progress);
  }

  get offsets(): { readonly stdout: number; readonly stderr: number } {
    return { stdout: offset(this.stdout), stderr: offset(this.stderr) };
  }

  add(name: 'stdout' | 'stderr', bytes: Buffer): void {
    if (bytes.length === 0) return;
    this[name].add(bytes);
    if (this.#show === undefined) return;
    const text = this.#decoders[name].write(bytes);
    if (text !== '') this.#show(name, text);
  }

  /** Shows what is new in the whole output, which the end brought. */
  finish(stdout: Output, stderr: Output): void {
    if (this.#show === undefined) return;
    this.add('stdout', stdout.bytes().subarray(this.stdout.length));
    this.add('stderr', stderr.bytes().subarray(this.stderr.length));
  }
}

/** Where to read on; past any end once there is too much. */
function offset(output: Output): number {
  return output.truncated ? 1e15 : output.length;
}

/** Asks for a receipt once. Rejects with TransportError, or `LaneLost` when the link dropped meanwhile. */
export function look(
  reach: Reach,
  token: Token,
  as: string | undefined,
  transcript: Transcript | undefined,
  fence: boolean,
): Promise<Looked> {
  return reach.withLane('control', as, async (lane) => {
    const seq = lane.nextSeq();
    const offsets = transcript?.offsets ?? { stdout: 0, stderr: 0 };
    const answer = await lane.run(lookFrame(token, seq, offsets, fence), seq, { probe: false });
    return readLook(reach.target.name, token, answer, lane.hello);
  });
}

/** As `look`, once more on a new link when the link drops; then it rejects with `lost`. */
export async function lookAgain(
  reach: Reach,
  token: Token,
  as: string | undefined,
  transcript: Transcript | undefined,
  fence: boolean,
): Promise<Looked> {
  for (let left = 3; ; left--) {
    try {
      return await look(reach, token, as, transcript, fence);
    } catch (error) {
      if (error instanceof LaneLost && left > 0) continue;
      throw lost(reach, error);
    }
  }
}

/** The same failure, said of a command that may have run. */
export function lost(reach: Reach, error: unknown): TransportError {
  if (error instanceof TransportError && error.kind !== 'not-started') return error;
  const detail = error instanceof Error ? error.message : String(error);
  const next = 'Bring the link back and resume: the receipt on the host says what became of it.';
  return new TransportError('lost', reach.target.name, detail, next, { cause: error });
}

/**
 * Looks every 0.2 s, growing to 1 s, until the token has ended or vanished. When the watch fires, ends the command first.
 * The receipt holds the whole output, whatever was looked at before.
 */
export async function follow(
  reach: Reach,
  token: Token,
  as: string | undefined,
  transcript: Transcript,
  watching: Watch,
): Promise<Looked> {
  let stopped = false;
  for (let pause = 200; ; pause = Math.min(pause * 1.5, 1000)) {
    const looked = await lookAgain(reach, token, as, transcript, true);
    transcript.add('stdout', looked.answer.stdout.bytes());
    transcript.add('stderr', looked.answer.stderr.bytes());
    const { receipt, below } = looked;
    if (below === undefined) return { ...looked, receipt: whole(receipt, transcript) };
    if (watching.reason() !== undefined && !stopped) {
      stopped = true;
      try {
        await reach.withLane('control', as, (lane) => stopBelow(lane, below));
      } catch (error) {
        throw lost(reach, error);
      }
      continue;
    }
    await (stopped ? sleep(pause) : Promise.race([sleep(pause), watching.fired]));
  }
}

function whole(receipt: Receipt, transcript: Transcript): Receipt {
  const stdout = transcript.stdout.text();
  const stderr = transcript.stderr.text();
  const truncated = transcript.stdout.truncated || transcript.stderr.truncated;
  if (receipt.kind === 'ended')
    return { kind: 'ended', result: { ...receipt.result, stdout, stderr, truncated } };
  return receipt.kind === 'vanished' ? { ...receipt, stdout, stderr } : receipt;
}

/** Shows output of a command that takes longer than a second. Best effort: the end brings all of it. */
export async function showMeanwhile(
  reach: Reach,
  token: Token,
  as: string | undefined,
  transcript: Transcript,
  run: Promise<unknown>,
): Promise<void> {
  const over = run.then(
    () => true,
    () => true,
  );
  for (;;) {
    const pause = watch(1000, undefined);
    const ended = await Promise.race([over, pause.fired.then(() => false)]);
    pause.off();
    if (ended) return;
    try {
      const { answer } = await look(reach, token, as, transcript, false);
      transcript.add('stdout', answer.stdout.bytes());
      transcript.add('stderr', answer.stderr.bytes());
    } catch {
      // The screen does without.
    }
  }
}
