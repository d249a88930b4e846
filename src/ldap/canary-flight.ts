/** One canary: added on one server, awaited on the others, deleted, awaited gone. It leaves nothing behind. */
import type { DirectoryAddress, DirectoryReader, WritePorts } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { compareCsn } from './csn.ts';
import { parseDn } from './dn.ts';
import { readCsns } from './read-csns.ts';

export interface Flight {
  readonly from: string;
  readonly to: readonly string[];
  readonly dn: string;
  readonly suffix: string;
  /** Server ID of `from`. */
  readonly sid: number;
  /** For each phase. */
  readonly withinMs: number;
  /** Between two looks; default 100. */
  readonly everyMs?: number;
}

export interface RoundTrip {
  readonly from: string;
  readonly to: string;
  /** From the answer to the add until it was first seen; no finer than the polling. */
  readonly ms: number;
}

export interface Landing {
  readonly trips: readonly RoundTrip[];
  /** Hosts that did not get it in time. */
  readonly missing: readonly string[];
  /** Hosts that got it, and not its deletion. */
  readonly left: readonly string[];
}

const POLL_MS = 100;

/** Whatever goes wrong once it is added, it is deleted. Ends early when the signal of the ports is aborted. */
export async function sendCanary(
  flight: Flight,
  address: DirectoryAddress,
  ports: WritePorts,
): Promise<Landing> {
  const { from, dn } = flight;
  const home = await ports.on(from).directory(address);
  const others = await Promise.all(
    flight.to.map(async (host) => ({ host, directory: await ports.on(host).directory(address) })),
  );
  // One that an earlier, interrupted try left behind.
  if (await tokenAt(home, dn)) await home.remove(dn);
  const token = crypto.randomUUID();
  const name = parseDn(dn)[0]?.[0]?.value ?? '';
  await home.add(dn, { objectClass: ['organizationalRole'], cn: [name], description: [token] });
  const added = ports.now();
  const trips = new Map<string, RoundTrip>();
  let missing: readonly string[];
  try {
    missing = await poll(others, flight, ports, async ({ host, directory }) => {
      if ((await tokenAt(directory, dn)) !== token) return false;
      trips.set(host, { from, to: host, ms: ports.now() - added });
      return true;
    });
  } finally {
    await home.remove(dn);
  }
  // Those that never got it are named; the others are waited for, so that nothing is left on them.
  const reached = others.filter((other) => !missing.includes(other.host));
  const csnAt = async (directory: DirectoryReader) =>
    (await readCsns(directory, flight.suffix)).get(flight.sid);
  const deleted = await csnAt(home);
  const left = await poll(reached, flight, ports, async ({ directory }) => {
    if ((await tokenAt(directory, dn)) !== undefined) return false;
    // The entry goes a moment before the CSN of its deletion is noted, which is what proves it later.
    const theirs = await csnAt(directory);
    return !deleted || (theirs !== undefined && compareCsn(theirs, deleted) >= 0);
  });
  return { trips: flight.to.flatMap((host) => trips.get(host) ?? []), missing, left };
}

interface Other {
  readonly host: string;
  readonly directory: DirectoryReader;
}

/** Asks each until it says yes; resolves to the hosts that did not in time. */
async function poll(
  others: readonly Other[],
  flight: Flight,
  ports: WritePorts,
  holds: (other: Other) => Promise<boolean>,
): Promise<readonly string[]> {
  const deadline = ports.now() + flight.withinMs;
  let waiting = others;
  for (;;) {
    const answers = await Promise.all(waiting.map(holds));
    waiting = waiting.filter((_, at) => !answers[at]);
    if (waiting.length === 0 || ports.now() >= deadline || ports.signal.aborted)
      return waiting.map((other) => other.host);
    ports.note(`canary of ${flight.from}: waiting for ${waiting.map((other) => other.host).join(', ')}`);
    await ports.sleep(flight.everyMs ?? POLL_MS);
  }
}

async function tokenAt(directory: DirectoryReader, dn: string): Promise<string | undefined> {
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: ['description'] });
  return entry && (valuesOf(entry.attributes, 'description')[0] ?? '');
}
