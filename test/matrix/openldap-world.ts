/** A lab of OpenLDAP, whose clients log in as the rootDN. Debian's release says which slapd: 11 has 2.4, 12 has 2.5, 13 has 2.6. */
import type { SharedLab } from '../lab/shared-lab.ts';
import { type World, worldOf } from './world.ts';

export const suffix = 'dc=example,dc=com';

export function openldapWorld(lab: SharedLab, debian: number): World {
  return worldOf(lab, {
    name: `Debian ${debian}`,
    number: debian,
    login: { dn: `cn=admin,${suffix}`, suffix, below: suffix },
    secret: 'rootdn-password',
    starts: "journalctl -u slapd -o cat | grep -c 'slapd starting' || :",
    visibleMs: 5000,
  });
}
