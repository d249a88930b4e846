/** `ldap.overlay`: one overlay on a database, once, with these attributes. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import type { DirectoryReader, Entry } from '../engine/ports.ts';
import { valuesOf, withoutIndex } from '../ldap/config-names.ts';
import { missingModifications } from '../ldap/modifications.ts';
import { belowPlace } from '../ldap/places.ts';
import { definedNames } from '../ldap/schema-names.ts';
import { ActionError } from './action-error.ts';
import { addChange, modifyChange, writeChanges } from './ldap-change.ts';
import { ldapInverse } from './ldap-inverse.ts';
import { touchedByActs } from './ldap-places.ts';
import { addressOf, attributesParam, serverParam, toTexts } from './ldap-server.ts';
import { untrapped } from './ldap-traps.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  database: z.string().describe('DN of the database, e.g. olcDatabase={1}mdb,cn=config'),
  overlay: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/)
    .describe('e.g. syncprov'),
  attributes: attributesParam
    .optional()
    .describe('These attributes have exactly these values, [] for none; others are left alone'),
  'object-class': z.string().optional().describe('For overlays that are not known here'),
});

type Params = z.infer<typeof params>;

const CLASSES: Readonly<Record<string, string>> = {
  syncprov: 'olcSyncProvConfig',
  accesslog: 'olcAccessLogConfig',
  ppolicy: 'olcPPolicyConfig',
  memberof: 'olcMemberOf',
  refint: 'olcRefintConfig',
  unique: 'olcUniqueConfig',
  auditlog: 'olcAuditlogConfig',
};

interface Facts {
  readonly overlays: readonly Entry[];
  /** slapd 2.4 deletes no entry of cn=config while it runs; asked only where there is no overlay yet. */
  readonly canDelete: boolean;
}

export const ldapOverlay: ChangeAction<Params, Facts> = {
  kind: 'change',
  name: 'ldap.overlay',
  about: 'Makes a database have an overlay, exactly once, with these attributes.',
  proof: 'readback',
  params,
  reads: (host, { database }) => [belowPlace(host, database)],
  touches: (host, _params, changes) => touchedByActs(host, changes),
  async read({ server, database, overlay }, ports) {
    const directory = await ports.directory(addressOf(server));
    const filter = '(objectClass=olcOverlayConfig)';
    const overlays = await directory.search({ base: database, scope: 'one', filter });
    const canDelete = overlays.some((entry) => isNamed(entry, overlay)) || (await isLaterThan24(directory));
    return { overlays, canDelete };
  },
  diff(params, { overlays }) {
    const name = params.overlay.toLowerCase();
    const there = overlays.filter((entry) => isNamed(entry, name));
    const [entry, second] = there;
    if (second) {
      throw new ActionError(
        `${params.database} has the overlay ${name} twice: ${there.map((one) => one.dn).join(' and ')}`,
        {
          next: 'Delete one of them by hand, then run this again.',
        },
      );
    }
    const wanted = toTexts(params.attributes);
    if (entry) {
      const modifications = missingModifications(entry.attributes, { replace: wanted });
      if (modifications.length === 0) return [];
      return [untrapped('ldap.overlay', modifyChange(entry.dn, modifications, entry), entry)];
    }
    const objectClass = ['olcOverlayConfig', classOf(params)];
    const given = Object.fromEntries(Object.entries(wanted).filter(([, values]) => values.length > 0));
    const attributes = { objectClass, olcOverlay: [name], ...given };
    const added = addChange(`olcOverlay=${name},${params.database}`, attributes);
    return [untrapped('ldap.overlay', added, undefined)];
  },
  write: ({ server }, changes, ports) => writeChanges(ports, server, changes),
  undo: {
    about:
      'An overlay that was added goes, on 2.5 and later; 2.4 deletes none while it runs (error 53). One that was there ' +
      'gets the values it had.',
    inverse(params, changes, { overlays, canDelete }) {
      const before = overlays.filter((entry) => isNamed(entry, params.overlay));
      if (before.length > 0 || canDelete) return ldapInverse(params, changes, before);
      const what =
        `slapd 2.4 cannot delete the overlay ${params.overlay} of ${params.database} while it runs. Where it must go, ` +
        'take it out of a slapcat -n 0 and load that again with slapd stopped';
      return { calls: [], cannot: [what] };
    },
  },
};

function isNamed(entry: Entry, name: string): boolean {
  const [overlay = ''] = valuesOf(entry.attributes, 'olcOverlay');
  return withoutIndex(overlay).toLowerCase() === name.toLowerCase();
}

/** The schema tells: olcMultiProvider came with 2.5. */
async function isLaterThan24(directory: DirectoryReader): Promise<boolean> {
  const [schema] = await directory.search({
    base: 'cn=schema,cn=config',
    scope: 'base',
    attributes: ['olcAttributeTypes'],
  });
  return definedNames(valuesOf(schema?.attributes ?? {}, 'olcAttributeTypes')).includes('olcmultiprovider');
}

function classOf(params: Params): string {
  const known = params['object-class'] ?? CLASSES[params.overlay.toLowerCase()];
  if (known !== undefined) return known;
  throw new ActionError(`ldap.overlay: the object class of ${params.overlay} is not known here`, {
    next: 'Give it as object-class; slapd-config(5) and the overlay’s man page name it.',
  });
}
