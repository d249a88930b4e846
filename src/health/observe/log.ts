import { valuesOf } from '../../ldap/config-names.ts';
import type { Installation, LogLine } from '../facts.ts';
import { PLACES } from '../product.ts';
import { type Asked, ask } from './ask.ts';
import type { Catalogue } from './config.ts';
import { LOG_SCRIPT } from './log-script.ts';

/**
 * Lines about replication since slapd was started. Rejects where they cannot be read, and where there are none because
 * slapd was not told to log them: some come at any level, most at `sync` only.
 */
export async function readLog(
  ports: Asked,
  { unit, startedAt, product }: Pick<Installation, 'unit' | 'startedAt' | 'product'>,
  catalogue: Catalogue | undefined,
): Promise<readonly LogLine[]> {
  const since = Math.floor((startedAt ?? 0) / 1000);
  const env = {
    LOCKSTEP_UNIT: unit,
    LOCKSTEP_SINCE: String(since),
    LOCKSTEP_PRODUCT_LOG: product ? PLACES[product.name].log : '',
    LOCKSTEP_LOG_FILE: rootValues(catalogue, 'olcLogFile')[0] ?? '',
  };
  const printed = await ask(ports, 'reading the log of slapd', { script: LOG_SCRIPT, env });
  const lines = parseLog(printed).filter(({ at }) => at >= since * 1000);
  if (lines.length === 0 && catalogue && !logsSync(rootValues(catalogue, 'olcLogLevel')))
    throw new Error('it holds nothing about replication, since olcLogLevel lacks sync');
  return lines;
}

function rootValues(catalogue: Catalogue | undefined, name: string): readonly string[] {
  return catalogue?.entries.flatMap(({ attributes }) => valuesOf(attributes, name)) ?? [];
}

const SYNC = 0x4000;

/** Names, numbers, or both (slapd-config(5)); -1 and `any` are all. */
export function logsSync(levels: readonly string[]): boolean {
  return levels
    .flatMap((level) => level.split(/[\s,]+/))
    .some((word) => /^(?:sync|any)$/i.test(word) || (Number(word) & SYNC) !== 0);
}

/** Pure. Lines without a time that can be read are left out. */
export function parseLog(printed: string): readonly LogLine[] {
  const [head = '', ...lines] = printed.split('\n').filter((line) => !/^==(?:file|journal)$/.test(line));
  const [, seconds, zone = '+0000'] = /^==now (\d+) ([+-]\d{4})$/.exec(head) ?? [];
  const now = Number(seconds) * 1000;
  return lines.flatMap((line) => {
    const at = timeOf(line, now, zone);
    return at === undefined ? [] : [{ at, text: textOf(line) }];
  });
}

/** The message alone: without host and process, or what slapd's own log file has in front of it. */
function textOf(line: string): string {
  return line
    .replace(/^.*?slapd\[\d+\]: /, '')
    .replace(/^[0-9a-f]{8}\.[0-9a-f]+ 0x[0-9a-f]+ /, '')
    .trim();
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** journalctl -o short-unix, RFC 3339, slapd's olcLogFile (hex seconds), and syslog's own without year and zone. */
function timeOf(line: string, now: number, zone: string): number | undefined {
  const unix = /^(\d{9,}\.\d+) /.exec(line)?.[1];
  if (unix !== undefined) return Math.round(Number(unix) * 1000);
  const iso = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) /.exec(line)?.[1];
  if (iso !== undefined) return Date.parse(iso);
  const hex = /^([0-9a-f]{8})\.[0-9a-f]+ 0x/.exec(line)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16) * 1000;
  const [, month, day, clock] = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) /.exec(line) ?? [];
  if (month === undefined || !MONTHS.includes(month)) return undefined;
  const number = MONTHS.indexOf(month) / 3 + 1;
  const year = new Date(now).getUTCFullYear();
  const of = (one: number) =>
    Date.parse(`${one}-${pad(number)}-${pad(Number(day))}T${clock}${zone.slice(0, 3)}:${zone.slice(3)}`);
  // A line of December that is read in January.
  const DAY_MS = 86_400_000;
  return of(year) > now + DAY_MS ? of(year - 1) : of(year);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
