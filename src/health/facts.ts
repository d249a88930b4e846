/**
 * What one look at a directory server has found, and nothing that was concluded from it. Anything may be unknown: then
 * the reason stands in its place, and no rule takes it for a value.
 */
import type { Certificate } from '../ldap/certificate.ts';
import type { Gap, Position } from '../ldap/convergence.ts';
import type { Stamp } from '../ldap/digest.ts';
import type { Syncrepl } from '../ldap/syncrepl.ts';
import type { NodeFacts } from './node-facts.ts';
import type { InstalledProduct, ProductName } from './product.ts';

/** A value, or why it could not be read. */
export type Seen<T> = { readonly value: T } | { readonly unknown: string };

export interface ServerFacts {
  /** Its name in the inventory, or `address:port` of a server that was found by walking. */
  readonly host: string;
  /** What peers use to reach it. */
  readonly address: string;
  /** Not in the inventory: looked at over LDAP alone, through that host, as the replicator of its agreement. */
  readonly through?: string;
  /** Why the host cannot be reached at all; then everything else is unknown. */
  readonly unreachable?: string;
  /** Its clock minus ours, ms, corrected by half the round trip. */
  readonly clock: Seen<{ readonly skewMs: number; readonly uncertaintyMs: number }>;
  readonly installation: Seen<Installation>;
  /** Unknown also when slapd does not run: cn=config is read over ldapi. */
  readonly config: Seen<ConfigFacts>;
  /** contextCSN by SID; empty when the suffix has none. */
  readonly csns: Seen<Position>;
  readonly content: Seen<Content>;
  /** By RID as three digits. Unknown where there is no cn=monitor (2.4, Debian's default). */
  readonly monitor: Seen<ReadonlyMap<string, MonitorFacts>>;
  /** What slapd wrote about replication since it was started; newest last, at most some hundred lines. */
  readonly log: Seen<readonly LogLine[]>;
  /** Each agreement tried from this host as slapd would: by RID as three digits. */
  readonly trials: ReadonlyMap<string, Trial>;
}

/** What the host says about slapd without asking it. */
export interface Installation {
  /** Whose slapd it is; undefined for OpenLDAP by itself. */
  readonly product?: InstalledProduct;
  /** e.g. `2.5.13`. */
  readonly version: string;
  readonly running: boolean;
  /** Milliseconds since the epoch, of the host's clock; undefined when it does not run. */
  readonly startedAt: number | undefined;
  /** URLs of `-h`. */
  readonly listeners: readonly string[];
  /** Configuration directory. */
  readonly conf: string;
  readonly unit: string;
  /** `user:group` that slapd runs as, by the owner of its configuration. */
  readonly owner: string;
  readonly fqdn: string;
  /** Further names and addresses of its own, by which agreements may name it. */
  readonly names?: readonly string[];
  /** Files of cn=config whose CRC does not fit: somebody edited them by hand. */
  readonly edited: readonly string[];
  /** Its certificate as the file is now. Undefined where TLS is not configured. */
  readonly certificate: Seen<CertificateFile> | undefined;
  /** Size of data.mdb, bytes: the most that the map has ever held. */
  readonly dataBytes: Seen<number>;
  /** The same of the accesslog database; undefined where there is none. */
  readonly logBytes?: Seen<number>;
  /** Free on the file system of the database, bytes. */
  readonly freeBytes: Seen<number>;
}

export interface CertificateFile {
  readonly path: string;
  readonly certificate: Certificate;
  /** Milliseconds since the epoch: slapd reads the file at its start only. */
  readonly changedAt: number;
}

export interface ConfigFacts {
  /** Values of olcServerID as they are: `1`, `0x1f`, `1 ldap://ldap1/`. */
  readonly serverIds: readonly string[];
  /** Newest modifyTimestamp of cn=config, ms since the epoch. */
  readonly changedAt: number | undefined;
  /** Lower-case module names without path and suffix, of all olcModuleLoad. */
  readonly modules: readonly string[];
  /** SHA-256 over all definitions, and the names of the schemas. */
  readonly schema: { readonly digest: string; readonly names: readonly string[] };
  /** olcSizeLimit of the frontend or the global one; undefined: slapd's own 500. */
  readonly sizeLimit: string | undefined;
  readonly database: DatabaseFacts;
  /** Every database in its order, by its number and kind (`{2}mdb`); without the suffix where it has none (`{0}config`). */
  readonly databases: readonly { readonly name: string; readonly suffix?: string }[];
  /** The accesslog database, where the overlay of the database writes to one. */
  readonly log: LogDatabaseFacts | undefined;
}

export interface DatabaseFacts {
  readonly dn: string;
  readonly suffix: string;
  readonly rootDn: string | undefined;
  readonly readOnly: boolean;
  /** olcLastMod; TRUE unless said otherwise. */
  readonly lastMod: boolean;
  /** olcDbMaxSize, bytes; slapd's own default is 10 MiB. */
  readonly mapBytes: number;
  readonly directory: string;
  readonly agreements: readonly Syncrepl[];
  readonly multiProvider: boolean;
  readonly updateRefs: readonly string[];
  readonly limits: readonly string[];
  readonly access: readonly string[];
  readonly indexes: readonly string[];
  /** Names of its overlays in their order, without `{n}`: `syncprov`, `accesslog`, `memberof`, … */
  readonly overlays: readonly string[];
  readonly syncprov: SyncprovFacts | undefined;
}

export interface SyncprovFacts {
  readonly checkpoint: string | undefined;
  readonly sessionLog: string | undefined;
  readonly sessionLogSource: string | undefined;
  readonly noPresent: boolean;
  readonly reloadHint: boolean;
}

export interface LogDatabaseFacts {
  readonly suffix: string;
  readonly rootDn: string | undefined;
  /** olcDbMaxSize, bytes. */
  readonly mapBytes?: number;
  /** olcAccessLogPurge of the overlay: age and interval. */
  readonly purge: string | undefined;
  readonly limits: readonly string[];
  readonly access: readonly string[];
  readonly syncprov: SyncprovFacts | undefined;
}

/** olmSyncReplInstance of 2.5 and later. */
export interface MonitorFacts {
  readonly rid: string;
  /** Of the database that it belongs to, where that is told. */
  readonly suffix?: string;
  /** `Refresh`, `Persist`, `Fallback Refresh`. */
  readonly phase: string;
  /** Local end of the connection; undefined while there is none. */
  readonly connection: string | undefined;
  /** Milliseconds since the epoch; undefined for never. */
  readonly nextConnect: number | undefined;
  readonly lastConnect: number | undefined;
  readonly lastContact: number | undefined;
  /** e.g. `rid=002,sid=003,csn=…`; the SID is the provider's own. */
  readonly cookieReceived: string | undefined;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** One agreement, tried: a bind as the replicator with its own credentials and TLS, and a search as it would do. */
export type Trial =
  | {
      readonly kind: 'ok';
      /** Entries that the replicator sees without paging, glue included; `limited` when the provider stopped it there. */
      readonly entries: number;
      readonly limited: boolean;
      /** Whether it sees userPassword; undefined where no entry has one. */
      readonly passwords: boolean | undefined;
      /** Whether it may read the accesslog that the agreement names; undefined where it names none. */
      readonly log?: boolean;
    }
  /** The address does not answer; or TLS cannot be had; or the bind was refused (LDAP code). */
  | { readonly kind: 'no-connection'; readonly why: string }
  | { readonly kind: 'no-tls'; readonly why: string }
  | { readonly kind: 'refused'; readonly code: number; readonly why: string }
  /** It was not tried, e.g. SASL with a key that only slapd may read. */
  | { readonly kind: 'untried'; readonly why: string };

export interface Content {
  readonly entries: number;
  /** Entries that are only there to hold up others (objectClass glue): their parents were lost. */
  readonly glue: number;
  /** entryUUID of the suffix entry: servers that were loaded one from the other have the same. */
  readonly suffixUuid?: string;
  /** With `--deep`. */
  readonly digest?: string;
  readonly stamps?: readonly Stamp[];
}

/** One write on `from`, looked for on `to`. */
export interface Flight {
  readonly from: string;
  readonly to: string;
  /** Milliseconds until it was seen; undefined when it was not, and then why. */
  readonly ms: number | undefined;
  readonly why?: string;
}

/** All that a look has found. */
export interface SiteFacts {
  readonly suffix: string;
  /** Where all of it is Zimbra, or all Carbonio. */
  readonly product?: ProductName;
  /** Hosts of Zimbra and Carbonio, with a directory server and without. */
  readonly nodes?: readonly NodeFacts[];
  /** Only some of the hosts were looked at (`--limit`): what is not here may be there. */
  readonly isPart?: true;
  /** As it was given to `-i`; for the commands that a finding names. */
  readonly inventory?: string;
  /** Our clock, ms since the epoch. */
  readonly at: number;
  readonly servers: readonly ServerFacts[];
  /** With `--deep`: entries that differ between the first server that could be read and each other one. */
  readonly gaps?: readonly Gap[];
  /** Where the newest server was, by SID, when the look began. */
  readonly target: Position;
  /** With `--canary`. */
  readonly flights?: readonly Flight[];
  /** Since when each server has been seen behind in a SID, ms since the epoch, by `host SID` (SID as three hex digits). */
  readonly behindSince: ReadonlyMap<string, number>;
}
