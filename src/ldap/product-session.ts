/** Sessions with the slapd of Zimbra and Carbonio over its own socket, by the password in localconfig.xml. */
import { type DirectoryAddress, TransportError } from '../engine/ports.ts';
import { type Product, productOfSocket } from '../localconfig/products.ts';
import type { Secret } from '../secrets/secret.ts';
import { LdapError } from './ldap-error.ts';
import { openSession, type Pipe, type Session } from './session.ts';

type RootPassword = NonNullable<Pipe['rootPassword']>;

/** RFC 4511, appendix A. */
const INVALID_CREDENTIALS = 49;

/** As `openSession`; over a socket of a product that keeps a password for it, as cn=config. Rejects with `refused`, too. */
export async function openLocalSession(
  address: DirectoryAddress,
  pipe: Pipe,
  host: string,
): Promise<Session> {
  const product = address.kind === 'ldapi' && !address.bindDn ? productOfSocket(address.path) : undefined;
  if (product === undefined || pipe.rootPassword === undefined) return await openSession(address, pipe, host);
  return await openAsRootDn(address, product, pipe, pipe.rootPassword, host);
}

/**
 * SASL EXTERNAL is nobody to the slapd of these products: the rootDN of all its databases is cn=config. A password that has
 * been changed since it was read is read once more.
 */
async function openAsRootDn(
  address: DirectoryAddress,
  product: Product,
  pipe: Pipe,
  rootPassword: RootPassword,
  host: string,
): Promise<Session> {
  let tried: Secret | undefined;
  for (;;) {
    const before = tried;
    try {
      return await openSession(address, pipe, host, async () => {
        tried = await rootPassword(product, before);
        return { bindDn: 'cn=config', password: tried };
      });
    } catch (error) {
      if (!(error instanceof LdapError) || error.failure.code !== INVALID_CREDENTIALS) throw error;
      if (before !== undefined) break;
    }
  }
  throw new TransportError(
    'refused',
    host,
    `ldap_root_password in ${product.file} of ${host} is not the one slapd has`,
    'Put the one that slapd has into that file; where nobody knows it, give olcDatabase={0}config another olcRootPW with slapd stopped.',
  );
}
