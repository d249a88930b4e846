/**
 * Do several servers hold the same data? First by contextCSN, which is cheap, then entry by entry, which is proof. While
 * clients write, no two servers are ever equal at one moment: all are measured by where the newest was when the look began.
 */
import { type Csn, compareCsn, formatCsn, formatSid, parseCsn } from './csn.ts';
import type { Stamp } from './digest.ts';

/** The newest change of each server ID. */
export type Position = ReadonlyMap<number, Csn>;

/** One server's state of a suffix. */
export interface Replica {
  readonly host: string;
  readonly csns: Position;
  /** Read only once the server has all of the target. Glue entries included. */
  readonly content?: { readonly count: number; readonly digest?: string; readonly stamps?: readonly Stamp[] };
}

/** An entry that two servers do not hold alike. */
export interface Gap {
  readonly uuid: string;
  readonly dn: string;
  /** Who is compared; `left` is the first of all servers. */
  readonly left: string;
  readonly right: string;
  /** entryCSN on each; undefined where the entry is missing. */
  readonly onLeft: string | undefined;
  readonly onRight: string | undefined;
}

/** What one look at all servers has shown. */
export interface Reading {
  /** Where the newest server was, for each server ID, when the look began. */
  readonly target: Position;
  readonly replicas: readonly Replica[];
  readonly gaps: readonly Gap[];
}

/** DNs named per difference. */
const NAMED = 5;

export function newestOf(positions: readonly Position[]): Position {
  const newest = new Map<number, Csn>();
  for (const [sid, csn] of positions.flatMap((position) => [...position])) {
    const known = newest.get(sid);
    if (!known || compareCsn(known, csn) < 0) newest.set(sid, csn);
  }
  return new Map([...newest].sort(([a], [b]) => a - b));
}

/**
 * Without SID 000 where there are others: nobody writes as 000 any more once the servers have their IDs, and slapd notes that of
 * older entries on one server and not on the other (seen on two fresh masters, 2.5.13). An entry of it that is missing is a gap
 * all the same.
 */
export function withoutFirstDays(position: Position): Position {
  return position.size > 1 ? new Map([...position].filter(([sid]) => sid !== 0)) : position;
}

/** Server IDs of the target that this server has not reached. */
export function lackingSids({ csns }: Replica, target: Position): readonly number[] {
  return [...target].flatMap(([sid, csn]) => {
    const own = csns.get(sid);
    return own && compareCsn(own, csn) >= 0 ? [] : [sid];
  });
}

/** Who lacks what, in one text; undefined when all have reached the target. */
export function csnLag({ replicas, target }: Reading): string | undefined {
  const empty = replicas.filter((replica) => replica.csns.size === 0).map((replica) => replica.host);
  if (empty.length > 0) {
    return `${empty.join(', ')} has no contextCSN: syncprov is not on its database, or it has no data yet`;
  }
  const behind = [...target].flatMap(([sid, csn]) => lagOf(sid, csn, replicas));
  return behind.length > 0 ? behind.join('; ') : undefined;
}

function lagOf(sid: number, newest: Csn, replicas: readonly Replica[]): string[] {
  const has = (replica: Replica) => lackingSids(replica, new Map([[sid, newest]])).length === 0;
  const holder = replicas.find(has)?.host ?? 'another';
  return replicas
    .filter((replica) => !has(replica))
    .map((replica) => {
      const own = replica.csns.get(sid);
      const at = own ? `has ${formatCsn(own)}` : 'has nothing of it';
      return `${replica.host} is behind ${holder} in SID ${formatSid(sid)}: ${at}, newest is ${formatCsn(newest)}`;
    });
}

/**
 * Entries that differ between the first server and each other one, matched by entryUUID, so that one that was renamed on one
 * side only counts once. What was written after the target is on its way, and no gap.
 */
export function gapsBetween(replicas: readonly Replica[], target: Position): readonly Gap[] {
  const [first, ...others] = replicas;
  if (!first) return [];
  const lefts = stampsOf(first);
  return others.flatMap((other): Gap[] => {
    if (first.content?.digest === other.content?.digest) return [];
    const rights = stampsOf(other);
    const uuids = new Set([...lefts.keys(), ...rights.keys()]);
    return [...uuids].flatMap((uuid): Gap[] => {
      const [l, r] = [lefts.get(uuid), rights.get(uuid)];
      if (l?.csn === r?.csn || isAfter(l?.csn, target) || isAfter(r?.csn, target)) return [];
      const dn = (l ?? r)?.dn ?? '';
      return [{ uuid, dn, left: first.host, right: other.host, onLeft: l?.csn, onRight: r?.csn }];
    });
  });
}

function stampsOf(replica: Replica): ReadonlyMap<string, Stamp> {
  return new Map((replica.content?.stamps ?? []).map((stamp) => [stamp.uuid, stamp]));
}

/** A CSN that cannot be read is not known to be new. */
function isAfter(text: string | undefined, target: Position): boolean {
  if (text === undefined) return false;
  try {
    const csn = parseCsn(text);
    const reached = target.get(csn.sid);
    return reached !== undefined && compareCsn(reached, csn) < 0;
  } catch {
    return false;
  }
}

/** The gaps that are the very same in both looks: an entry that was deleted meanwhile leaves no CSN to know it by. */
export function lastingGaps(before: readonly Gap[], after: readonly Gap[]): readonly Gap[] {
  const key = (gap: Gap) => JSON.stringify(gap);
  const known = new Set(before.map(key));
  return after.filter((gap) => known.has(key(gap)));
}

/** How the content differs from that of the first server; undefined when it does not. */
export function contentGap({ replicas, gaps }: Reading): string | undefined {
  const [first, ...others] = replicas;
  const said = others.flatMap((other) => (first ? gapOf(first, other, gaps) : []));
  return said.length > 0 ? said.join('; ') : undefined;
}

function gapOf(left: Replica, right: Replica, gaps: readonly Gap[]): string[] {
  const [a, b] = [left.content, right.content];
  if (!a || !b) return [];
  if (a.digest === undefined)
    return a.count === b.count ? [] : [`${left.host} has ${a.count} entries, ${right.host} has ${b.count}`];
  const between = gaps.filter((gap) => gap.right === right.host);
  return [
    ...said(
      `only on ${left.host}, not on ${right.host}`,
      between.filter(({ onRight }) => onRight === undefined),
    ),
    ...said(
      `only on ${right.host}, not on ${left.host}`,
      between.filter(({ onLeft }) => onLeft === undefined),
    ),
    ...said(
      `not the same on ${left.host} and ${right.host}`,
      between.filter(({ onLeft, onRight }) => onLeft !== undefined && onRight !== undefined),
    ),
  ];
}

function said(what: string, gaps: readonly Gap[]): string[] {
  if (gaps.length === 0) return [];
  const dns = gaps.map(({ dn }) => dn).sort();
  const named = dns.slice(0, NAMED).join(' | ');
  return [
    `${dns.length} ${dns.length === 1 ? 'entry' : 'entries'} ${what}: ${named}${dns.length > NAMED ? ' | …' : ''}`,
  ];
}

/** All CSNs of a server as text, by SID. */
export function csnTexts(replica: Replica): readonly string[] {
  return [...replica.csns.values()].map(formatCsn);
}
