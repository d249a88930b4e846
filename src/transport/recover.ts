/** What became of a command whose link dropped: asked of its host, and never guessed. */
import type { CommandResult } from '../engine/ports.ts';
import { TransportError } from '../engine/ports.ts';
import type { Transcript } from './follow.ts';
import { follow } from './follow.ts';
import type { LaneLost } from './link.ts';
import type { Reach } from './reach.ts';
import { tokenText } from './receipts.ts';
import type { Hello } from './session.ts';
import type { Watch } from './stop.ts';
import type { Token } from './transport.ts';

/**
 * Reconnects, reads the receipt, and follows a command that still runs to its true end. Rejects with TransportError:
 * `not-started` when the host proves it and now bars the way, `lost` when it cannot tell.
 */
export async function recover(
  reach: Reach,
  token: Token,
  as: string | undefined,
  transcript: Transcript,
  watching: Watch,
  before: Hello,
  cause: LaneLost,
): Promise<{ readonly ended: CommandResult; readonly stopped: boolean }> {
  const { receipt, hello } = await follow(reach, token, as, transcript, watching);
  const host = reach.target.name;
  const what = tokenText(token);
  if (receipt.kind === 'ended') return { ended: receipt.result, stopped: watching.reason() !== undefined };
  if (receipt.kind === 'never-started') {
    // After a reboot, or on another machine behind the same address, an absent token proves nothing.
    const same = hello.bootId === before.bootId && hello.machineId === before.machineId;
    if (same) {
      const message = `${what} did not start: the link dropped first (${cause.message})`;
      throw new TransportError('not-started', host, message, 'Try again.', { cause });
    }
  }
  const why = receipt.kind === 'vanished' ? receipt.why : 'the host was rebooted and knows nothing of it';
  throw new TransportError('lost', host, `${what} may have run: ${why}`, 'Look at the host, then resume.', {
    cause,
  });
}
