/** The hosts of Zimbra and Carbonio of a look: which of them have a directory server, and what their localconfig says. */
import { randomBytes } from 'node:crypto';
import { readLdapUrl } from '../../ldap/ldap-url.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { NodeFacts } from '../node-facts.ts';
import { known } from '../seen.ts';
import { nodeFacts, passwordsOf } from './node.ts';
import type { Server } from './server.ts';
import { isBystander, isOfProduct, type Sight } from './sight.ts';

/**
 * A mailstore is no directory server that is down. Of a host that cannot be reached only the others can tell: it has one if their
 * lists of URLs name it.
 */
export function directoriesOf(sights: readonly Sight[]): readonly Sight[] {
  const named = new Set(sights.flatMap(urlHosts));
  return sights.filter((sight) => {
    if (isBystander(sight)) return false;
    if (sight.unreachable === undefined || !isOfProduct(sight) || named.size === 0) return true;
    return named.has(sight.address.toLowerCase()) || named.has(sight.host.toLowerCase());
  });
}

function urlHosts({ localconfig }: Sight): readonly string[] {
  const values = known(localconfig)?.values;
  const lists = [values?.get('ldap_url'), values?.get('ldap_master_url')];
  return lists.flatMap((list) => (list ?? '').split(/\s+/).flatMap((word) => readLdapUrl(word)?.host ?? []));
}

const KEY_BYTES = 32;

/** Fingerprints can be compared within one look, and with nothing else. Never rejects. */
export async function nodesOf(
  sights: readonly Sight[],
  servers: readonly Server[],
): Promise<readonly NodeFacts[]> {
  const key = randomBytes(KEY_BYTES);
  return await Promise.all(
    sights.map((sight) =>
      nodeFacts(
        sight,
        servers.find((server) => server.sight === sight),
        key,
      ),
    ),
  );
}

/** What a product has compiled in: known to everybody, and an ordinary word. */
const COMPILED_IN = ['zimbra', 'zmreplica', 'zmpostfix', 'zmamavis', 'zmnginx', 'zmbes-searcher'];

/** Its passwords, so that none of them is ever shown. */
export function nodeSecrets({ localconfig }: Sight): readonly Secret[] {
  const values = known(localconfig)?.values;
  return [...passwordsOf(known(localconfig))].flatMap(([key, secret]) =>
    COMPILED_IN.includes(values?.get(key) ?? '') ? [] : [secret],
  );
}
