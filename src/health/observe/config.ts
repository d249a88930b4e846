/** cn=config over ldapi, in two searches, and what it says about one suffix. */
import type { DirectoryReader, Entry } from '../../engine/ports.ts';
import { parseBoolean, parseOrdered, valuesOf, withoutIndex } from '../../ldap/config-names.ts';
import { csnTime, parseCsn } from '../../ldap/csn.ts';
import { digestLines } from '../../ldap/digest.ts';
import { parentDn, sameDn } from '../../ldap/dn.ts';
import { parseGeneralizedTime } from '../../ldap/generalized-time.ts';
import { normaliseDefinition } from '../../ldap/schema-names.ts';
import { parseSyncrepl } from '../../ldap/syncrepl.ts';
import type { ConfigFacts, DatabaseFacts, LogDatabaseFacts, SyncprovFacts } from '../facts.ts';

/** Entries of cn=config, the schemas in a list of their own. */
export interface Catalogue {
  readonly entries: readonly Entry[];
  readonly schemas: readonly Entry[];
}

const CHANGED = ['modifyTimestamp', 'entryCSN'];

/** By name: what is not here is not asked for, passwords first of all. */
const ATTRIBUTES = [
  ...CHANGED,
  'olcServerID',
  'olcLogLevel',
  'olcLogFile',
  'olcTLSCACertificateFile',
  'olcTLSCACertificatePath',
  'olcModuleLoad',
  'olcSizeLimit',
  'olcReadOnly',
  'olcSuffix',
  'olcRootDN',
  'olcLastMod',
  'olcDbMaxSize',
  'olcDbDirectory',
  'olcSyncrepl',
  'olcMultiProvider',
  'olcMirrorMode',
  'olcUpdateRef',
  'olcLimits',
  'olcAccess',
  'olcDbIndex',
  'olcOverlay',
  'olcSpCheckpoint',
  'olcSpSessionlog',
  'olcSpSessionlogSource',
  'olcSpNoPresent',
  'olcSpReloadHint',
  'olcAccessLogDB',
  'olcAccessLogPurge',
];

export async function readCatalogue(directory: DirectoryReader): Promise<Catalogue> {
  const entries = await directory.search({
    base: 'cn=config',
    filter: '(!(objectClass=olcSchemaConfig))',
    attributes: ATTRIBUTES,
  });
  if (entries.length === 0)
    throw new Error('cn=config cannot be read: it takes root over ldapi (SASL EXTERNAL)');
  const schemas = await directory.search({
    base: 'cn=schema,cn=config',
    scope: 'one',
    attributes: [...CHANGED, 'cn', 'olcAttributeTypes', 'olcObjectClasses'],
  });
  return { entries, schemas };
}

/** The suffixes that replicate: on their database is syncprov, or an agreement. */
export function replicatedSuffixes({ entries }: Catalogue): readonly string[] {
  const replicates = (database: Entry) =>
    valuesOf(database.attributes, 'olcSyncrepl').length > 0 ||
    overlaysOf(entries, database).some((overlay) => nameOf(overlay) === 'syncprov');
  // The log of delta-sync has syncprov too, and is no tree of anybody's.
  const logs = entries.flatMap(({ attributes }) => valuesOf(attributes, 'olcAccessLogDB'));
  return entries
    .filter(replicates)
    .flatMap(({ attributes }) => valuesOf(attributes, 'olcSuffix').slice(0, 1))
    .filter((suffix) => !logs.some((log) => sameDn(log, suffix)));
}

/** Throws an Error when no database has the suffix. */
export function configFacts({ entries, schemas }: Catalogue, suffix: string): ConfigFacts {
  const database = databaseOf(entries, suffix);
  if (!database) throw new Error(`no database has the suffix ${suffix}`);
  const root = entries.find((entry) => sameDn(entry.dn, 'cn=config'));
  const frontend = entries.find((entry) => /^olcDatabase=\{-1\}frontend,/i.test(entry.dn));
  const overlays = overlaysOf(entries, database);
  const log = overlays.find((overlay) => nameOf(overlay) === 'accesslog');
  const limits = [database, frontend, root].flatMap((entry) => values(entry, 'olcSizeLimit'));
  const changed = [...entries, ...schemas].flatMap(changedAt);
  return {
    serverIds: values(root, 'olcServerID').map(withoutIndex),
    changedAt: changed.length > 0 ? Math.max(...changed) : undefined,
    modules: entries.flatMap((entry) => values(entry, 'olcModuleLoad').map(moduleName)),
    schema: schemaOf(schemas),
    sizeLimit: limits[0],
    databases: databasesOf(entries),
    database: databaseFacts(database, overlays.map(nameOf), syncprovOf(overlays)),
    log: log && logFacts(log, entries),
  };
}

/** `{2}mdb` and its suffix, in the order in which slapd has them. */
function databasesOf(entries: readonly Entry[]): ConfigFacts['databases'] {
  return entries
    .flatMap((entry) => {
      const name = /^olcDatabase=(\{-?\d+\}\w+),cn=config$/i.exec(entry.dn)?.[1];
      const suffix = values(entry, 'olcSuffix')[0];
      return name === undefined ? [] : [{ name, ...(suffix !== undefined && { suffix }) }];
    })
    .sort((a, b) => (parseOrdered(a.name).index ?? 0) - (parseOrdered(b.name).index ?? 0));
}

function databaseFacts(
  { dn, attributes }: Entry,
  overlays: readonly string[],
  syncprov: SyncprovFacts | undefined,
): DatabaseFacts {
  const all = (name: string) => valuesOf(attributes, name);
  return {
    dn,
    suffix: all('olcSuffix')[0] ?? '',
    rootDn: all('olcRootDN')[0],
    readOnly: parseBoolean(all('olcReadOnly')[0]) === true,
    lastMod: parseBoolean(all('olcLastMod')[0]) !== false,
    mapBytes: mapBytes(attributes),
    directory: all('olcDbDirectory')[0] ?? '',
    agreements: all('olcSyncrepl').map((value) => parseSyncrepl(value)),
    multiProvider: parseBoolean(all('olcMultiProvider')[0]) === true,
    updateRefs: all('olcUpdateRef'),
    limits: all('olcLimits').map(withoutIndex),
    access: all('olcAccess').map(withoutIndex),
    indexes: all('olcDbIndex'),
    overlays,
    syncprov,
  };
}

function logFacts(overlay: Entry, entries: readonly Entry[]): LogDatabaseFacts | undefined {
  const suffix = values(overlay, 'olcAccessLogDB')[0];
  if (suffix === undefined) return undefined;
  const database = databaseOf(entries, suffix);
  return {
    suffix,
    rootDn: values(database, 'olcRootDN')[0],
    ...(database && { mapBytes: mapBytes(database.attributes) }),
    purge: values(overlay, 'olcAccessLogPurge')[0],
    limits: values(database, 'olcLimits').map(withoutIndex),
    access: values(database, 'olcAccess').map(withoutIndex),
    syncprov: database && syncprovOf(overlaysOf(entries, database)),
  };
}

/** slapd's own default is 10 MiB. */
function mapBytes(attributes: Entry['attributes']): number {
  return Number(valuesOf(attributes, 'olcDbMaxSize')[0] ?? 10_485_760);
}

function syncprovOf(overlays: readonly Entry[]): SyncprovFacts | undefined {
  const overlay = overlays.find((one) => nameOf(one) === 'syncprov');
  if (!overlay) return undefined;
  const first = (name: string) => values(overlay, name)[0];
  const source = first('olcSpSessionlogSource');
  return {
    checkpoint: first('olcSpCheckpoint'),
    sessionLog: first('olcSpSessionlog'),
    sessionLogSource: source === undefined ? undefined : withoutIndex(source),
    noPresent: parseBoolean(first('olcSpNoPresent')) === true,
    reloadHint: parseBoolean(first('olcSpReloadHint')) === true,
  };
}

function schemaOf(schemas: readonly Entry[]): ConfigFacts['schema'] {
  const definitions = schemas.flatMap((schema) =>
    ['olcAttributeTypes', 'olcObjectClasses'].flatMap((name) =>
      values(schema, name).map(normaliseDefinition),
    ),
  );
  const names = schemas.map((schema) => withoutIndex(values(schema, 'cn')[0] ?? ''));
  return { digest: digestLines(definitions), names };
}

function databaseOf(entries: readonly Entry[], suffix: string): Entry | undefined {
  return entries.find((entry) => values(entry, 'olcSuffix').some((one) => sameDn(one, suffix)));
}

/** In their order. */
function overlaysOf(entries: readonly Entry[], database: Entry): readonly Entry[] {
  const place = (entry: Entry) => parseOrdered(values(entry, 'olcOverlay')[0] ?? '').index ?? 0;
  return entries
    .filter(
      (entry) => values(entry, 'olcOverlay').length > 0 && sameDn(parentDn(entry.dn) ?? '', database.dn),
    )
    .sort((a, b) => place(a) - place(b));
}

function nameOf(overlay: Entry): string {
  return withoutIndex(values(overlay, 'olcOverlay')[0] ?? '').toLowerCase();
}

/** `{1}/usr/lib/ldap/syncprov.la` is syncprov. */
function moduleName(value: string): string {
  const file = withoutIndex(value).split('/').at(-1) ?? '';
  return file.replace(/\.(?:la|so)(?:\.[\d.]+)?$/, '').toLowerCase();
}

/** entryCSN has microseconds, modifyTimestamp whole seconds; built-in entries have neither. */
function changedAt(entry: Entry): readonly number[] {
  const csns = values(entry, 'entryCSN').map((text) => csnTime(parseCsn(text)));
  const stamps = values(entry, 'modifyTimestamp').flatMap((text) => parseGeneralizedTime(text) ?? []);
  return [...csns, ...stamps];
}

function values(entry: Entry | undefined, name: string): readonly string[] {
  return entry ? valuesOf(entry.attributes, name) : [];
}
