/** Which URLs does a server listen on, and is a provider URL one of its own? */
import type { DirectoryReader, Host } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { type LdapUrl, parseLdapUrl, readLdapUrl } from './ldap-url.ts';
import { plainWordOf, type Syncrepl } from './syncrepl.ts';

/** As slapd was given them with -h, from cn=monitor; `[]` when it is not configured or not readable (Debian's default has none). */
export async function listenerUrls(directory: DirectoryReader): Promise<readonly string[]> {
  const entries = await directory
    .search({ base: 'cn=Listeners,cn=Monitor', scope: 'one', attributes: ['labeledURI'] })
    .catch(() => []);
  return entries.flatMap((entry) => valuesOf(entry.attributes, 'labeledURI'));
}

export async function readListeners(directory: DirectoryReader): Promise<readonly LdapUrl[]> {
  return parsed(await listenerUrls(directory));
}

function parsed(urls: readonly string[]): readonly LdapUrl[] {
  return urls.flatMap((url) => readLdapUrl(url) ?? []);
}

const ADDRESS = /^[\d.]+$|:/;
const LOOPBACK = /^(?:localhost(?:\..*)?|127\.[\d.]+|::1)$/;

/**
 * By name or address of the host, or loopback, and a port it listens on; where listeners are not known, 389 and 636.
 * A server that pulls from itself under a name slapd does not recognise loops.
 */
export function servesItself(
  provider: string,
  host: Pick<Host, 'name' | 'address'>,
  listeners: readonly LdapUrl[],
): boolean {
  const url = parseLdapUrl(provider);
  const names = [host.name, host.address].map((name) => name.toLowerCase());
  if (!names.includes(url.host) && !LOOPBACK.test(url.host)) return false;
  const ports = listeners.length > 0 ? listeners.map((listener) => listener.port) : [389, 636];
  return ports.includes(url.port);
}

/** Is an agreement with this server itself? False where its provider cannot be read. */
export function isLoop(
  agreement: Syncrepl,
  host: Pick<Host, 'name' | 'address'>,
  listeners: readonly LdapUrl[],
): boolean {
  const provider = plainWordOf(agreement, 'provider') ?? '';
  return readLdapUrl(provider) !== undefined && servesItself(provider, host, listeners);
}

/**
 * Does slapd take this URL for its own, in olcServerID or olcSyncrepl? As config_check_my_url of its config.c does: it is a
 * listener to the letter, or its host is empty, localhost or one of the host's own names, and a listener has its scheme and
 * port. An address among `names` is none: it never matches `ldap:///`.
 */
export function isOwnUrl(url: string, listeners: readonly string[], names: readonly string[]): boolean {
  const wanted = url.trim().toLowerCase();
  if (listeners.some((listener) => listener.toLowerCase() === wanted)) return true;
  const own = readLdapUrl(wanted);
  if (!own) return false;
  const { scheme, host, port } = own;
  const isNamed = names.some((name) => !ADDRESS.test(name) && name.toLowerCase() === host);
  if (host !== '' && !host.startsWith('localhost') && !isNamed) return false;
  return parsed(listeners).some(
    (one) =>
      one.scheme === scheme && one.port === port && (one.host === '' || host === '' || one.host === host),
  );
}
