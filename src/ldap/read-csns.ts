/** What a server says it has of a suffix: the newest change of every server ID. */
import type { DirectoryReader } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { type Csn, latestPerSid } from './csn.ts';
import { childDn } from './dn.ts';

/**
 * contextCSN by SID; empty when the suffix has none (no syncprov yet, nothing written) or is not there. It stands on
 * the suffix entry, or on `cn=ldapsync` below it where olcSyncUseSubentry is TRUE; that of a tree without a suffix on the
 * root DSE.
 */
export async function readCsns(
  directory: DirectoryReader,
  suffix: string,
): Promise<ReadonlyMap<number, Csn>> {
  for (const base of [suffix, childDn('cn=ldapsync', suffix)]) {
    const [entry] = await directory.search({
      base,
      scope: 'base',
      attributes: ['contextCSN'],
      manageDsaIt: true,
    });
    const values = valuesOf(entry?.attributes ?? {}, 'contextCSN');
    if (values.length > 0) return latestPerSid(values);
  }
  return new Map();
}
