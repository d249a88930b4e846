/** `ldap.modify`: values of one entry, in one modify that holds only what is missing. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import { missingModifications } from '../ldap/modifications.ts';
import type { Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { modifyChange, writeChanges } from './ldap-change.ts';
import { ldapInverse } from './ldap-inverse.ts';
import { comparedIn, touchedByActs } from './ldap-places.ts';
import { addressOf, attributesParam, serverParam, toTexts } from './ldap-server.ts';
import { untrapped } from './ldap-traps.ts';
import { textParam } from './text-param.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  dn: z.string().describe('DN of the entry'),
  add: attributesParam.optional().describe('These values are there; an explicit {n} asks for that position'),
  delete: z
    .record(z.string(), z.union([z.literal('all'), textParam, z.array(textParam)]))
    .optional()
    .describe('These values are not there; `all` for every value'),
  replace: attributesParam.optional().describe('Exactly these values are there; [] for none'),
});

type Params = z.infer<typeof params>;

function deletes(wanted: Params['delete'] = {}): Record<string, readonly Text[] | 'all'> {
  const listed = Object.entries(wanted).map(([name, value]): [string, readonly Text[] | 'all'] => [
    name,
    value === 'all' || Array.isArray(value) ? value : [value],
  ]);
  return Object.fromEntries(listed);
}

/** Refuses, by an Error, what would keep slapd from starting again or leave it half working. */
export const ldapModify: ChangeAction<Params, Entry | undefined> = {
  kind: 'change',
  name: 'ldap.modify',
  about:
    'Makes one entry have, or not have, these values, in one modify operation. Refuses for cn=config what slapd would take and ' +
    'not start with, or only half work.',
  proof: 'readback',
  params,
  reads: (host, params) => comparedIn(host, params.dn, params.add, params.delete, params.replace),
  touches: (host, _params, changes) => touchedByActs(host, changes),
  async read({ server, dn }, ports) {
    const directory = await ports.directory(addressOf(server));
    const [entry] = await directory.search({
      base: dn,
      scope: 'base',
      attributes: ['*', '+'],
      manageDsaIt: true,
    });
    return entry;
  },
  diff(params, entry) {
    const before = entry?.attributes ?? {};
    const modifications = missingModifications(before, {
      add: toTexts(params.add),
      delete: deletes(params.delete),
      replace: toTexts(params.replace),
    });
    if (modifications.length === 0) {
      if (entry) return [];
      // A delete that finds nothing because the DN is wrong must not pass for done.
      throw new ActionError(`ldap.modify: there is no entry ${params.dn}`, {
        next: 'Check the DN and the server.',
      });
    }
    return [untrapped('ldap.modify', modifyChange(params.dn, modifications, entry), entry)];
  },
  write: ({ server }, changes, ports) => writeChanges(ports, server, changes),
  undo: {
    about: 'The attributes it touched get the values they had, in one modify; old passwords are not kept.',
    inverse: (params, changes, entry) => ldapInverse(params, changes, entry ? [entry] : []),
  },
};
