/** `ldap.server-id`: one plain olcServerID, unlike those of the other masters. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { entryPlace, STAMPS } from '../ldap/places.ts';
import { freeServerId, MAX_SERVER_ID, readServerIds } from '../ldap/server-id.ts';
import { ActionError } from './action-error.ts';
import { modifyChange, writeChanges } from './ldap-change.ts';
import { ldapInverse } from './ldap-inverse.ts';
import { addressOf, serverParam } from './ldap-server.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  id: z
    .union([z.int().min(1).max(MAX_SERVER_ID), z.literal('free')])
    .describe('free: the lowest not among the others'),
  among: z.array(z.int()).optional().describe('IDs of the other servers'),
  replace: z.boolean().optional().describe('Replace IDs in the URL form, whose effect depends on listeners'),
});

type Params = z.infer<typeof params>;

interface Facts {
  readonly host: string;
  readonly entry: Entry;
}

/**
 * The URL form is never written: with no listener that matches, slapd keeps its old ID, and does not start again.
 * `result`: { id }.
 */
export const ldapServerId: ChangeAction<Params, Facts> = {
  kind: 'change',
  name: 'ldap.server-id',
  about: 'Gives a server one plain olcServerID that no other master has.',
  proof: 'readback',
  params,
  // Seen in the CSNs of writes that come later.
  touches: (host) => [entryPlace(host, 'cn=config', ['olcServerID', ...STAMPS])],
  async read({ server }, ports) {
    const directory = await ports.directory(addressOf(server));
    const [entry] = await directory.search({ base: 'cn=config', scope: 'base', attributes: ['olcServerID'] });
    if (entry) return { host: ports.host.name, entry };
    throw new ActionError(`${ports.host.name}: cn=config cannot be read`, {
      next: 'Bind as an account that may: root over ldapi.',
    });
  },
  diff(params, { host, entry }) {
    const stored = valuesOf(entry.attributes, 'olcServerID');
    const id = wantedId(params, host, stored);
    const now = readServerIds(stored);
    if (now.kind === 'plain' && now.id === id) return [];
    if (now.kind === 'urls' && !params.replace) {
      throw new ActionError(`${host}: olcServerID has the URL form (${stored.join('; ')})`, {
        next: 'If cn=config is not replicated, say replace: true to set one plain number instead.',
      });
    }
    return [
      modifyChange('cn=config', [{ op: 'replace', attribute: 'olcServerID', values: [String(id)] }], entry),
    ];
  },
  write: ({ server }, changes, ports) => writeChanges(ports, server, changes),
  result: (params, { host, entry }) => ({
    id: wantedId(params, host, valuesOf(entry.attributes, 'olcServerID')),
  }),
  undo: {
    about: 'The server gets the olcServerID it had, or none.',
    inverse: (params, changes, { entry }) => ldapInverse(params, changes, [entry]),
  },
};

/** `free` keeps an ID that is valid and not among the others, so that a second run changes nothing. */
function wantedId({ id, among = [] }: Params, host: string, stored: readonly string[]): number {
  if (id !== 'free') {
    if (!among.includes(id)) return id;
    throw new ActionError(`${host}: server ID ${id} is taken by another master`, {
      next: 'Two masters with one ID lose changes without an error: give another, or free.',
    });
  }
  const now = readServerIds(stored);
  if (now.kind === 'plain' && now.id > 0 && !among.includes(now.id)) return now.id;
  const free = freeServerId(among);
  if (free !== undefined) return free;
  throw new ActionError(`${host}: all ${MAX_SERVER_ID} server IDs are in use`, {
    next: 'Check the list `among`.',
  });
}
