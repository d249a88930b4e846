/** Canaries between the servers of a site: the one thing that `status` writes, and only when it is told to. */
import type { WritePorts } from '../../engine/ports.ts';
import { sendCanary } from '../../ldap/canary-flight.ts';
import { childDn, escapeValue } from '../../ldap/dn.ts';
import type { Flight, SiteFacts } from '../facts.ts';
import { poolOf } from '../pool.ts';
import { known } from '../seen.ts';
import { type Server, sidOf } from '../server.ts';
import { reasonOf } from './seen.ts';

/** A way that takes longer is broken for whoever waits at a terminal, ms. */
const WITHIN_MS = 10_000;
/** Of Zimbra and Carbonio: their agreements try again after 60 s only. */
const WITHIN_PRODUCT_MS = 75_000;
const EVERY_MS = 25;

/**
 * A write on each server that takes any, looked for on all others. Servers that hold no data to look at are named with
 * the reason. Never rejects.
 */
export async function flyAll(site: SiteFacts, on: (host: string) => WritePorts): Promise<readonly Flight[]> {
  const pool = poolOf(site);
  const own = pool.servers.filter(({ facts }) => facts.through === undefined);
  const writers = own.filter((server) => pool.masters.includes(server) && !server.database?.readOnly);
  const flights = await Promise.all(
    writers.map((from) =>
      flyFrom(
        from,
        own.filter((server) => server !== from),
        site,
        on,
      ),
    ),
  );
  return flights.flat();
}

async function flyFrom(
  from: Server,
  others: readonly Server[],
  { suffix, product }: SiteFacts,
  on: (host: string) => WritePorts,
): Promise<readonly Flight[]> {
  const deaf = others.flatMap(({ name: to, facts }): Flight[] => {
    const why = facts.unreachable ?? ('unknown' in facts.csns ? facts.csns.unknown : undefined);
    return why === undefined ? [] : [{ from: from.name, to, ms: undefined, why }];
  });
  const to = others.filter(({ facts }) => known(facts.csns) !== undefined).map(({ name }) => name);
  const fallen = (why: string): Flight[] =>
    to.map((host) => ({ from: from.name, to: host, ms: undefined, why }));
  const sid = sidOf(from);
  if (sid === undefined) return [...deaf, ...fallen('its server ID is not known')];
  const dn = childDn(`cn=lockstep-canary-${escapeValue(from.name)}`, suffix === '' ? 'cn=zimbra' : suffix);
  const withinMs = product ? WITHIN_PRODUCT_MS : WITHIN_MS;
  const flight = { from: from.name, to, dn, suffix, sid, withinMs, everyMs: EVERY_MS };
  try {
    const { trips, missing, left } = await sendCanary(flight, { kind: 'ldapi', path: 'auto' }, on(from.name));
    const late = `it did not arrive within ${withinMs / 1000} s`;
    const undeleted = `it arrived, and its deletion did not within ${withinMs / 1000} s`;
    return [
      ...trips.map((trip): Flight => {
        return left.includes(trip.to) ? { ...trip, ms: undefined, why: undeleted } : trip;
      }),
      ...missing.map((host): Flight => ({ from: from.name, to: host, ms: undefined, why: late })),
      ...deaf,
    ];
  } catch (error) {
    return [...deaf, ...fallen(reasonOf(error))];
  }
}
