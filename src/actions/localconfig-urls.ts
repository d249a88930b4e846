/** What ldap_url means on a host with a slapd of its own, and may not be made. Pure. */
import type { Host } from '../engine/ports.ts';
import { readLdapUrl } from '../ldap/ldap-url.ts';
import type { Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import type { LocalconfigFacts } from './localconfig-look.ts';

/** Throws ActionError for what keeps slapd from starting. Elsewhere than on its host, nothing is wrong with such URLs. */
export function refuseUrls(
  set: ReadonlyMap<string, Text>,
  unset: ReadonlySet<string>,
  { host, values, hasSlapd, listener }: LocalconfigFacts,
): void {
  if (!hasSlapd) return;
  const after = (key: string) => (unset.has(key) ? undefined : (set.get(key) ?? values.get(key)));
  const isTouched = (...keys: readonly string[]) => keys.some((key) => set.has(key) || unset.has(key));
  const [url, masters] = [after('ldap_url'), after('ldap_master_url')];
  if (set.has('ldap_url') && !after('ldap_bind_url') && typeof url === 'string') {
    const [first = ''] = url.split(' ');
    if (!isOwn(first, host, listener, after('zimbra_server_hostname')))
      throw new ActionError(
        `localconfig: slapd of ${host.name} would listen on ${first}, the first of ldap_url`,
        {
          next: `Put the URL of ${host.name} itself first: with that of another host slapd does not start any more.`,
        },
      );
  }
  if (!isTouched('ldap_url', 'ldap_master_url', 'ldap_is_master')) return;
  // A key that is not set is false, too.
  if (after('ldap_is_master') !== 'true' && url && url === masters)
    throw new ActionError(
      `localconfig: ldap_url and ldap_master_url of ${host.name} would be the same, and it is no master`,
      {
        next: 'Put the URL of the host itself first in ldap_url: like that "ldap start" refuses.',
      },
    );
}

/** By the address it has here; where that is not known, by a name of the host. */
function isOwn(
  url: string,
  host: Pick<Host, 'name' | 'address'>,
  listener: string,
  own: Text | undefined,
): boolean {
  if (listener !== 'unknown') return listener === 'own';
  const names = [host.name, host.address, ...(typeof own === 'string' ? [own] : [])];
  return names.some((name) => name.toLowerCase() === readLdapUrl(url)?.host);
}
