/** Changes of cn=config that slapd takes online, and then does not start any more. Seen on 2.5.13. */
import { parseBoolean, valuesOf } from './config-names.ts';
import { readServerIds } from './server-id.ts';

type Attributes = Readonly<Record<string, readonly string[]>>;

export interface Trap {
  readonly fact: string;
  /** What to do instead, one sentence. */
  readonly next: string;
}

/** Why an entry of cn=config must not become like `after`; undefined when nothing is known against it. */
export function trapIn(before: Attributes, after: Attributes): Trap | undefined {
  const multi = parseBoolean(valuesOf(after, 'olcMultiProvider')[0]) === true;
  const isDatabase = valuesOf(after, 'olcDatabase').length > 0;
  if (isDatabase && multi && valuesOf(after, 'olcSyncrepl').length === 0) {
    return {
      fact:
        'olcMultiProvider would be TRUE without an olcSyncrepl: slapd takes that, and at its next start it fails ' +
        'with "database is not a shadow"',
      next: 'Delete both in this step, or use ldap.agreement with state: absent.',
    };
  }
  const ids = readServerIds(valuesOf(after, 'olcServerID'));
  if (ids.kind === 'urls' && readServerIds(valuesOf(before, 'olcServerID')).kind !== 'urls') {
    return {
      fact:
        'olcServerID would get the URL form: if no URL matches a listener, slapd keeps its old ID, and at its next ' +
        'start it fails with "no serverID / URL match found"',
      next: 'Use ldap.server-id, which sets one plain number.',
    };
  }
  return undefined;
}
