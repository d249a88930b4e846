/** `ldap.schema-digest`: one number for all schema definitions, so that two servers can be compared. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { valuesOf, withoutIndex } from '../ldap/config-names.ts';
import { digestLines } from '../ldap/digest.ts';
import { normaliseDefinition } from '../ldap/schema-names.ts';
import { ActionError } from './action-error.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({ server: serverParam.optional() });

type Params = z.infer<typeof params>;

interface Facts {
  readonly definitions: readonly string[];
  /** Schema entries such as `core`, `cosine`, in the server's order. */
  readonly names: readonly string[];
}

/**
 * `result`: { digest, names, count }. Covers the loaded schemas and not what is built into slapd and its modules, so
 * that two versions of slapd with the same schemas compare equal.
 */
export const ldapSchemaDigest: GateAction<Params, Facts> = {
  kind: 'gate',
  name: 'ldap.schema-digest',
  about: 'Reads a digest over the schemas that are loaded.',
  params,
  patience: once,
  async read({ server }, ports) {
    const directory = await ports.directory(addressOf(server));
    const entries = await directory.search({
      base: 'cn=schema,cn=config',
      scope: 'one',
      attributes: ['cn', 'olcAttributeTypes', 'olcObjectClasses'],
    });
    if (entries.length === 0) {
      throw new ActionError(`${ports.host.name}: no schemas under cn=schema,cn=config`, {
        next: 'Bind as an account that may read cn=config: root over ldapi.',
      });
    }
    return {
      definitions: entries.flatMap(({ attributes }) =>
        [...valuesOf(attributes, 'olcAttributeTypes'), ...valuesOf(attributes, 'olcObjectClasses')].map(
          normaliseDefinition,
        ),
      ),
      names: entries.map((entry) => withoutIndex(valuesOf(entry.attributes, 'cn')[0] ?? '')),
    };
  },
  lacking: () => undefined,
  result: (_, { definitions, names }) => ({
    digest: digestLines(definitions),
    names,
    count: definitions.length,
  }),
};
