import type { Certificate } from '../ldap/certificate.ts';

/** Does the certificate hold for this DNS name or address? By its names, or its CN where it has none, as libldap does. */
export function holdsFor({ names, subject }: Certificate, host: string): boolean {
  const common = /(?:^|, ?)CN=([^,]+)/i.exec(subject)?.[1];
  const candidates = names.length > 0 ? names : common === undefined ? [] : [common];
  const wanted = normal(host);
  return candidates.some((name) => {
    const own = normal(name);
    if (own === wanted) return true;
    // A star stands for one label, and the first one only (RFC 6125, 6.4.3).
    return own.startsWith('*.') && wanted.includes('.') && own.slice(1) === wanted.slice(wanted.indexOf('.'));
  });
}

/** IPv6 addresses have many spellings. */
function normal(host: string): string {
  const bare = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[|\]$/g, '');
  if (!bare.includes(':')) return bare;
  try {
    return new URL(`ldap://[${bare}]`).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return bare;
  }
}
