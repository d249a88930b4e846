/** `ldap.read`: entries of a directory, for expressions and captures. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import { guarded } from '../ldap/sensitive.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  base: z.string().describe('DN to search from; empty for the rootDSE'),
  scope: z.enum(['base', 'one', 'sub']).optional().describe('Default sub; base for the rootDSE'),
  filter: z.string().optional().describe('RFC 4515; default (objectClass=*)'),
  attributes: z
    .array(z.string())
    .optional()
    .describe('Default all user attributes; + for the operational ones'),
});

type Params = z.infer<typeof params>;

/**
 * Passwords come as secrets, olcSyncrepl without its credentials: captures are journaled. An attribute that was asked for
 * by name is always there, as [] when the entry has none, so that expressions need no test for it.
 */
function entryValue(entry: Entry, asked: readonly string[]): Value {
  const attributes: Record<string, Value> = {};
  for (const name of asked) if (/^[A-Za-z]/.test(name)) attributes[name] = [];
  for (const [name, values] of Object.entries(entry.attributes)) {
    const spelled = asked.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
    attributes[spelled] = values.map((value) => guarded(name, value));
  }
  return { dn: entry.dn, attributes };
}

/** A missing base is an empty result; a server that cannot be asked is an error. */
export const ldapRead: GateAction<Params, readonly Entry[]> = {
  kind: 'gate',
  name: 'ldap.read',
  about: 'Reads entries of a directory once.',
  params,
  patience: once,
  async read({ server, base, scope, filter, attributes }, ports) {
    const directory = await ports.directory(addressOf(server));
    return await directory.search({
      base,
      scope: scope ?? (base === '' ? 'base' : 'sub'),
      ...(filter === undefined ? {} : { filter }),
      ...(attributes === undefined ? {} : { attributes }),
    });
  },
  lacking: () => undefined,
  result: ({ attributes = [] }, entries) => {
    const values = entries.map((entry) => entryValue(entry, attributes));
    return { entries: values, count: values.length, first: values[0] ?? null };
  },
};
