/**
 * What slapd takes while it runs and cannot start with, or goes wrong by, and that shows only in several entries of cn=config
 * together, or with its listeners. Seen on 2.5.13: docs/openldap-notes.md. For single entries see `config-traps.ts`.
 */
import type { Entry, Host, Modification } from '../engine/ports.ts';
import { duplicateRids, formatRid } from './agreement.ts';
import { parseBoolean, valuesOf, withoutIndex } from './config-names.ts';
import type { Trap } from './config-traps.ts';
import { isUnder, sameDn } from './dn.ts';
import { readLdapUrl } from './ldap-url.ts';
import { isLoop, isOwnUrl } from './listeners.ts';
import { applyModifications } from './modifications.ts';
import { readServerIds } from './server-id.ts';
import { parseSyncrepl } from './syncrepl.ts';

export interface Server {
  /** The global entry, the databases and the overlays of cn=config. */
  readonly entries: readonly Entry[];
  /** As slapd was given them with -h; [] where they are not known. */
  readonly listeners: readonly string[];
  readonly host: Pick<Host, 'name' | 'address'>;
}

/** One write of cn=config; an entry that is not there is added, one whose modifications are undefined is removed. */
export interface ConfigWrite {
  readonly dn: string;
  readonly mods?: readonly Modification[];
}

/** What would be wrong after the write and is not now; undefined when nothing is known against it. */
export function serverTrap(server: Server, write: ConfigWrite): Trap | undefined {
  const now = new Set(trapsOf(server).map(({ fact }) => fact));
  const after = { ...server, entries: written(server.entries, write) };
  return [...trapsOf(after), ...lostUrls(server, after)].find(({ fact }) => !now.has(fact));
}

function written(entries: readonly Entry[], { dn, mods }: ConfigWrite): readonly Entry[] {
  if (!mods) return entries.filter((entry) => !isUnder(entry.dn, dn));
  const others = entries.filter((entry) => !sameDn(entry.dn, dn));
  const before = entries.find((entry) => sameDn(entry.dn, dn))?.attributes ?? {};
  return [...others, { dn, attributes: applyModifications(before, mods) }];
}

function trapsOf(server: Server): readonly Trap[] {
  return [lostLogs, bareProviders, sharedFolders, sharedRids, orphans, loops, strangers].flatMap((rule) =>
    rule(server),
  );
}

const all = (entry: Entry, name: string) => valuesOf(entry.attributes, name);
const isTrue = (entry: Entry, name: string) => parseBoolean(all(entry, name)[0]) === true;
const isEnabled = (entry: Entry) => !isTrue(entry, 'olcDisabled');
const databasesOf = ({ entries }: Server) => entries.filter((entry) => all(entry, 'olcDatabase').length > 0);
const isOverlay = (entry: Entry, name: string) =>
  all(entry, 'olcOverlay').some((value) => withoutIndex(value).toLowerCase() === name);

/** An overlay whose log is in no database: `"logdb <suffix>" missing`, `configured accesslog database … not present`. */
function lostLogs(server: Server): readonly Trap[] {
  const suffixes = databasesOf(server)
    .filter(isEnabled)
    .flatMap((database) => all(database, 'olcSuffix'));
  const lost = (overlay: Entry) =>
    ['olcAccessLogDB', 'olcSpSessionlogSource']
      .flatMap((name) => all(overlay, name))
      .filter((log) => !suffixes.some((suffix) => sameDn(suffix, log)));
  return server.entries.filter(isEnabled).flatMap((overlay) =>
    lost(overlay).map((log) => ({
      fact: `${overlay.dn} would write to ${log}, and no database would hold that: slapd takes it, and does not start again`,
      next: 'Delete the overlay first, or its olcSpSessionlogSource.',
    })),
  );
}

/** `syncprov_db_open: invalid config, lastmod must be enabled` */
function bareProviders(server: Server): readonly Trap[] {
  const providers = server.entries.filter((entry) => isOverlay(entry, 'syncprov') && isEnabled(entry));
  return databasesOf(server)
    .filter((database) => parseBoolean(all(database, 'olcLastMod')[0]) === false)
    .filter((database) => providers.some(({ dn }) => isUnder(dn, database.dn)))
    .map(({ dn }) => ({
      fact: `olcLastMod would be FALSE of ${dn}, which has syncprov: slapd takes that, and at its next start it fails with "lastmod must be enabled"`,
      next: 'Leave it TRUE: without entryCSN nothing can be replicated.',
    }));
}

/** lmdb.h: "Do not have open an LMDB database twice in the same process at the same time." */
function sharedFolders(server: Server): readonly Trap[] {
  const bare = (folder: string) => folder.replace(/\/+$/, '');
  const databases = databasesOf(server);
  return databases.flatMap((one, at) =>
    databases
      .slice(at + 1)
      .filter((other) =>
        all(one, 'olcDbDirectory').some((mine) =>
          all(other, 'olcDbDirectory').some((theirs) => bare(mine) === bare(theirs)),
        ),
      )
      .map((other) => ({
        fact: `${one.dn} and ${other.dn} would have one olcDbDirectory: slapd takes that, though LMDB must not open a file twice, and loses its locks by it`,
        next: 'Give each database a folder of its own.',
      })),
  );
}

function sharedRids(server: Server): readonly Trap[] {
  const agreements = databasesOf(server).flatMap((database) =>
    all(database, 'olcSyncrepl').map(parseSyncrepl),
  );
  return duplicateRids(agreements).map((rid) => ({
    fact: `RID ${formatRid(rid)} would be of two agreements: slapd takes that, and cannot tell their cookies apart`,
    next: 'Give each agreement of a server a RID of its own, or use ldap.agreement with rid: free.',
  }));
}

/** `glue: no superior found for sub` */
function orphans(server: Server): readonly Trap[] {
  const databases = databasesOf(server);
  const isGlued = (entry: Entry) => all(entry, 'olcSubordinate').some((value) => !/^false$/i.test(value));
  const hasSuperior = (entry: Entry) =>
    all(entry, 'olcSuffix').every((suffix) =>
      databases.some((other) =>
        all(other, 'olcSuffix').some((above) => !sameDn(above, suffix) && isUnder(suffix, above)),
      ),
    );
  return databases
    .filter((entry) => isGlued(entry) && !hasSuperior(entry))
    .map(({ dn }) => ({
      fact: `${dn} would be subordinate to no database: slapd takes that, and at its next start it fails with "no superior found"`,
      next: 'Make the database above it first.',
    }));
}

/** slapd passes over an agreement with itself when it starts, and then sees none. */
function loops(server: Server): readonly Trap[] {
  const listeners = server.listeners.flatMap((url) => readLdapUrl(url) ?? []);
  return databasesOf(server)
    .filter((database) => isTrue(database, 'olcMultiProvider') && all(database, 'olcSyncrepl').length > 0)
    .filter((database) =>
      all(database, 'olcSyncrepl').every((value) => isLoop(parseSyncrepl(value), server.host, listeners)),
    )
    .map(({ dn }) => ({
      fact:
        `${dn} would have olcMultiProvider TRUE and agreements with this server itself only: slapd takes that, and at its ` +
        'next start it fails with "database is not a shadow"',
      next: 'Delete olcMultiProvider in this step too, or use ldap.agreement with state: absent.',
    }));
}

/** `read_config: no serverID / URL match found` */
function strangers({ entries, listeners, host }: Server): readonly Trap[] {
  const urls = urlsOf(entries);
  if (urls.length === 0 || listeners.length === 0) return [];
  if (urls.some((url) => isOwnUrl(url, listeners, [host.name, host.address]))) return [];
  const fact =
    `no URL of olcServerID would match a listener (${listeners.join(', ')}): slapd takes that, and at its next start it ` +
    'fails with "no serverID / URL match found"';
  return [{ fact, next: PLAIN_NUMBER }];
}

/** The same, where only a URL that has been there is known to be good. */
function lostUrls(before: Server, after: Server): readonly Trap[] {
  const [was, is] = [urlsOf(before.entries), urlsOf(after.entries)];
  const gone = was.filter((url) => !is.includes(url));
  if (after.listeners.length > 0 || is.length === 0 || gone.length === 0) return [];
  const fact =
    `olcServerID would lose ${gone.join(', ')}, and which URL is this server’s cannot be seen without cn=monitor: if none ` +
    'is left that matches a listener, slapd does not start again';
  return [{ fact, next: PLAIN_NUMBER }];
}

const PLAIN_NUMBER = 'Use ldap.server-id with replace: true, which sets one plain number.';

function urlsOf(entries: readonly Entry[]): readonly string[] {
  const ids = readServerIds(entries.flatMap((entry) => all(entry, 'olcServerID')));
  return ids.kind === 'urls' ? ids.ids.flatMap(({ url }) => url?.toLowerCase() ?? []) : [];
}
