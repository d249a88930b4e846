/** Do several servers hold the same data? First by contextCSN, which is cheap, then entry by entry, which is proof. */
import { type Csn, compareCsn, formatCsn, formatSid } from './csn.ts';
import { diffStamps, type Stamp } from './digest.ts';

/** One server's state of a suffix. */
export interface Replica {
  readonly host: string;
  readonly csns: ReadonlyMap<number, Csn>;
  /** Read only once the CSNs agree; undefined before. Glue entries included. */
  readonly content?: { readonly count: number; readonly digest?: string; readonly stamps?: readonly Stamp[] };
}

/** DNs named per difference. */
const NAMED = 5;

/** Who lacks what, in one text; undefined when the CSNs of all are the same. */
export function csnLag(replicas: readonly Replica[]): string | undefined {
  const empty = replicas.filter((replica) => replica.csns.size === 0).map((replica) => replica.host);
  if (empty.length > 0) {
    return `${empty.join(', ')} has no contextCSN: syncprov is not on its database, or it has no data yet`;
  }
  const sids = [...new Set(replicas.flatMap((replica) => [...replica.csns.keys()]))].sort((a, b) => a - b);
  const behind = sids.flatMap((sid) => lagOf(sid, replicas));
  return behind.length > 0 ? behind.join('; ') : undefined;
}

function lagOf(sid: number, replicas: readonly Replica[]): string[] {
  const holders = replicas.filter((replica) => replica.csns.has(sid));
  const newest = holders.reduce<Replica | undefined>(
    (best, replica) => (isNewer(replica, best, sid) ? replica : best),
    undefined,
  );
  const target = newest?.csns.get(sid);
  if (!newest || !target) return [];
  return replicas.flatMap((replica) => {
    const own = replica.csns.get(sid);
    if (own && compareCsn(own, target) === 0) return [];
    const has = own ? `has ${formatCsn(own)}` : 'has nothing of it';
    return [
      `${replica.host} is behind ${newest.host} in SID ${formatSid(sid)}: ${has}, newest is ${formatCsn(target)}`,
    ];
  });
}

function isNewer(replica: Replica, best: Replica | undefined, sid: number): boolean {
  const own = replica.csns.get(sid);
  const other = best?.csns.get(sid);
  return own !== undefined && (other === undefined || compareCsn(other, own) < 0);
}

/** How the content differs from that of the first server; undefined when it does not. */
export function contentGap(replicas: readonly Replica[]): string | undefined {
  const [first, ...others] = replicas;
  const gaps = others.flatMap((other) => (first ? gapBetween(first, other) : []));
  return gaps.length > 0 ? gaps.join('; ') : undefined;
}

function gapBetween(left: Replica, right: Replica): string[] {
  const [a, b] = [left.content, right.content];
  if (!a || !b) return [];
  if (a.count === b.count && a.digest === b.digest) return [];
  if (!a.stamps || !b.stamps) return [`${left.host} has ${a.count} entries, ${right.host} has ${b.count}`];
  const { onlyLeft, onlyRight, differs } = diffStamps(a.stamps, b.stamps);
  return [
    ...said(`only on ${left.host}, not on ${right.host}`, onlyLeft),
    ...said(`only on ${right.host}, not on ${left.host}`, onlyRight),
    ...said(`not the same on ${left.host} and ${right.host}`, differs),
  ];
}

function said(what: string, dns: readonly string[]): string[] {
  if (dns.length === 0) return [];
  const named = dns.toSorted().slice(0, NAMED).join(' | ');
  return [
    `${dns.length} ${dns.length === 1 ? 'entry' : 'entries'} ${what}: ${named}${dns.length > NAMED ? ' | …' : ''}`,
  ];
}

/** All CSNs of a server as text, by SID. */
export function csnTexts(replica: Replica): readonly string[] {
  return [...replica.csns.values()].map(formatCsn);
}
