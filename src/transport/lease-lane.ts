import { TransportError } from '../engine/ports.ts';
import type { LeaseAnswer, LeaseAsk } from './lease.ts';
import { leaseFrame, readLease } from './lease-frame.ts';
import { LaneLost } from './link.ts';
import type { Reach } from './reach.ts';

/** Asks on a lane of its own; again on a new link when the link drops, since each of these can be asked twice. */
export async function askLease(reach: Reach, ask: LeaseAsk, as: string | undefined): Promise<LeaseAnswer> {
  for (let left = 2; ; left--) {
    try {
      return await reach.withLane('control', as, async (lane) => {
        const seq = lane.nextSeq();
        const answer = await lane.run(leaseFrame(seq, ask), seq, { probe: false });
        return readLease(reach.target.name, answer);
      });
    } catch (error) {
      if (error instanceof TransportError || !(error instanceof LaneLost)) throw error;
      if (left === 0) throw reach.notStarted(error.message, error);
    }
  }
}
