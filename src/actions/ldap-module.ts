/** `ldap.module`: modules are loaded, whether built in, named with a suffix, or not there yet. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import { configOn } from '../engine/place.ts';
import type { Entry } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { moduleName } from '../ldap/config-values.ts';
import { entryPlace } from '../ldap/places.ts';
import { definedNames } from '../ldap/schema-names.ts';
import { ActionError } from './action-error.ts';
import { addChange, modifyChange, writeChanges } from './ldap-change.ts';
import { addressOf, serverParam } from './ldap-server.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  load: z.array(z.string()).min(1).describe('Names such as syncprov, with or without .la or .so'),
  path: z
    .string()
    .optional()
    .describe('olcModulePath, if cn=module has to be made; default: what slapd was built with'),
});

type Params = z.infer<typeof params>;

/** The object class by which a module shows that it is there, loaded or built in (OpenLDAP 2.4 to 2.6). */
const SHOWS: Readonly<Record<string, string>> = {
  back_mdb: 'olcMdbConfig',
  back_monitor: 'olcMonitorConfig',
  back_ldap: 'olcLDAPConfig',
  syncprov: 'olcSyncProvConfig',
  accesslog: 'olcAccessLogConfig',
  ppolicy: 'olcPPolicyConfig',
  memberof: 'olcMemberOfConfig',
  refint: 'olcRefintConfig',
  unique: 'olcUniqueConfig',
  auditlog: 'olcAuditLogConfig',
  constraint: 'olcConstraintConfig',
  dynlist: 'olcDynListConfig',
};

interface Facts {
  readonly lists: readonly Entry[];
  /** Lower-case names of every object class the server knows. */
  readonly classes: readonly string[];
}

/** Adding a module that is built in fails ("file not found"), so what the schema shows counts as loaded. */
export const ldapModule: ChangeAction<Params, Facts> = {
  kind: 'change',
  name: 'ldap.module',
  about: 'Makes slapd load modules, unless they are loaded or built in.',
  proof: 'readback',
  params,
  // What a module defines is in the schema from then on; data looks the same until something uses it.
  touches: (host, _params, changes) => [
    ...(changes?.map(({ what }) => entryPlace(host, what)) ?? [configOn(host)]),
    entryPlace(host, 'cn=schema,cn=config'),
  ],
  async read({ server }, ports) {
    const directory = await ports.directory(addressOf(server));
    const lists = await directory.search({
      base: 'cn=config',
      filter: '(objectClass=olcModuleList)',
      attributes: ['cn', 'olcModulePath', 'olcModuleLoad'],
    });
    const [schema] = await directory.search({
      base: 'cn=schema,cn=config',
      scope: 'base',
      attributes: ['olcObjectClasses'],
    });
    if (!schema) {
      throw new ActionError(`${ports.host.name}: cn=schema,cn=config cannot be read`, {
        next: 'Bind as an account that may read cn=config: root over ldapi.',
      });
    }
    return { lists, classes: definedNames(valuesOf(schema.attributes, 'olcObjectClasses')) };
  },
  diff(params, { lists, classes }) {
    const loaded = new Set(
      lists.flatMap((list) => valuesOf(list.attributes, 'olcModuleLoad').map(moduleName)),
    );
    const there = (name: string) =>
      loaded.has(moduleName(name)) || classes.includes((SHOWS[moduleName(name)] ?? '').toLowerCase());
    const missing = params.load.filter((name, at) => !there(name) && params.load.indexOf(name) === at);
    if (missing.length === 0) return [];
    // slapd reads one path from each list: the list that has the path asked for, else the first.
    const [list] = lists.toSorted((a, b) => fits(b, params.path) - fits(a, params.path));
    if (list)
      return [modifyChange(list.dn, [{ op: 'add', attribute: 'olcModuleLoad', values: missing }], list)];
    const path = params.path === undefined ? {} : { olcModulePath: [params.path] };
    const attributes = { objectClass: ['olcModuleList'], cn: ['module'], ...path, olcModuleLoad: missing };
    return [addChange('cn=module,cn=config', attributes)];
  },
  write: ({ server }, changes, ports) => writeChanges(ports, server, changes),
  undo: {
    about:
      'Not undone: slapd unloads no module while it runs (2.4 to 2.6, error 80). By itself it does nothing.',
    inverse: ({ load }) => ({
      calls: [],
      cannot: [
        `slapd cannot unload ${load.join(', ')} while it runs; left loaded, it does nothing by itself. Where it must go, ` +
          'take it out of a slapcat -n 0 and load that again with slapd stopped',
      ],
    }),
  },
};

function fits(list: Entry, path: string | undefined): number {
  return path !== undefined && valuesOf(list.attributes, 'olcModulePath').includes(path) ? 1 : 0;
}
