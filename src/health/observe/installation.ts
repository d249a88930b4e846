import { describeCertificate, parsePem } from '../../ldap/certificate.ts';
import { sameDn } from '../../ldap/dn.ts';
import type { CertificateFile, Installation, Seen } from '../facts.ts';
import { type Asked, ask } from './ask.ts';
import { INSTALLATION_SCRIPT } from './installation-script.ts';
import { reasonOf } from './seen.ts';

/** The script's output: `key=value` lines, and a certificate. It is parsed when the suffix is known. */
export async function readInstallation(ports: Asked): Promise<string> {
  return await ask(ports, 'reading how slapd is installed', { script: INSTALLATION_SCRIPT });
}

/** Pure. */
export function parseInstallation(printed: string, suffix: string): Installation {
  const all = (key: string) =>
    printed.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const one = (key: string) => all(key)[0] ?? '';
  const words = (key: string) =>
    one(key)
      .split(/\s+/)
      .filter((word) => word !== '');
  const [broken] = all('catalogue');
  const databases = all('db').map(parseDatabase);
  const sizesOf = (wanted: string) => databases.find((database) => sameDn(database.suffix, wanted));
  const bytes = (text: string | undefined, what: string): Seen<number> => {
    if (text) return { value: Number(text) };
    if (text === '') return { unknown: `${what} could not be read` };
    if (broken !== undefined) return { unknown: `slapcat could not read cn=config: ${broken}` };
    return { unknown: 'no database on disk has the suffix' };
  };
  const logs = all('log').map(valueIn);
  const started = one('started');
  return {
    version: one('version'),
    running: started !== '',
    startedAt: started === '' ? undefined : startOf(started),
    listeners: words('listeners'),
    conf: one('conf'),
    unit: one('unit'),
    owner: one('owner'),
    fqdn: one('fqdn'),
    names: words('names'),
    edited: [...new Set(all('edited'))],
    certificate: certificateOf(one('certificate'), printed),
    dataBytes: bytes(sizesOf(suffix)?.data, 'the size of data.mdb'),
    ...(logs[0] !== undefined && { logBytes: bytes(sizesOf(logs[0])?.data, 'the size of data.mdb') }),
    freeBytes: bytes(sizesOf(suffix)?.free, 'the free space'),
  };
}

/**
 * Ticks since the boot, ticks a second, and the boot (proc(5), btime) in whole seconds, cut off; then the time and the uptime, which
 * tell it to a hundredth. ms since the epoch.
 */
function startOf(text: string): number | undefined {
  const [ticks = Number.NaN, rate = Number.NaN, boot = Number.NaN, now = 0, uptime = 0] = text
    .split(' ')
    .map(Number);
  // Where a container counts its own uptime, the two are far apart.
  const exact = now - uptime;
  const began = Math.abs(exact - boot) < 2 ? exact : boot;
  const ms = Math.round((began + ticks / rate) * 1000);
  return Number.isFinite(ms) ? ms : undefined;
}

interface Database {
  readonly suffix: string;
  /** Bytes in decimal; empty where they could not be read. */
  readonly data: string;
  readonly free: string;
}

/** `data:free:olcSuffix: dc=x` */
function parseDatabase(line: string): Database {
  const [, data = '', free = '', suffix = ''] = /^(\d*):(\d*):(.*)$/.exec(line) ?? [];
  return { suffix: valueIn(suffix), data, free };
}

/** The value of a line of LDIF: after `: `, or after `:: ` in base64 where it is not ASCII. */
function valueIn(line: string): string {
  const [, encoded, value = ''] = /^[^:]*:(:?) *(.*)$/.exec(line) ?? [];
  return encoded === ':' ? Buffer.from(value, 'base64').toString('utf8') : value;
}

/** `mtime:path`, mtime in seconds. */
function certificateOf(line: string, printed: string): Seen<CertificateFile> | undefined {
  const [, seconds, path] = /^(\d*):(.*)$/.exec(line) ?? [];
  if (path === undefined) return undefined;
  if (!seconds) return { unknown: `${path} is not there or cannot be read` };
  try {
    const [own] = parsePem(printed);
    if (!own) throw new Error('it holds no PEM certificate');
    const certificate = describeCertificate(own);
    return { value: { path, certificate, changedAt: Number(seconds) * 1000 } };
  } catch (error) {
    return { unknown: `${path}: ${reasonOf(error)}` };
  }
}
