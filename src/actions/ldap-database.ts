/** `ldap.database`: one mdb database for a suffix, with these attributes. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import { configOn } from '../engine/place.ts';
import type { Entry } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { sameDn } from '../ldap/dn.ts';
import { missingModifications } from '../ldap/modifications.ts';
import { addChange, modifyChange, writeChanges } from './ldap-change.ts';
import { ldapInverse } from './ldap-inverse.ts';
import { touchedByActs } from './ldap-places.ts';
import { addressOf, attributesParam, serverParam, toTexts } from './ldap-server.ts';
import { untrapped } from './ldap-traps.ts';
import { pathParam } from './path-param.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  suffix: z.string().describe('The suffix of the database, e.g. cn=accesslog'),
  directory: pathParam.describe('Where its files are; must be there, and belong to the user of slapd'),
  'root-dn': z.string().describe('olcRootDN'),
  attributes: attributesParam
    .optional()
    .describe('These attributes have exactly these values, [] for none; others are left alone'),
});

type Params = z.infer<typeof params>;

/** `result`: { dn } of the database, whose number slapd chooses. */
export const ldapDatabase: ChangeAction<Params, readonly Entry[]> = {
  kind: 'change',
  name: 'ldap.database',
  about: 'Makes a server have an mdb database for a suffix, exactly once, with these attributes.',
  proof: 'readback',
  params,
  reads: (host) => [configOn(host)],
  touches: (host, _params, changes) => touchedByActs(host, changes),
  async read({ server }, ports) {
    const directory = await ports.directory(addressOf(server));
    return await directory.search({ base: 'cn=config', scope: 'one', filter: '(olcSuffix=*)' });
  },
  diff(params, databases) {
    const wanted = {
      olcDbDirectory: [params.directory],
      olcRootDN: [params['root-dn']],
      ...toTexts(params.attributes),
    };
    const entry = databaseOf(params.suffix, databases);
    if (entry) {
      const modifications = missingModifications(entry.attributes, { replace: wanted });
      if (modifications.length === 0) return [];
      return [untrapped('ldap.database', modifyChange(entry.dn, modifications, entry), entry)];
    }
    const given = Object.fromEntries(Object.entries(wanted).filter(([, values]) => values.length > 0));
    const objectClass = ['olcDatabaseConfig', 'olcMdbConfig'];
    const attributes = { objectClass, olcDatabase: ['mdb'], olcSuffix: [params.suffix], ...given };
    return [untrapped('ldap.database', addChange('olcDatabase=mdb,cn=config', attributes), undefined)];
  },
  write: ({ server }, changes, ports) => writeChanges(ports, server, changes),
  result: ({ suffix }, databases) => ({ dn: databaseOf(suffix, databases)?.dn ?? '' }),
  undo: {
    about:
      'A database that was there gets the values it had. One that was added stays, since slapd 2.4 deletes none while it ' +
      'runs, and its data would go with it.',
    inverse(params, changes, databases) {
      const entry = databaseOf(params.suffix, databases);
      if (entry) return ldapInverse(params, changes, [entry]);
      const what = `the database of ${params.suffix} stays; empty it takes no room, and nobody reads it unless told to`;
      return { calls: [], cannot: [what] };
    },
  },
};

function databaseOf(suffix: string, databases: readonly Entry[]): Entry | undefined {
  return databases.find(({ attributes }) =>
    valuesOf(attributes, 'olcSuffix').some((one) => sameDn(one, suffix)),
  );
}
