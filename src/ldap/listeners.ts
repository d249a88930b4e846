/** Which URLs does a server listen on, and is a provider URL one of its own? */
import type { DirectoryReader, Host } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { type LdapUrl, parseLdapUrl } from './ldap-url.ts';

/** From cn=monitor; `[]` when it is not configured or not readable (Debian's default has none). */
export async function readListeners(directory: DirectoryReader): Promise<readonly LdapUrl[]> {
  const entries = await directory
    .search({ base: 'cn=Listeners,cn=Monitor', scope: 'one', attributes: ['labeledURI'] })
    .catch(() => []);
  return entries.flatMap((entry) => valuesOf(entry.attributes, 'labeledURI')).flatMap(readUrl);
}

function readUrl(text: string): LdapUrl[] {
  try {
    return [parseLdapUrl(text)];
  } catch {
    return [];
  }
}

const LOOPBACK = /^(?:localhost(?:\..*)?|127\.[\d.]+|::1)$/;

/**
 * By name or address of the host, or loopback, and a port it listens on; where listeners are not known, 389 and 636.
 * A server that pulls from itself under a name slapd does not recognise loops.
 */
export function servesItself(provider: string, host: Host, listeners: readonly LdapUrl[]): boolean {
  const url = parseLdapUrl(provider);
  const names = [host.name, host.address].map((name) => name.toLowerCase());
  if (!names.includes(url.host) && !LOOPBACK.test(url.host)) return false;
  const ports = listeners.length > 0 ? listeners.map((listener) => listener.port) : [389, 636];
  return ports.includes(url.port);
}
