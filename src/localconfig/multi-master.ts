/** What cn=config of Zimbra's or Carbonio's slapd says of multi-master replication, and what it lacks. Pure. */
import type { Entry } from '../engine/ports.ts';
import { parseBoolean, valuesOf, withoutIndex } from '../ldap/config-names.ts';
import { readLdapUrl } from '../ldap/ldap-url.ts';
import { parseSyncrepl, plainWordOf, ridOf } from '../ldap/syncrepl.ts';

export interface ProductAgreement {
  readonly rid: number;
  /** As it stands; the tools write it with a slash at its end, the installer without. */
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  /** `critical`, `yes`, `ldaps` or `none`. */
  readonly tls: string;
  /** The word of that name; empty where there is none. */
  readonly starttls: string;
}

export interface MultiMaster {
  /** Values of olcServerID as they stand. */
  readonly serverIds: readonly string[];
  /** The database with the empty suffix; undefined where there is none, or more than one. */
  readonly database: string | undefined;
  readonly log: string | undefined;
  readonly agreements: readonly ProductAgreement[];
  readonly multiProvider: boolean;
  /** Where a replica sends writers. */
  readonly updateRefs: readonly string[];
  /** Overlays of the database and of the accesslog, in their order. */
  readonly overlays: readonly string[];
  readonly logOverlays: readonly string[];
}

/** Of all entries of cn=config. */
export function multiMasterOf(entries: readonly Entry[]): MultiMaster {
  const of = (name: string) => entries.filter((entry) => classes(entry).includes(name.toLowerCase()));
  const suffixed = (suffix: string) =>
    of('olcMdbConfig').filter((entry) => valuesOf(entry.attributes, 'olcSuffix').includes(suffix));
  const mains = suffixed('');
  const main = mains.length === 1 ? mains[0] : undefined;
  const [log] = suffixed('cn=accesslog');
  const overlaysOn = (database: Entry | undefined) =>
    database === undefined
      ? []
      : of('olcOverlayConfig')
          .filter(({ dn }) => dn.toLowerCase().endsWith(`,${database.dn.toLowerCase()}`))
          .map((entry) => withoutIndex(valuesOf(entry.attributes, 'olcOverlay')[0] ?? '').toLowerCase());
  const values = (name: string) => valuesOf(main?.attributes ?? {}, name);
  return {
    serverIds: of('olcGlobal').flatMap((entry) => valuesOf(entry.attributes, 'olcServerID')),
    database: main?.dn,
    log: log?.dn,
    agreements: values('olcSyncrepl').map(agreementOf),
    // 2.4 knows it by its old name.
    multiProvider: [...values('olcMultiProvider'), ...values('olcMirrorMode')].some(
      (on) => parseBoolean(on) === true,
    ),
    updateRefs: values('olcUpdateRef'),
    overlays: overlaysOn(main),
    logOverlays: overlaysOn(log),
  };
}

/** What keeps it from being a master as the product's tools make one: what was expected and what there is, a text each. */
export function lacksAsMaster(is: MultiMaster): readonly string[] {
  const lacks = (overlay: string, overlays: readonly string[], where: string) =>
    overlays.includes(overlay)
      ? []
      : [`${where} has no overlay ${overlay} (it has ${overlays.join(', ') || 'none'})`];
  return [
    ...(is.serverIds.length === 0 ? ['there is no olcServerID'] : []),
    ...(is.serverIds.length > 1
      ? [`there are ${is.serverIds.length} values of olcServerID, and one is expected`]
      : []),
    ...(is.database === undefined ? ['there is no single database with the empty suffix'] : []),
    ...(is.log === undefined
      ? ['there is no database cn=accesslog']
      : lacks('syncprov', is.logOverlays, `the accesslog ${is.log}`)),
    ...(is.database === undefined
      ? []
      : [
          ...lacks('syncprov', is.overlays, is.database),
          ...lacks('accesslog', is.overlays, is.database),
          ...(is.multiProvider ? [] : [`${is.database} has neither olcMirrorMode nor olcMultiProvider TRUE`]),
          ...(is.updateRefs.length > 0
            ? [`${is.database} still refers writers to ${is.updateRefs.join(', ')} (olcUpdateRef)`]
            : []),
        ]),
  ];
}

/** The hosts of these that it does not pull from. Names are compared without case. */
export function lacksAgreements(is: MultiMaster, hosts: readonly string[]): readonly string[] {
  const has = is.agreements.map(({ host }) => host.toLowerCase());
  return hosts.filter((host) => !has.includes(host.toLowerCase()));
}

function agreementOf(text: string): ProductAgreement {
  const syncrepl = parseSyncrepl(text);
  const provider = plainWordOf(syncrepl, 'provider') ?? '';
  const url = readLdapUrl(provider);
  const starttls = plainWordOf(syncrepl, 'starttls') ?? '';
  return {
    rid: ridOf(syncrepl),
    provider,
    host: url?.host ?? '',
    port: url?.port ?? 0,
    tls: url?.scheme === 'ldaps' ? 'ldaps' : starttls || 'none',
    starttls,
  };
}

function classes(entry: Entry): readonly string[] {
  return valuesOf(entry.attributes, 'objectClass').map((name) => name.toLowerCase());
}
