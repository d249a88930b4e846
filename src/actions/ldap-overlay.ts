/** `ldap.overlay`: one overlay on a database, once, with these attributes. */
import { z } from 'zod';
import type { ChangeAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import { valuesOf, withoutIndex } from '../ldap/config-names.ts';
import { missingModifications } from '../ldap/modifications.ts';
import { ActionError } from './action-error.ts';
import { addChange, modifyChange, writeChanges } from './ldap-change.ts';
import { addressOf, attributesParam, serverParam, toTexts } from './ldap-server.ts';

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

export const ldapOverlay: ChangeAction<Params, readonly Entry[]> = {
  kind: 'change',
  name: 'ldap.overlay',
  about: 'Makes a database have an overlay, exactly once, with these attributes.',
  proof: 'readback',
  params,
  async read({ server, database }, ports) {
    const directory = await ports.directory(addressOf(server));
    return await directory.search({ base: database, scope: 'one', filter: '(objectClass=olcOverlayConfig)' });
  },
  diff(params, overlays) {
    const name = params.overlay.toLowerCase();
    const there = overlays.filter(
      (entry) => withoutIndex(valuesOf(entry.attributes, 'olcOverlay')[0] ?? '').toLowerCase() === name,
    );
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
      return modifications.length > 0 ? [modifyChange(entry.dn, modifications, entry)] : [];
    }
    const objectClass = ['olcOverlayConfig', classOf(params)];
    const given = Object.fromEntries(Object.entries(wanted).filter(([, values]) => values.length > 0));
    return [
      addChange(`olcOverlay=${name},${params.database}`, { objectClass, olcOverlay: [name], ...given }),
    ];
  },
  write: async ({ server }, changes, ports) =>
    await writeChanges(await ports.directory(addressOf(server)), changes),
};

function classOf(params: Params): string {
  const known = params['object-class'] ?? CLASSES[params.overlay.toLowerCase()];
  if (known !== undefined) return known;
  throw new ActionError(`ldap.overlay: the object class of ${params.overlay} is not known here`, {
    next: 'Give it as object-class; slapd-config(5) and the overlay’s man page name it.',
  });
}
