/** `ldap.deleted`: what clients have deleted stays deleted. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import { DATA } from '../engine/place.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { type Returned, readReturned } from '../ldap/returned.ts';
import { readServerIds } from '../ldap/server-id.ts';
import { ActionError } from './action-error.ts';
import { addressOf, serverParam } from './ldap-server.ts';

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
    const [config] = await directory.search({
      base: 'cn=config',
      scope: 'base',
      attributes: ['olcServerID'],
    });
    const ids = readServerIds(valuesOf(config?.attributes ?? {}, 'olcServerID'));
    if (ids.kind === 'urls') {
      throw new ActionError(
        `${ports.host.name}: olcServerID has the URL form, so the ID in force is not known`,
        {
          next: 'Set one plain number with ldap.server-id: only by it can its own deletions be told from others.',
        },
      );
    }
    return await readReturned(directory, suffix, log, ids.kind === 'plain' ? ids.id : 0, Number(since));
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
