/** `ldap.canary`: a write on each server reaches all others, proven by one that is made and taken away again. */
import { z } from 'zod';
import type { Change, ChangeAction } from '../engine/action.ts';
import { parseDuration } from '../engine/duration.ts';
import { DATA } from '../engine/place.ts';
import type { ReadPorts } from '../engine/ports.ts';
import { type CanaryReading, sharedSids, unproven } from '../ldap/canary.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { childDn, escapeValue } from '../ldap/dn.ts';
import { parseGeneralizedTime } from '../ldap/generalized-time.ts';
import { readCsns } from '../ldap/read-csns.ts';
import { readServerIds } from '../ldap/server-id.ts';
import { ActionError } from './action-error.ts';
import { durationParam } from './duration-param.ts';
import { flyCanary } from './ldap-canary-flight.ts';
import { hostsParam } from './ldap-hosts-param.ts';
import { addressOf, serverParam } from './ldap-server.ts';

const params = z.strictObject({
  suffix: z.string().describe('The tree that is replicated'),
  servers: hostsParam.describe('All servers; each writes, all others must get it'),
  server: serverParam
    .optional()
    .describe('Who writes and reads the canary on each of them; default: ldapi as root'),
  'config-server': serverParam
    .optional()
    .describe('Who reads cn=config for the server ID; default: ldapi as root'),
  since: z
    .union([z.string(), z.number()])
    .optional()
    .describe('A write before this does not count: GeneralizedTime, or ms since the epoch'),
  within: durationParam.optional().describe('For each way there and back; default 30s'),
  parent: z.string().optional().describe('DN under which the canary is made; default: the suffix'),
});

type Params = z.infer<typeof params>;

/** `result` after a write: { roundTrips: [{ from, to, ms }] }. Not to be used while others change the same suffix much. */
export const ldapCanary: ChangeAction<Params, readonly CanaryReading[]> = {
  kind: 'change',
  name: 'ldap.canary',
  about: 'Proves that a write on each server reaches all others, by an entry that is added and deleted.',
  proof: 'readback',
  params,
  touches: () => [DATA],
  read: async (params, ports) =>
    await Promise.all(params.servers.map(async ({ name }) => await readOne(params, ports.on(name)))),
  diff(params, readings) {
    const shared = sharedSids(readings);
    if (shared.length > 0) {
      throw new ActionError(`ldap.canary: ${shared.join('; ')}`, {
        next: 'Give each its own with ldap.server-id: with shared IDs changes get lost without an error.',
      });
    }
    const since = sinceMs(params.since);
    return readings.flatMap((reading): Change[] => {
      const why = unproven(reading, readings, since);
      if (why === undefined) return [];
      const dn = canaryDn(params, reading.host);
      const text = `write and delete ${dn} on ${reading.host}, read it on the others: ${why}`;
      return [{ what: dn, lines: [{ op: '+', text }], data: { host: reading.host, dn, sid: reading.sid } }];
    });
  },
  async write(params, changes, ports) {
    const withinMs = parseDuration(params.within ?? '30s');
    const hosts = params.servers.map((server) => server.name);
    const roundTrips: { from: string; to: string; ms: number }[] = [];
    for (const change of changes) {
      // `data` is made in `diff` above.
      const { host, dn, sid } = change.data as {
        readonly host: string;
        readonly dn: string;
        readonly sid: number;
      };
      const flight = {
        from: host,
        to: hosts.filter((name) => name !== host),
        dn,
        sid,
        suffix: params.suffix,
        withinMs,
      };
      roundTrips.push(...(await flyCanary(flight, addressOf(params.server), ports)));
    }
    return { result: { roundTrips } };
  },
  // It proves a moment, and leaves nothing behind.
  lasts: () => false,
  undo: {
    about: 'Nothing to undo: the canary is taken away as soon as it has been seen.',
    inverse: () => ({ calls: [], cannot: [] }),
  },
};

async function readOne(params: Params, ports: ReadPorts): Promise<CanaryReading> {
  const host = ports.host.name;
  const config = await ports.directory(addressOf(params['config-server']));
  const [entry] = await config.search({ base: 'cn=config', scope: 'base', attributes: ['olcServerID'] });
  const ids = readServerIds(valuesOf(entry?.attributes ?? {}, 'olcServerID'));
  if (!entry || ids.kind === 'urls') {
    const fact = entry
      ? 'olcServerID has the URL form, so the ID in force is not known'
      : 'cn=config cannot be read';
    throw new ActionError(`${host}: ${fact}`, {
      next: 'Set one plain number with ldap.server-id, read as root over ldapi.',
    });
  }
  const directory = await ports.directory(addressOf(params.server));
  return { host, sid: ids.kind === 'plain' ? ids.id : 0, csns: await readCsns(directory, params.suffix) };
}

function canaryDn(params: Params, host: string): string {
  return childDn(`cn=lockstep-canary-${escapeValue(host)}`, params.parent ?? params.suffix);
}

function sinceMs(since: string | number | undefined): number {
  if (since === undefined) return 0;
  return typeof since === 'number'
    ? since
    : /^\d{13}$/.test(since)
      ? Number(since)
      : (parseGeneralizedTime(since) ?? 0);
}
