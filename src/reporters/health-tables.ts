/** The tables of a status: servers, and whose changes who has. */

import type { Pool } from '../health/pool.ts';
import { known } from '../health/seen.ts';
import { isDown, type Server, sidOf } from '../health/server.ts';
import type { SidState, SyncState } from '../health/sids.ts';
import {
  BEHIND_CRITICAL_MS,
  CERTIFICATE_CRITICAL_DAYS,
  CERTIFICATE_WARNING_DAYS,
  CLOCK_CRITICAL_MS,
  CLOCK_WARNING_MS,
  MAP_CRITICAL,
  MAP_WARNING,
} from '../health/thresholds.ts';
import { and, spanText } from '../health/words.ts';
import { daysLeft } from '../ldap/certificate.ts';
import { csnTime, formatSid } from '../ldap/csn.ts';
import { type Cell, type Column, NONE, type Paper, type Tone, UNKNOWN } from './paper.ts';
import { shortNames } from './short-names.ts';

/** With a column for each server ID where there is room, else with one for all of them. */
export function serverTable(pool: Pool, paper: Paper): readonly string[] {
  const short = shortNames(pool);
  const rows = pool.servers.map((server) => serverCells(server, short(server.name), pool));
  const bySid = pool.sids.map(({ sid }): Column => ({ title: formatSid(sid), align: 'right' }));
  const whole = paper.table(
    [...SERVER_COLUMNS, ...bySid],
    pool.servers.map((server, at) => [
      ...(rows[at] ?? []),
      ...pool.sids.map((state) => syncCell(state, server, pool, paper)),
    ]),
  );
  if (whole) return whole;
  const columns = SERVER_COLUMNS.map((column, at) => ({
    ...column,
    ...(at === 0 && { yields: 16 }),
    spare: at > 3,
  }));
  const cells = pool.servers.map((server, at) => [...(rows[at] ?? []), worstSync(server, pool, paper)]);
  return paper.table([...columns, { title: 'sync' }], cells) ?? [];
}

const SERVER_COLUMNS: readonly Column[] = [
  { title: 'server' },
  { title: 'role' },
  { title: 'slapd' },
  { title: 'sid', align: 'right' },
  { title: 'entries', align: 'right' },
  { title: 'clock', align: 'right' },
  { title: 'map', align: 'right' },
  { title: 'cert', align: 'right' },
  { title: 'up', align: 'right' },
];

function serverCells(server: Server, shown: string, pool: Pool): readonly Cell[] {
  const { facts, installation, content, database } = server;
  const clock = known(facts.clock);
  const bytes = known(installation?.dataBytes);
  return [
    { text: shown, tone: isDown(server) ? 'bad' : 'bold' },
    roleCell(server, pool),
    installation ? { text: installation.version } : UNKNOWN,
    sidCell(server, pool),
    content ? { text: String(content.entries) } : UNKNOWN,
    clock ? clockCell(clock.skewMs) : UNKNOWN,
    bytes !== undefined && database ? mapCell(bytes / database.mapBytes) : UNKNOWN,
    certificateCell(server, pool.site.at),
    startCell(server, pool.site.at),
  ];
}

function roleCell(server: Server, { roles }: Pool): Cell {
  if (server.facts.unreachable !== undefined) return { text: 'unreachable', tone: 'bad' };
  if (server.installation?.running === false) return { text: 'down', tone: 'bad' };
  const role = roles.get(server.name) ?? 'unknown';
  return role === 'unknown' ? UNKNOWN : { text: role };
}

function sidCell(server: Server, { roles }: Pool): Cell {
  const sid = sidOf(server);
  if (sid === undefined) return server.sid.kind === 'refused' ? { text: 'none', tone: 'bad' } : UNKNOWN;
  // Only who takes changes needs one.
  if (sid === 0 && roles.get(server.name) !== 'master') return NONE;
  return { text: String(sid), ...(sid === 0 && server.database?.multiProvider && { tone: 'bad' }) };
}

function clockCell(skewMs: number): Cell {
  const sign = skewMs < 0 ? '-' : '+';
  const tone = level(Math.abs(skewMs), CLOCK_WARNING_MS, CLOCK_CRITICAL_MS);
  const size = Math.abs(skewMs);
  return {
    text: `${sign}${size < 10_000 ? `${Math.round(size)}ms` : spanText(size)}`,
    ...(tone && { tone }),
  };
}

function mapCell(share: number): Cell {
  const tone = level(share, MAP_WARNING, MAP_CRITICAL);
  return { text: `${Math.round(share * 100)}%`, ...(tone && { tone }) };
}

function certificateCell({ installation }: Server, now: number): Cell {
  if (!installation) return UNKNOWN;
  if (!installation.certificate) return NONE;
  const file = known(installation.certificate);
  if (!file) return UNKNOWN;
  const days = daysLeft(file.certificate.notAfter, now);
  const tone = level(-days, 1 - CERTIFICATE_WARNING_DAYS, 1 - CERTIFICATE_CRITICAL_DAYS);
  return { text: days < 0 ? 'expired' : `${days}d`, ...(tone && { tone }) };
}

/** How long slapd has been running, by its host's clock; `!` where it should be started again. */
function startCell({ facts, installation, config }: Server, now: number): Cell {
  if (!installation) return UNKNOWN;
  const { startedAt } = installation;
  if (startedAt === undefined) return NONE;
  const up = spanText(Math.max(0, now + (known(facts.clock)?.skewMs ?? 0) - startedAt));
  const changes = [config?.changedAt, known(installation.certificate)?.changedAt];
  const isStale = changes.some((at) => at !== undefined && at > startedAt + 1000);
  return isStale ? { text: `${up}!`, tone: 'warn' } : { text: up };
}

function level(value: number, warning: number, critical: number): Tone | undefined {
  if (value >= critical) return 'bad';
  return value >= warning ? 'warn' : undefined;
}

function syncCell(state: SidState, server: Server, pool: Pool, paper: Paper): Cell {
  const at: SyncState = state.at.get(server.name) ?? { kind: 'nothing' };
  const tone = state.kind === 'claimed' ? 'good' : 'dim';
  if (at.kind === 'in sync') return { text: paper.ascii ? 'ok' : '✔', tone };
  if (at.kind === 'nothing' || at.kind === 'apart') return NONE;
  if (at.kind === 'unknown') return UNKNOWN;
  return behindCell(at.since, pool.site.at);
}

function behindCell(since: number | undefined, now: number): Cell {
  if (since === undefined) return { text: 'behind', tone: 'warn' };
  return { text: spanText(now - since), tone: now - since >= BEHIND_CRITICAL_MS ? 'bad' : 'warn' };
}

/** The worst that `syncCell` would say of the server. */
function worstSync(server: Server, pool: Pool, paper: Paper): Cell {
  const cells = pool.sids.map((state) => syncCell(state, server, pool, paper));
  const [first = NONE] = (['bad', 'warn', 'good', 'dim'] as const).flatMap(
    (tone) => cells.find((cell) => cell.tone === tone) ?? [],
  );
  return first;
}

/** Whose changes there are, and who lacks some. */
export function changeTable(pool: Pool, paper: Paper): readonly string[] {
  const short = shortNames(pool);
  const rows = pool.sids.map((state): readonly Cell[] => {
    const lacking = pool.servers.flatMap(({ name }) => {
      const at = state.at.get(name);
      if (at?.kind !== 'behind') return [];
      return [
        `${short(name)} is behind${at.since === undefined ? '' : ` for ${spanText(pool.site.at - at.since)}`}`,
      ];
    });
    const unseen = pool.servers.filter(({ name }) => state.at.get(name)?.kind === 'unknown');
    const whole =
      unseen.length > 0 ? `not known of ${and(unseen.map(({ name }) => short(name)))}` : 'all have it';
    const told = lacking.length > 0 ? lacking.join(', ') : state.newest ? whole : 'nothing was written yet';
    return [
      { text: formatSid(state.sid), ...(state.kind !== 'claimed' && { tone: 'dim' as const }) },
      ownersCell(state, short),
      state.newest ? { text: `${spanText(Math.max(0, pool.site.at - csnTime(state.newest)))} ago` } : NONE,
      { text: told, ...toneOf(lacking.length > 0, unseen.length > 0) },
    ];
  });
  const columns = [
    { title: 'sid' },
    { title: 'changes of', yields: 12 },
    { title: 'newest', align: 'right' },
    { title: '', yields: 6 },
  ] as const;
  return rows.length === 0 ? [] : (paper.table(columns, rows) ?? []);
}

function toneOf(isBehind: boolean, isUnseen: boolean): { readonly tone?: Tone } {
  if (isBehind) return { tone: 'warn' };
  return isUnseen ? { tone: 'dim' } : {};
}

function ownersCell({ kind, owners }: SidState, short: (name: string) => string): Cell {
  if (kind === 'claimed') return { text: owners.map(({ name }) => short(name)).join(' ') };
  const words = { retired: 'nobody any more', zero: 'before server IDs', unclear: '?' };
  return { text: words[kind], tone: 'dim' };
}
