/** X.509 certificates of servers, as PEM text: whom they name, until when they hold, and whether a CA vouches for them. */
import { X509Certificate } from 'node:crypto';

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses that it holds for. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The certificates of a PEM text, in their order; the server's own comes first. Throws an Error when there is none. */
export function parsePem(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('it holds no PEM certificate');
  return blocks.map((block) => new X509Certificate(block));
}

export function describeCertificate(certificate: X509Certificate): Certificate {
  const alternatives = (certificate.subjectAltName ?? '').split(', ').filter((name) => name !== '');
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: alternatives.map((name) => name.replace(/^(?:DNS|IP Address):/, '')),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  };
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

/** Is it for this DNS name or IP address? By its subjectAltName, or its CN where it has none (as libldap does). */
export function isFor(certificate: X509Certificate, name: string): boolean {
  const isAddress = /^[\d.]+$|:/.test(name);
  // checkIP throws at a name.
  return (isAddress ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
}

/** Why no authority of `authorities` vouches for the first of `chain`; undefined when one does. */
export function unvouched(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): string | undefined {
  let current = chain[0];
  const known = [...chain.slice(1), ...authorities];
  for (let depth = 0; current && depth < 10; depth++) {
    const certificate = current;
    const isTrusted = authorities.some((one) => one.fingerprint256 === certificate.fingerprint256);
    if (isTrusted) return undefined;
    const issuer = known.find((one) => certificate.checkIssued(one) && certificate.verify(one.publicKey));
    if (!issuer)
      return `nobody here has signed ${oneLine(certificate.subject)} (issuer ${oneLine(certificate.issuer)})`;
    current = issuer;
  }
  return 'its chain does not end at an authority of the file';
}

const DAY_MS = 86_400_000;

/** Whole days; negative once it has expired. */
export function daysLeft(notAfter: number, now: number): number {
  return Math.floor((notAfter - now) / DAY_MS);
}
