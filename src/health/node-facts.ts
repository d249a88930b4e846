/** What one look has found on a host of Zimbra or Carbonio, whether it has a slapd or not. No password is in it. */
import type { Seen } from './facts.ts';
import type { InstalledProduct } from './product.ts';

export interface NodeFacts {
  /** Its name in the inventory. */
  readonly host: string;
  /** What URLs of the product name it by. */
  readonly address: string;
  /** Why it cannot be reached; then everything else is unknown. */
  readonly unreachable?: string;
  readonly product: Seen<InstalledProduct>;
  /** A directory server lives there, running or not: there is a data/ldap/config. */
  readonly isDirectory: Seen<boolean>;
  readonly localconfig: Seen<LocalconfigFacts>;
  /** Each account, bound on its own slapd with the password of its localconfig; unknown where there is no slapd to ask. */
  readonly logins: Seen<readonly Login[]>;
  /** Is the password that an agreement of it holds its ldap_replication_password? By RID as three digits. */
  readonly credentials: ReadonlyMap<string, boolean>;
  /** contextCSN of its accesslog by SID, in decimal; empty when it has none; undefined where there is no accesslog. */
  readonly logSids?: Seen<readonly number[]>;
}

/** Of conf/localconfig.xml: what is not set there is not here, whatever the product has compiled in. */
export interface LocalconfigFacts {
  /** Without passwords. */
  readonly values: Readonly<Partial<Record<PlainKey, string>>>;
  /** Fingerprints, alike where the passwords are; keyed anew at each look, so that they say nothing else. */
  readonly prints: Readonly<Partial<Record<PasswordKey, string>>>;
  /** What bites in a password, by its key: `a blank`, `a quote`. */
  readonly awkward: Readonly<Partial<Record<PasswordKey, string>>>;
}

export const PLAIN_KEYS = [
  'ldap_url',
  'ldap_master_url',
  'ldap_is_master',
  'ldap_bind_url',
  'ldap_starttls_supported',
  'zimbra_require_interprocess_security',
  'zimbra_server_hostname',
] as const;
export type PlainKey = (typeof PLAIN_KEYS)[number];

export const PASSWORD_KEYS = [
  'ldap_root_password',
  'ldap_replication_password',
  'zimbra_ldap_password',
  'ldap_postfix_password',
  'ldap_amavis_password',
  'ldap_nginx_password',
  'ldap_bes_searcher_password',
] as const;
export type PasswordKey = (typeof PASSWORD_KEYS)[number];

export interface Login {
  readonly key: PasswordKey;
  readonly dn: string;
  /** `refused`: LDAP code 49. */
  readonly outcome: 'ok' | 'refused' | { readonly untried: string };
}
