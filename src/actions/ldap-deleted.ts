/** `ldap.deleted`: what clients have deleted stays deleted. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import { DATA } from '../engine/place.ts';
import { type Returned, readReturned } from '../ldap/returned.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { ownServerId } from './own-server-id.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  suffix: z.string().describe('The tree'),
  log: z.string().describe('Suffix of its accesslog, e.g. cn=accesslog'),
  since: z
    .union([z.int().min(0), z.string().regex(/^\d+$/)])
    .describe('Deletions from then on, in ms since the epoch, e.g. `time(run.started)`'),
});

type Params = z.infer<typeof params>;

/**
 * While links come up, slapd may bring back what a client has deleted (2.4.57 and 2.5.13): a provider that is behind still sends
 * the entry, and the same deletion is too old when it comes from there. All servers then hold it, with equal contextCSNs. Only
 * the accesslog of the server that took the deletion knows better.
 */
export const ldapDeleted: ChangeAction<Params, readonly Returned[]> = {
  kind: 'change',
  name: 'ldap.deleted',
  about:
    'Deletes again what a client has deleted on this server and replication has brought back: the very same entry, by its ' +
    'entryUUID, that nobody has written to since. An entry that was added anew is left alone.',
  proof: 'readback',
  params,
  touches: () => [DATA],
  async read({ server, suffix, log, since }, ports) {
    const directory = await ports.directory(addressOf(server));
    const own = await ownServerId(directory, ports.host.name, 'deletions');
    return await readReturned(directory, suffix, log, own, Number(since));
  },
  // Who is below goes first.
  diff: (_, returned) =>
    returned
      .toSorted((a, b) => b.dn.length - a.dn.length)
      .map(({ dn, deleted }) => ({
        what: dn,
        lines: [{ op: '-', text: `a client deleted it at ${deleted}, and replication brought it back` }],
        data: dn,
      })),
  async write({ server }, changes, ports) {
    const directory = await ports.directory(addressOf(server));
    for (const { data } of changes) await directory.remove(String(data));
    return {};
  },
  result: (_, returned) => ({ returned: returned.map(({ dn }) => dn) }),
  undo: {
    about: 'What a client had deleted stays deleted.',
    inverse: () => ({ calls: [], cannot: [] }),
  },
};
