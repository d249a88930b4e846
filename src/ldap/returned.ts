/** Entries that a client has deleted on this server, by its accesslog, and that are there all the same. */
import type { DirectoryReader } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { type Csn, compareCsn, parseCsn } from './csn.ts';
import { formatGeneralizedTime } from './generalized-time.ts';

export interface Returned {
  readonly dn: string;
  /** When it was deleted, GeneralizedTime in UTC. */
  readonly deleted: string;
}

/** So many entries are asked for at a time. */
const AT_ONCE = 100;

/**
 * `sid`: the server's own ID, 0 where it has none; what others deleted is in their logs. `since`: ms since the epoch.
 * slapd's log names each deletion with the entry's entryUUID, and the change with its CSN (accesslog.c of 2.4 to 2.6).
 */
export async function readReturned(
  directory: DirectoryReader,
  suffix: string,
  log: string,
  sid: number,
  since: number,
): Promise<readonly Returned[]> {
  const records = await directory.search({
    base: log,
    scope: 'one',
    filter: `(&(objectClass=auditDelete)(reqResult=0)(reqStart>=${formatGeneralizedTime(since)}))`,
    attributes: ['reqEntryUUID', 'entryCSN'],
  });
  const deleted = new Map<string, Csn>();
  for (const { attributes } of records) {
    const [uuid] = valuesOf(attributes, 'reqEntryUUID');
    const [text] = valuesOf(attributes, 'entryCSN');
    const csn = text === undefined ? undefined : parseCsn(text);
    if (uuid !== undefined && csn?.sid === sid) deleted.set(uuid.toLowerCase(), csn);
  }
  const returned: Returned[] = [];
  const uuids = [...deleted.keys()];
  for (let at = 0; at < uuids.length; at += AT_ONCE) {
    const filter = uuids.slice(at, at + AT_ONCE).map((uuid) => `(entryUUID=${uuid})`);
    const entries = await directory.search({
      base: suffix,
      scope: 'sub',
      filter: `(|${filter.join('')})`,
      attributes: ['entryUUID', 'entryCSN'],
      manageDsaIt: true,
    });
    for (const { dn, attributes } of entries) {
      const csn = deleted.get(valuesOf(attributes, 'entryUUID')[0]?.toLowerCase() ?? '');
      const [written] = valuesOf(attributes, 'entryCSN');
      // Written to after its deletion, it is somebody's on purpose.
      if (csn && written !== undefined && compareCsn(parseCsn(written), csn) < 0)
        returned.push({ dn, deleted: `${csn.second}Z` });
    }
  }
  return returned;
}
