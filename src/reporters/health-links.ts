/** The tables of a status: agreements, and writes that were sent on their way. */

import type { Trial } from '../health/facts.ts';
import type { Pool } from '../health/pool.ts';
import { known } from '../health/seen.ts';
import { CANARY_SLOW_MS } from '../health/thresholds.ts';
import { isDelta, type Link, providerName } from '../health/topology.ts';
import { count, spanText } from '../health/words.ts';
import { plainWordOf } from '../ldap/syncrepl.ts';
import { type Cell, NONE, type Paper, type Tone } from './paper.ts';
import { shortNames } from './short-names.ts';

const STATE_TONES: Readonly<Record<string, Tone>> = {
  connected: 'good',
  waiting: 'good',
  refreshing: 'warn',
  fallback: 'warn',
  down: 'bad',
  'gave up': 'bad',
  unknown: 'dim',
};

/** With more agreements than this, those that work are counted. */
const SHOWN = 16;

/** Who pulls from whom, and how that fares. */
export function agreementTable(pool: Pool, paper: Paper): readonly string[] {
  const { links, site } = pool;
  const short = shortNames(pool);
  const told = links.length > SHOWN ? links.filter((link) => !isWell(link, site.at)) : links;
  const rows = told.map((link): readonly Cell[] => [
    { text: short(link.consumer.name) },
    { text: short(providerName(link)) },
    { text: link.rid },
    stateCell(link),
    { text: secrecyOf(link) },
    contactCell(link, site.at),
    noteCell(link, site.at),
  ]);
  const columns = [
    { title: 'consumer', yields: 12 },
    { title: 'provider', yields: 12 },
    { title: 'rid' },
    { title: 'state' },
    { title: 'tls', spare: true },
    { title: 'heard', align: 'right' },
    { title: '', yields: 6 },
  ] as const;
  const rest = count(links.length - told.length, told.length > 0 ? 'more agreement' : 'agreement');
  return [
    ...(rows.length === 0 ? [] : (paper.table(columns, rows) ?? [])),
    ...(told.length === links.length ? [] : paper.paragraph(`${rest} connected`, '', 'good')),
  ];
}

function isWell(link: Link, now: number): boolean {
  return link.health.state === 'connected' && noteCell(link, now).tone !== 'bad';
}

function stateCell({ health, provider, trial }: Link): Cell {
  if (provider.kind === 'itself') return { text: provider.ignored ? 'passed over' : 'itself', tone: 'dim' };
  // Nobody says how it fares, but all that it does could be done.
  if (health.state === 'unknown' && trial?.kind === 'ok') return { text: 'tried', tone: 'good' };
  if (health.state === 'unknown' && hasFailed(trial)) return { text: 'fails', tone: 'bad' };
  return { text: health.state, tone: STATE_TONES[health.state] ?? 'dim' };
}

/** `ldaps`, `starttls`, `may` for one that goes on in clear, `no`. */
export function secrecyOf({ agreement, url }: Link): string {
  if (/^ldaps:/i.test(url)) return 'ldaps';
  const starttls = plainWordOf(agreement, 'starttls')?.toLowerCase();
  return starttls === 'critical' ? 'starttls' : starttls === 'yes' ? 'may' : 'no';
}

function contactCell({ health, consumer }: Link, now: number): Cell {
  if (health.lastContact === undefined) return NONE;
  const theirs = now + (known(consumer.facts.clock)?.skewMs ?? 0);
  return { text: spanText(Math.max(0, theirs - health.lastContact)) };
}

export function hasFailed(trial: Trial | undefined): trial is Exclude<Trial, { kind: 'ok' | 'untried' }> {
  return trial !== undefined && trial.kind !== 'ok' && trial.kind !== 'untried';
}

/** What stands in the way; else what is tried, or when it is tried again. */
function noteCell(link: Link, now: number): Cell {
  const { health, trial, consumer } = link;
  if (hasFailed(trial)) return { text: trial.why, tone: 'bad' };
  if (health.lastError) return { text: health.lastError.text, tone: 'bad' };
  if (health.state === 'unknown')
    return { text: trial?.kind === 'ok' ? 'it lets the replicator in' : (health.why ?? ''), tone: 'dim' };
  const wait = (health.nextTry ?? 0) - now - (known(consumer.facts.clock)?.skewMs ?? 0);
  if (['down', 'waiting'].includes(health.state) && wait > 0)
    return { text: `next try in ${spanText(wait)}`, tone: 'dim' };
  return { text: isDelta(link) ? 'by the accesslog' : '', tone: 'dim' };
}

/** Writes that were sent on their way, with --canary. */
export function flightTable({ site }: Pool, paper: Paper): readonly string[] {
  const rows = (site.flights ?? []).map(({ from, to, ms, why }): readonly Cell[] => [
    { text: from },
    { text: to },
    ms === undefined
      ? { text: 'not seen', tone: 'bad' }
      : { text: spanText(ms), tone: ms > CANARY_SLOW_MS ? 'warn' : 'good' },
    { text: why ?? '', tone: 'bad' },
  ]);
  const columns = [
    { title: 'written on', yields: 12 },
    { title: 'seen on', yields: 12 },
    { title: 'after', align: 'right' },
    { title: '', yields: 6 },
  ] as const;
  return rows.length === 0 ? [] : (paper.table(columns, rows) ?? []);
}
