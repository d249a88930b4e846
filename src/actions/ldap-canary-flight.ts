import type { DirectoryAddress, WritePorts } from '../engine/ports.ts';
import { type Flight, type RoundTrip, sendCanary } from '../ldap/canary-flight.ts';
import { ActionError } from './action-error.ts';

/** Rejects with ActionError naming the directions that are broken; the canary is deleted then too. */
export async function flyCanary(
  flight: Flight,
  address: DirectoryAddress,
  ports: WritePorts,
): Promise<readonly RoundTrip[]> {
  const { trips, missing, left } = await sendCanary(flight, address, ports);
  if (missing.length > 0) throw broken(flight, missing, 'the added entry');
  if (left.length > 0) throw broken(flight, left, 'its deletion');
  return trips;
}

function broken(flight: Flight, hosts: readonly string[], what: string): ActionError {
  const ways = hosts.map((host) => `${flight.from} → ${host}`).join(', ');
  return new ActionError(`ldap.canary: ${what} did not arrive within ${flight.withinMs} ms: ${ways}`, {
    next: `On ${hosts.join(', ')} look at the agreement with ${flight.from}: cn=monitor and the log at loglevel sync.`,
  });
}
