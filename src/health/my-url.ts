import { type LdapUrl, parseLdapUrl } from '../ldap/ldap-url.ts';

/**
 * Does slapd take this URL for its own? As config_check_my_url of slapd's config.c does: it is a listener to the letter, or
 * its host is empty, localhost or the host's own name, and a listener has its scheme and port. An address never matches `ldap:///`.
 */
export function isOwnUrl(url: string, listeners: readonly string[], fqdn: string): boolean {
  const wanted = url.trim().toLowerCase();
  if (listeners.some((listener) => listener.toLowerCase() === wanted)) return true;
  const own = read(wanted);
  if (!own) return false;
  const { scheme, host, port } = own;
  if (host !== '' && !host.startsWith('localhost') && host !== fqdn.toLowerCase()) return false;
  return listeners.some((text) => {
    const listener = read(text);
    if (!listener || listener.scheme !== scheme || listener.port !== port) return false;
    return listener.host === '' || host === '' || listener.host === host;
  });
}

function read(text: string): LdapUrl | undefined {
  try {
    return parseLdapUrl(text);
  } catch {
    return undefined;
  }
}
