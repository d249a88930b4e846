/** `ldap.entry`: an entry is there with at least these values, or is not there. */
import { z } from 'zod';
import type { Change, ChangeAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import { attributeKey, valuesOf } from '../ldap/config-names.ts';
import { parseDn } from '../ldap/dn.ts';
import { missingModifications } from '../ldap/modifications.ts';
import { verifyPassword } from '../ldap/password.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { addChange, modifyChange, passwordAttribute, removeEntries, writeChanges } from './ldap-change.ts';
import { entryBack, ldapInverse } from './ldap-inverse.ts';
import { touchedByActs } from './ldap-places.ts';
import { addressOf, attributesParam, serverParam, toTexts } from './ldap-server.ts';
import { untrapped } from './ldap-traps.ts';
import { textParam } from './text-param.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  dn: z.string().describe('DN of the entry'),
  state: z.enum(['present', 'absent']).optional().describe('Default present'),
  attributes: attributesParam.optional().describe('Attribute → value or list; the entry has at least these'),
  exact: z
    .boolean()
    .optional()
    .describe('The listed attributes have exactly these values; default: at least these'),
  password: textParam
    .optional()
    .describe(
      'Stored as userPassword, or as olcRootPW of a database in cn=config; hashed {SSHA} where what is stored does not let it in',
    ),
  'other-passwords': z
    .enum(['keep', 'drop'])
    .optional()
    .describe(
      'keep: this password comes beside the stored ones, and all of them let in; drop: it is the only one. Default: ' +
        'where it lets in already nothing is done, else it takes the place of all',
    ),
});

type Params = z.infer<typeof params>;

export const ldapEntry: ChangeAction<Params, Entry | undefined> = {
  kind: 'change',
  name: 'ldap.entry',
  about: 'Makes an entry be there with these values, or not be there.',
  proof: 'readback',
  params,
  touches: (host, _params, changes) => touchedByActs(host, changes),
  async read({ server, dn }, ports) {
    const directory = await ports.directory(addressOf(server));
    const [entry] = await directory.search({ base: dn, scope: 'base', attributes: ['*'], manageDsaIt: true });
    return entry;
  },
  diff(params, entry) {
    if (params.state === 'absent') return entry ? [removal(entry)] : [];
    const password = passwordOf(params);
    if (!entry) {
      const attributes = withNames(params.dn, toTexts(params.attributes));
      return [untrapped('ldap.entry', addChange(params.dn, attributes, password), undefined)];
    }
    const names = namesOf(params.dn).map(([attribute]) => attribute);
    const wanted = toTexts(params.attributes);
    const modifications = missingModifications(entry.attributes, {
      ...(params.exact ? { replace: wanted } : { add: wanted }),
      caseless: names,
    });
    const beside = params['other-passwords'] === 'keep';
    const alone =
      params['other-passwords'] !== 'drop' ||
      valuesOf(entry.attributes, passwordAttribute(entry.dn)).length === 1;
    const rewrite = password && !(passwordHolds(entry, password) && alone) ? password : null;
    if (modifications.length === 0 && !rewrite) return [];
    const change = modifyChange(params.dn, modifications, entry, rewrite, beside);
    return [untrapped('ldap.entry', change, entry)];
  },
  async write(params, changes, ports) {
    const write = params.state === 'absent' ? removeEntries : writeChanges;
    return await write(ports, params.server, changes);
  },
  undo: {
    about:
      'An entry that was added goes, if nothing is below it and it is still as written. One that was changed gets the ' +
      'values it had. One that was removed comes back (with a new entryUUID), unless it held a password.',
    inverse: (params, changes, entry) =>
      params.state === 'absent' && entry
        ? entryBack(params, entry)
        : ldapInverse(params, changes, entry ? [entry] : []),
  },
};

function passwordOf({ password }: Params): Secret | null {
  if (password === undefined) return null;
  return password instanceof Secret ? password : new Secret('password', password);
}

function passwordHolds(entry: Entry, password: Secret): boolean {
  return valuesOf(entry.attributes, passwordAttribute(entry.dn)).some(
    (stored) => verifyPassword(stored, password) === 'same',
  );
}

function removal(entry: Entry): Change {
  return { what: entry.dn, lines: [{ op: '-', text: `dn: ${entry.dn}` }], data: null };
}

function namesOf(dn: string): readonly (readonly [string, string])[] {
  return (parseDn(dn)[0] ?? []).map((ava) => [ava.attribute, ava.value]);
}

/** The values of the RDN belong to the entry (RFC 4512, 2.3): added unless listed. */
function withNames(dn: string, attributes: Record<string, readonly Text[]>): Record<string, readonly Text[]> {
  const listed = new Set(Object.keys(attributes).map(attributeKey));
  const missing = namesOf(dn).filter(([attribute]) => !listed.has(attributeKey(attribute)));
  return { ...attributes, ...Object.fromEntries(missing.map(([attribute, value]) => [attribute, [value]])) };
}
