/** Where an agreement leads, and as whom: what slapd does with the words of its olcSyncrepl value. */
import type { DirectoryAddress } from '../../engine/ports.ts';
import { valuesOf } from '../../ldap/config-names.ts';
import { parseLdapUrl } from '../../ldap/ldap-url.ts';
import { plainWordOf, type Syncrepl, wordOf } from '../../ldap/syncrepl.ts';
import { type Asked, ask } from './ask.ts';
import type { Catalogue } from './config.ts';

export type TcpAddress = Extract<DirectoryAddress, { kind: 'tcp' }>;

/** The way, or why it cannot be gone from here. */
export type Way =
  | {
      readonly address: TcpAddress;
      /** `starttls=yes`: slapd goes on in clear where it cannot have TLS. */
      readonly clearToo: boolean;
    }
  | { readonly untried: string };

/** Credentials stay the Secret that they are. */
export async function wayOf(agreement: Syncrepl, ports: Asked, catalogue: Catalogue): Promise<Way> {
  const word = (key: string) => plainWordOf(agreement, key);
  const provider = word('provider') ?? '';
  const url = parseLdapUrl(provider);
  if (url.scheme === 'ldapi') return { untried: `${provider} is a socket of its own host` };
  if (word('bindmethod')?.toLowerCase() === 'sasl') {
    const mechanism = word('saslmech') ?? 'SASL';
    return { untried: `it binds by ${mechanism}, with what slapd alone may read` };
  }
  const bindDn = word('binddn');
  const password = wordOf(agreement, 'credentials');
  if (bindDn !== undefined && password === undefined)
    return { untried: `it binds as ${bindDn} without credentials` };
  const startTls = word('starttls')?.toLowerCase();
  const tls =
    url.scheme === 'ldaps' ? 'ldaps' : startTls === 'yes' || startTls === 'critical' ? 'starttls' : 'none';
  const address = {
    kind: 'tcp' as const,
    host: url.host === '' ? 'localhost' : url.host,
    port: url.port,
    tls,
    ...(bindDn !== undefined && password !== undefined && { bindDn, password }),
    ...(tls !== 'none' && (await trustOf(agreement, ports, catalogue))),
  } as const;
  return { address, clearToo: startTls === 'yes' };
}

/** The certificates of a file, or of all files of a folder. */
const SCRIPT = `
[ ! -d "$LOCKSTEP_CA" ] || set -- "$LOCKSTEP_CA"/*
[ $# -gt 0 ] || set -- "$LOCKSTEP_CA"
sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$@"
`;

/** Whom it trusts: its own words, else slapd's own settings; without any, who the system does. */
async function trustOf(agreement: Syncrepl, ports: Asked, { entries }: Catalogue) {
  const check = plainWordOf(agreement, 'tls_reqcert')?.toLowerCase();
  if (check === 'never' || check === 'allow') return { verify: false } as const;
  const own = ['olcTLSCACertificateFile', 'olcTLSCACertificatePath'].flatMap((name) =>
    entries.flatMap(({ attributes }) => valuesOf(attributes, name)),
  );
  const [path] = [
    plainWordOf(agreement, 'tls_cacert'),
    plainWordOf(agreement, 'tls_cacertdir'),
    ...own,
  ].filter((one) => one !== undefined);
  if (path === undefined) return {};
  const ca = await ask(ports, `reading ${path}`, { script: SCRIPT, env: { LOCKSTEP_CA: path } });
  return { ca };
}
