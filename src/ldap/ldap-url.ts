/** The part of an LDAP URL that names a server (RFC 4516): scheme, host, port. Search parts are ignored. */

export interface LdapUrl {
  readonly scheme: 'ldap' | 'ldaps' | 'ldapi';
  /** Lower case, no brackets, no final dot; empty for "any". For ldapi the path of the socket. */
  readonly host: string;
  /** 389 and 636 when absent; 0 for ldapi. */
  readonly port: number;
}

const FORM = /^(ldaps?|ldapi):\/\/(\[[^\]]*\]|[^/:?]*)(?::(\d{1,5}))?(?:[/?].*)?$/i;

/** Throws an Error that quotes the text. */
export function parseLdapUrl(text: string): LdapUrl {
  const match = FORM.exec(text.trim());
  const port = Number(match?.[3] ?? 0);
  if (!match || port > 65535) throw new Error(`"${text}" is not an LDAP URL such as ldap://host:389`);
  const scheme = (match[1] ?? '').toLowerCase() as LdapUrl['scheme'];
  const host = match[2] ?? '';
  if (scheme === 'ldapi') return { scheme, host: decodeURIComponent(host), port: 0 };
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return { scheme, host: bare.replace(/\.$/, ''), port: port || (scheme === 'ldaps' ? 636 : 389) };
}

/** The same, and undefined for what is no LDAP URL. */
export function readLdapUrl(text: string): LdapUrl | undefined {
  try {
    return parseLdapUrl(text);
  } catch {
    return undefined;
  }
}

/** `ldap://host:389`, port always given. */
export function formatLdapUrl(url: LdapUrl): string {
  if (url.scheme === 'ldapi') return `ldapi://${encodeURIComponent(url.host)}`;
  return `${url.scheme}://${url.host.includes(':') ? `[${url.host}]` : url.host}:${url.port}`;
}

/** Same scheme, host and port, whatever the spelling. False when one of them is no LDAP URL. */
export function sameLdapUrl(a: string, b: string): boolean {
  try {
    return formatLdapUrl(parseLdapUrl(a)) === formatLdapUrl(parseLdapUrl(b));
  } catch {
    return a === b;
  }
}
