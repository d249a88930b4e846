/** One canary: added on one server, awaited on the others, deleted, awaited gone. It leaves nothing behind. */
import type { DirectoryAddress, DirectoryReader, WritePorts } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { formatCsn } from '../ldap/csn.ts';
import { parseDn } from '../ldap/dn.ts';
import { readCsns } from '../ldap/read-csns.ts';
import { ActionError } from './action-error.ts';

export interface Flight {
  readonly from: string;
  readonly to: readonly string[];
  readonly dn: string;
  readonly suffix: string;
  /** Server ID of `from`. */
  readonly sid: number;
  /** For each phase. */
  readonly withinMs: number;
}

export interface RoundTrip {
  readonly from: string;
  readonly to: string;
  /** From the answer to the add until it was first seen; no finer than the polling. */
  readonly ms: number;
}

const POLL_MS = 100;

/** Rejects with ActionError naming the directions that are broken; the canary is deleted then too. */
export async function flyCanary(
  flight: Flight,
  address: DirectoryAddress,
  ports: WritePorts,
): Promise<readonly RoundTrip[]> {
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
  const csnAt = async (directory: DirectoryReader) => {
    const csn = (await readCsns(directory, flight.suffix)).get(flight.sid);
    return csn && formatCsn(csn);
  };
  const left = await poll(reached, flight, ports, async ({ directory }) => {
    if ((await tokenAt(directory, dn)) !== undefined) return false;
    // The entry goes a moment before the CSN of its deletion is noted, which is what proves it later.
    return (await csnAt(directory)) === (await csnAt(home));
  });
  if (missing.length > 0) throw broken(flight, missing, 'the added entry');
  if (left.length > 0) throw broken(flight, left, 'its deletion');
  return flight.to.flatMap((host) => trips.get(host) ?? []);
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
    await ports.sleep(POLL_MS);
  }
}

async function tokenAt(directory: DirectoryReader, dn: string): Promise<string | undefined> {
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: ['description'] });
  return entry && (valuesOf(entry.attributes, 'description')[0] ?? '');
}

function broken(flight: Flight, hosts: readonly string[], what: string): ActionError {
  const ways = hosts.map((host) => `${flight.from} → ${host}`).join(', ');
  return new ActionError(`ldap.canary: ${what} did not arrive within ${flight.withinMs} ms: ${ways}`, {
    next: `On ${hosts.join(', ')} look at the agreement with ${flight.from}: cn=monitor and the log at loglevel sync.`,
  });
}
