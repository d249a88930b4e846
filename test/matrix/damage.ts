/** Makes that for which there are runbooks: a server whose data is not that of the others, and a read-only replica. */
import { suffix } from './openldap-world.ts';
import type { World } from './world.ts';

/** One entry less on one server, with equal contextCSNs: what no look at contextCSN shows. */
export async function loseAnEntry({ lab }: World, host: string): Promise<void> {
  await lab.inside(
    host,
    `set -e
systemctl stop slapd
slapcat -b ${suffix} -o ldif-wrap=no |
  awk 'BEGIN { RS = ""; ORS = "\\n\\n" } !/^dn: uid=user0042,/' >/root/damaged.ldif
rm -f /var/lib/ldap/*.mdb
slapadd -q -b ${suffix} -l /root/damaged.ldif
chown openldap:openldap /var/lib/ldap/*.mdb
systemctl start slapd
# 2.4 compares all entries when it comes back, and may get it again.
for look in $(seq 30); do
  if ldapsearch -Q -Y EXTERNAL -H ldapi:/// -b uid=user0042,ou=people,${suffix} -s base 1.1 >/dev/null 2>&1; then break; fi
  sleep 0.1
done`,
  );
}

/** A database that slapd cannot open: it does not start any more. */
export async function ruin({ lab }: World, host: string): Promise<void> {
  await lab.inside(
    host,
    `systemctl stop slapd
dd if=/dev/urandom of=/var/lib/ldap/data.mdb bs=4k count=20 conv=notrunc 2>/dev/null
systemctl start slapd 2>/dev/null
sleep 0.5
if pgrep -x slapd; then echo "slapd runs on a database that is ruined" >&2; exit 1; fi`,
  );
}

/** A consumer as administrators make one by hand: loaded from its provider, pulls from it, sends writers there. */
export async function makeReplica({ lab, env }: World, host: string, provider: string): Promise<void> {
  const dump = await lab.inside(provider, `slapcat -b ${suffix} -o ldif-wrap=no`);
  const password = env.LDAP_REPLICATOR_PASSWORD ?? (await lab.secret('replicator-password'));
  await lab.inside(
    host,
    `set -e
systemctl stop slapd
rm -f /var/lib/ldap/*.mdb
slapadd -q -b ${suffix}
chown openldap:openldap /var/lib/ldap/*.mdb
systemctl start slapd`,
    dump,
  );
  const url = `ldap://${provider}.lab.example:389`;
  const agreement = `rid=005 provider=${url} bindmethod=simple binddn="cn=replicator,${suffix}" credentials=${password} searchbase="${suffix}" type=refreshAndPersist retry="5 +"`;
  await lab.inside(
    host,
    'ldapmodify -Q -Y EXTERNAL -H ldapi:///',
    `dn: olcDatabase={1}mdb,cn=config
changetype: modify
add: olcSyncrepl
olcSyncrepl: ${agreement}
-
add: olcUpdateRef
olcUpdateRef: ${url}
`,
  );
}
