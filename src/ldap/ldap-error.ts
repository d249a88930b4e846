/** What a directory answered when it said no: code, name, its own words, and what to do. Never a secret. */

/** RFC 4511, 4.1.9 and appendix A. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  4: 'sizeLimitExceeded',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  11: 'adminLimitExceeded',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  19: 'constraintViolation',
  20: 'attributeOrValueExists',
  21: 'invalidAttributeSyntax',
  32: 'noSuchObject',
  34: 'invalidDNSyntax',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  64: 'namingViolation',
  65: 'objectClassViolation',
  66: 'notAllowedOnNonLeaf',
  67: 'notAllowedOnRDN',
  68: 'entryAlreadyExists',
  71: 'affectsMultipleDSAs',
  80: 'other',
};

const ADVICE: Readonly<Record<number, string>> = {
  4: 'Give the account that reads an olcLimits value with size=unlimited on this database, or bind as its rootDN.',
  8: 'The server wants TLS or another bind: see olcSecurity, and use starttls or ldaps.',
  10: 'This server takes no writes: it is a replica that refers to another.',
  13: 'Use starttls: true or an ldaps:// URL.',
  16: 'Somebody changed the entry in between: look again and repeat.',
  17: 'The attribute is not in the schema: check its spelling, and that the module or schema is loaded.',
  20: 'Somebody changed the entry in between: look again and repeat.',
  21: 'Check the value; for an objectClass or an overlay, that its module is loaded.',
  32: 'Check the DN, and that an earlier step has made the entry.',
  49: 'Check bind-dn and password; the entry may not have been replicated to this server yet.',
  50: 'Bind as an account that olcAccess lets do this: root over ldapi for cn=config, the rootDN for data.',
  53: 'A replica or a read-only database refuses writes: see olcMultiProvider, olcReadOnly and olcUpdateRef.',
  68: 'The entry is there: look again and repeat.',
};

export type LdapOperation = 'connect' | 'bind' | 'search' | 'add' | 'modify' | 'delete';

export interface LdapFailure {
  /** The host, or where it was reached. */
  readonly host: string;
  readonly operation: LdapOperation;
  readonly dn: string;
  /** Result code of RFC 4511. */
  readonly code: number;
  /** The server's diagnostic message, secrets taken out. */
  readonly diagnostic: string;
  /** Of an unpaged search that a limit has stopped: entries that had come. */
  readonly came?: number;
}

export class LdapError extends Error {
  readonly failure: LdapFailure;
  /** The result code's name, e.g. `noSuchObject`. */
  readonly codeName: string;
  /** What to do next, one sentence. */
  readonly next: string;

  constructor(failure: LdapFailure, options?: ErrorOptions) {
    const name = NAMES[failure.code] ?? 'result code';
    const next = ADVICE[failure.code] ?? 'The server’s log says more (olcLogLevel: stats config).';
    const said = failure.diagnostic === '' ? '' : `: ${failure.diagnostic}`;
    const subject = failure.dn === '' ? failure.operation : `${failure.operation} "${failure.dn}"`;
    super(`${failure.host} · ${subject}: ${name} (${failure.code})${said}. ${next}`, options);
    this.name = 'LdapError';
    this.failure = failure;
    this.codeName = name;
    this.next = next;
  }
}

/** Takes out what was sent as a secret, and any `credentials=` that slapd quotes from a line it could not read. */
export function redactDiagnostic(text: string, secrets: readonly string[]): string {
  const cut = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), text);
  return cut.replace(/credentials=(?:"(?:\\.|[^"\\])*"?|\S+)/gi, 'credentials=[hidden]');
}
