/** A site in one word, and in one line, as Nagios and its kin want it (Monitoring Plugins Development Guidelines). Pure. */
import type { SiteFacts } from './facts.ts';
import type { Finding, Severity } from './finding.ts';
import { poolOf } from './pool.ts';
import { known } from './seen.ts';
import { siteName } from './site-name.ts';
import {
  CERTIFICATE_CRITICAL_DAYS,
  CERTIFICATE_WARNING_DAYS,
  CLOCK_CRITICAL_MS,
  CLOCK_WARNING_MS,
  MAP_CRITICAL,
  MAP_WARNING,
} from './thresholds.ts';
import { count } from './words.ts';

export interface Verdict {
  /** Exit code of a plugin. */
  readonly code: 0 | 1 | 2 | 3;
  readonly word: 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';
}

/**
 * Critical beats warning beats unknown beats ok; what is only worth knowing does not count. A warning beats what was not seen,
 * since it is there for certain.
 */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
  if (has('critical')) return { code: 2, word: 'CRITICAL' };
  if (has('warning')) return { code: 1, word: 'WARNING' };
  return has('unknown') ? { code: 3, word: 'UNKNOWN' } : { code: 0, word: 'OK' };
}

/** `LDAP CRITICAL: sid-duplicate: ldap1 and ldap2 have the same server ID 1 (and 2 more) | servers=2 …`, without newline. */
export function nagiosLine(site: SiteFacts, findings: readonly Finding[]): string {
  const { word } = verdictOf(findings);
  const told = findings.filter(({ severity }) => severity !== 'info');
  const [first] = told;
  const more = told.length > 1 ? ` (and ${told.length - 1} more)` : '';
  const text = first
    ? `${first.code}: ${first.what}${more}`
    : `${count(site.servers.length, 'server')} of ${siteName(site)}, nothing to complain of`;
  return `LDAP ${word}: ${oneLine(text)} | ${performance(site)}`;
}

/** A `|` begins the numbers, and the line ends at its end. */
function oneLine(text: string): string {
  return text.replaceAll('|', '/').replaceAll(/[\s\p{Cc}]+/gu, ' ');
}

/** `'label'=value[unit];[warning];[critical];[least];[most]`; what is not known is left out. */
function performance(site: SiteFacts): string {
  const { servers, sids } = poolOf(site);
  const behind = servers.filter(({ name }) => sids.some(({ at }) => at.get(name)?.kind === 'behind'));
  const numbers = [
    `servers=${servers.length};;;0`,
    `unreachable=${servers.filter(({ facts }) => facts.unreachable !== undefined).length};;;0`,
    `behind=${behind.length};;;0`,
  ];
  for (const { name, facts, content, database, installation } of servers) {
    const label = (what: string) => `'${name.replaceAll(/['=]/g, '_')} ${what}'`;
    const clock = known(facts.clock);
    const bytes = known(installation?.dataBytes);
    const certificate = known(installation?.certificate)?.certificate;
    if (content) numbers.push(`${label('entries')}=${content.entries};;;0`);
    if (clock)
      numbers.push(
        `${label('clock')}=${clock.skewMs}ms;${range(CLOCK_WARNING_MS)};${range(CLOCK_CRITICAL_MS)}`,
      );
    if (bytes !== undefined && database) {
      const [warning, critical] = [MAP_WARNING, MAP_CRITICAL].map((part) =>
        Math.round(part * database.mapBytes),
      );
      numbers.push(`${label('map')}=${bytes}B;${warning};${critical};0;${database.mapBytes}`);
    }
    if (certificate) {
      const days = Math.floor((certificate.notAfter - site.at) / 86_400_000);
      numbers.push(
        `${label('certificate days')}=${days};${CERTIFICATE_WARNING_DAYS}:;${CERTIFICATE_CRITICAL_DAYS}:`,
      );
    }
  }
  return numbers.join(' ');
}

function range(ms: number): string {
  return `-${ms}:${ms}`;
}
