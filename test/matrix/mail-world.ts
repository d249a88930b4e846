/** A lab of Zimbra or Carbonio, whose clients log in as the product's own account. */
import { type SharedLab, sharedLab } from '../lab/shared-lab.ts';
import { type ProductHost, productHost } from '../stand-ins/product-host.ts';
import { type Release, releaseOf } from '../stand-ins/release.ts';
import { type World, worldOf } from './world.ts';

export interface MailWorld extends World {
  readonly release: Release;
  product(host: string): ProductHost;
}

export function mailWorld(lab: SharedLab, release: Release): MailWorld {
  const world = worldOf(lab, {
    name: `${release.product} ${release.release}`,
    number: Number(release.release.replaceAll('.', '')),
    login: { dn: 'uid=zimbra,cn=admins,cn=zimbra', suffix: '', below: 'ou=people,dc=example,dc=com' },
    secret: 'zimbra-ldap-password',
    starts: `cat /var/log/${release.product}.log | grep -c 'slapd starting' || :`,
    // The product's agreements try again after 60 s, and no sooner.
    visibleMs: 75_000,
  });
  return { ...world, release, product: (host) => productHost(lab, host, release) };
}

/** With a lab of its own, whose name begins with `word`. */
export function mailLab(word: string, product: string, release: string, nodes: string): MailWorld {
  const lab = sharedLab(`${word}${product.slice(0, 1)}${release.replaceAll('.', '')}`, {
    platform: product,
    release,
    nodes,
  });
  return mailWorld(lab, releaseOf(product, release));
}
