/**
 * slapd 2.5 and 2.6 keep their consumers in another order than cn=config keeps olcSyncrepl: where one value of several is
 * deleted, by position or by value, cn=config is right and another consumer has ended, until the next start (seen on 2.5.13
 * and 2.6.10, not on 2.4.57). Where the attribute is replaced, all consumers are begun anew, and they are the right ones.
 */
import type { DirectoryWriter, Modification } from '../engine/ports.ts';
import { Secret } from '../secrets/secret.ts';
import { attributeKey, valuesOf, withoutIndex } from './config-names.ts';
import { applyModifications, inSafeOrder } from './modifications.ts';

const AGREEMENTS = 'olcSyncrepl';

/** One modify, in which agreements that are to go go by a replace of all. */
export async function modifyEntry(
  directory: DirectoryWriter,
  dn: string,
  modifications: readonly Modification[],
): Promise<void> {
  const isPartial = modifications.some(
    (one) => isOfAgreements(one) && one.op === 'delete' && one.values.length > 0,
  );
  if (!isPartial) return await directory.modify(dn, modifications);
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: [AGREEMENTS] });
  await directory.modify(
    dn,
    withAgreementsWhole(modifications, valuesOf(entry?.attributes ?? {}, AGREEMENTS)),
  );
}

/** The same, with one replace for all that these modifications make of the agreements that are `stored`. */
export function withAgreementsWhole(
  modifications: readonly Modification[],
  stored: readonly string[],
): readonly Modification[] {
  const after = applyModifications({ [AGREEMENTS]: stored }, modifications.filter(isOfAgreements));
  const values = valuesOf(after, AGREEMENTS).map(
    (value) => new Secret(`stored ${AGREEMENTS}`, withoutIndex(value)),
  );
  const others = modifications.filter((one) => !isOfAgreements(one));
  return inSafeOrder([{ op: 'replace', attribute: AGREEMENTS, values }, ...others]);
}

function isOfAgreements({ attribute }: Modification): boolean {
  return attributeKey(attribute) === AGREEMENTS.toLowerCase();
}
