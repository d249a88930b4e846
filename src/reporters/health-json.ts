/** A status for machines: one JSON value, stable within `lockstep-status/1`. docs/doctor.md tells what is in it. */

import type { Flight, ServerFacts, SiteFacts, Trial } from '../health/facts.ts';
import type { Finding } from '../health/finding.ts';
import type { Node } from '../health/node.ts';
import type { LocalconfigFacts } from '../health/node-facts.ts';
import { type Pool, poolOf } from '../health/pool.ts';
import { known, whyUnknown } from '../health/seen.ts';
import { type Role, type Server, sidOf } from '../health/server.ts';
import type { SidState } from '../health/sids.ts';
import { isDelta, type Link, modeOf } from '../health/topology.ts';
import { verdictOf } from '../health/verdict.ts';
import { daysLeft } from '../ldap/certificate.ts';
import type { Gap } from '../ldap/convergence.ts';
import { formatCsn, formatSid } from '../ldap/csn.ts';
import { secrecyOf } from './health-links.ts';

/** Times are ISO 8601; null: not known, or not there. */
export interface HealthDocument {
  readonly format: 'lockstep-status/1';
  readonly suffix: string;
  readonly at: string;
  readonly verdict: { readonly word: string; readonly code: number };
  readonly servers: readonly ServerDocument[];
  /** Of Zimbra and Carbonio, with a directory server and without. */
  readonly nodes: readonly NodeDocument[] | null;
  /** Each server ID of contextCSN. */
  readonly changes: readonly ChangeDocument[];
  readonly agreements: readonly AgreementDocument[];
  /** With --canary. */
  readonly flights: readonly Flight[] | null;
  /** With --deep. */
  readonly gaps: readonly Gap[] | null;
  readonly findings: readonly Finding[];
}

interface ServerDocument {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly reachable: boolean;
  readonly running: boolean | null;
  readonly version: string | null;
  readonly sid: number | null;
  readonly started: string | null;
  readonly entries: number | null;
  readonly glue: number | null;
  readonly clock: { readonly 'skew-ms': number; readonly 'uncertainty-ms': number } | null;
  readonly map: { readonly bytes: number; readonly of: number } | null;
  readonly 'free-bytes': number | null;
  readonly certificate: {
    readonly path: string;
    readonly names: readonly string[];
    readonly until: string;
    readonly days: number;
  } | null;
  /** By server ID, as three hex digits. */
  readonly 'context-csn': Readonly<Record<string, string>> | null;
  /** Why a part could not be looked at, by its name. */
  readonly unknown: Readonly<Record<string, string>>;
}

interface NodeDocument {
  readonly name: string;
  readonly address: string;
  readonly kind: Node['kind'];
  readonly product: string | null;
  readonly release: string | null;
  /** Of its localconfig.xml, without passwords. */
  readonly localconfig: LocalconfigFacts['values'] | null;
  readonly unknown: Readonly<Record<string, string>>;
}

interface ChangeDocument {
  readonly sid: number;
  readonly kind: SidState['kind'];
  readonly owners: readonly string[];
  readonly newest: string | null;
  /** By name of the server; `since` is when it was first seen behind. */
  readonly servers: Readonly<
    Record<string, { readonly state: string; readonly has?: string | null; readonly since?: string | null }>
  >;
}

interface AgreementDocument {
  readonly consumer: string;
  /** Its name; null where it is no server of the site. */
  readonly provider: string | null;
  readonly url: string;
  readonly rid: string;
  readonly mode: 'persist' | 'poll';
  readonly accesslog: boolean;
  readonly tls: string;
  readonly state: string;
  /** Who says so: monitor, log, or nothing. */
  readonly from: string;
  readonly 'last-contact': string | null;
  readonly 'next-try': string | null;
  readonly 'last-error': { readonly at: string; readonly code: number; readonly text: string } | null;
  readonly trial: Trial | null;
}

export function healthJson(site: SiteFacts, findings: readonly Finding[]): HealthDocument {
  const pool = poolOf(site);
  const { word, code } = verdictOf(findings);
  return {
    format: 'lockstep-status/1',
    suffix: site.suffix,
    at: iso(site.at),
    verdict: { word: word.toLowerCase(), code },
    servers: pool.servers.map((server) => serverDocument(server, pool)),
    nodes: site.nodes ? pool.nodes.map(nodeDocument) : null,
    changes: pool.sids.map(changeDocument),
    agreements: pool.links.map(agreementDocument),
    flights: site.flights ?? null,
    gaps: site.gaps ?? null,
    findings,
  };
}

function serverDocument(server: Server, { roles, site }: Pool): ServerDocument {
  const { facts, installation, content, database } = server;
  const clock = known(facts.clock);
  const bytes = known(installation?.dataBytes);
  const file = known(installation?.certificate);
  const csns = known(facts.csns);
  return {
    name: server.name,
    address: facts.address,
    role: roles.get(server.name) ?? 'unknown',
    reachable: facts.unreachable === undefined,
    running: installation?.running ?? null,
    version: installation?.version ?? null,
    sid: sidOf(server) ?? null,
    started: isoOr(installation?.startedAt),
    entries: content?.entries ?? null,
    glue: content?.glue ?? null,
    clock: clock ? { 'skew-ms': clock.skewMs, 'uncertainty-ms': clock.uncertaintyMs } : null,
    map: bytes !== undefined && database ? { bytes, of: database.mapBytes } : null,
    'free-bytes': known(installation?.freeBytes) ?? null,
    certificate: file
      ? {
          path: file.path,
          names: file.certificate.names,
          until: iso(file.certificate.notAfter),
          days: daysLeft(file.certificate.notAfter, site.at),
        }
      : null,
    'context-csn': csns
      ? Object.fromEntries([...csns].map(([sid, csn]) => [formatSid(sid), formatCsn(csn)]))
      : null,
    unknown: unknownParts(facts),
  };
}

function unknownParts(facts: ServerFacts): Readonly<Record<string, string>> {
  if (facts.unreachable !== undefined) return { host: facts.unreachable };
  const parts = ['clock', 'installation', 'config', 'csns', 'content', 'monitor', 'log'] as const;
  return Object.fromEntries(
    parts.flatMap((part) => {
      const why = whyUnknown(facts[part]);
      return why === undefined ? [] : [[part, why]];
    }),
  );
}

function nodeDocument({ name, kind, facts, localconfig }: Node): NodeDocument {
  const product = known(facts.product);
  const parts = ['product', 'isDirectory', 'localconfig'] as const;
  return {
    name,
    address: facts.address,
    kind,
    product: product?.name ?? null,
    release: product?.release ?? null,
    localconfig: localconfig?.values ?? null,
    unknown:
      facts.unreachable !== undefined
        ? { host: facts.unreachable }
        : Object.fromEntries(
            parts.flatMap((part) => {
              const why = whyUnknown(facts[part]);
              return why === undefined ? [] : [[part, why]];
            }),
          ),
  };
}

function changeDocument({ sid, kind, owners, newest, at }: SidState): ChangeDocument {
  return {
    sid,
    kind,
    owners: owners.map(({ name }) => name),
    newest: newest ? formatCsn(newest) : null,
    servers: Object.fromEntries(
      [...at].map(([name, state]) => [
        name,
        state.kind === 'behind'
          ? { state: state.kind, has: state.has ? formatCsn(state.has) : null, since: isoOr(state.since) }
          : { state: state.kind },
      ]),
    ),
  };
}

function agreementDocument(link: Link): AgreementDocument {
  const { consumer, provider, url, rid, agreement, health, trial } = link;
  const { lastError } = health;
  return {
    consumer: consumer.name,
    provider:
      provider.kind === 'server' ? provider.server.name : provider.kind === 'itself' ? consumer.name : null,
    url,
    rid,
    mode: modeOf(agreement),
    accesslog: isDelta(link),
    tls: secrecyOf(link),
    state: provider.kind === 'itself' ? 'itself' : health.state,
    from: health.from,
    'last-contact': isoOr(health.lastContact),
    'next-try': isoOr(health.nextTry),
    'last-error': lastError ? { at: iso(lastError.at), code: lastError.rc, text: lastError.text } : null,
    trial: trial ?? null,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOr(ms: number | undefined): string | null {
  return ms === undefined ? null : iso(ms);
}
