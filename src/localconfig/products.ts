/** Products that keep what slapd and its tools are told in a localconfig.xml. Pure. */

export interface Product {
  readonly name: 'zimbra' | 'carbonio';
  /** Its localconfig.xml. */
  readonly file: string;
  /** Where its own slapd has listened in one release or another. */
  readonly sockets: readonly string[];
}

export const PRODUCTS: readonly Product[] = [
  {
    name: 'zimbra',
    file: '/opt/zimbra/conf/localconfig.xml',
    sockets: ['/opt/zimbra/data/ldap/state/run/ldapi', '/opt/zimbra/openldap/var/run/ldapi'],
  },
  {
    name: 'carbonio',
    file: '/opt/zextras/conf/localconfig.xml',
    // Before systemd, and since.
    sockets: ['/opt/zextras/data/ldap/state/run/ldapi', '/run/carbonio/run/ldapi'],
  },
];

/** Whose slapd listens there, if it is one of these. */
export function productOfSocket(path: string): Product | undefined {
  return PRODUCTS.find(({ sockets }) => sockets.includes(path));
}
