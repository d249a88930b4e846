/** What `status` and `doctor` look through: the hosts of an inventory, reached to read, and to write for a canary alone. */
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError, type WritePorts } from '../engine/ports.ts';
import type { SitePorts } from '../health/observe/site.ts';
import { heldText } from '../hosts/lease-rules.ts';
import type { LeaseKeeper } from '../hosts/leases.ts';
import { Site } from '../hosts/site.ts';
import type { Inventory } from '../inventory/model.ts';
import type { Reach } from './reach.ts';

export interface HealthPorts extends SitePorts {
  /** For a canary. */
  writing(host: string): WritePorts;
}

/** What still hangs when all has been seen is not waited for, ms. */
const CLOSE_MS = 1_000;

/**
 * One look, with directory connections of its own that end with it: those of trials would pile up otherwise. The
 * connections to the hosts stay for the next.
 */
export async function lookingThrough<T>(
  inventory: Inventory,
  reach: Reach,
  signal: AbortSignal,
  use: (ports: HealthPorts) => Promise<T>,
): Promise<T> {
  const sleep = (ms: number, until?: AbortSignal) => delay(ms, undefined, until ? { signal: until } : {});
  const site = new Site({
    host: (name) => {
      const host = inventory.hosts[name];
      if (!host) throw new Error(`the inventory has no host ${name}`);
      return host;
    },
    connection: reach.connection,
    openDirectory: reach.openDirectory,
    now: Date.now,
    sleep,
    met: () => undefined,
    leases: onlyLooking(reach),
  });
  const errand = { signal, note: () => undefined };
  const token = () => {
    throw new Error('a canary runs no command');
  };
  try {
    return await use({
      on: (host) => site.reading(host, errand),
      writing: (host) => site.writing(host, { ...errand, token }),
      now: Date.now,
      sleep: (ms) => sleep(ms, signal),
    });
  } finally {
    await Promise.race([site.close(), delay(CLOSE_MS, undefined, { ref: false })]);
  }
}

/** A canary takes no lease, since that would keep a run from starting; it gives way to who holds one. */
function onlyLooking(reach: Reach): LeaseKeeper {
  return {
    lease: () => Promise.reject(new Error('status runs no command that changes anything')),
    async confirm(host) {
      const answer = await reach.connection(host).lease({ act: 'look' });
      if (answer.kind !== 'held' || answer.lapsed) return;
      throw new TransportError(
        'fenced',
        host,
        heldText(host, answer),
        'Send the canary when that run has ended.',
      );
    },
  };
}
