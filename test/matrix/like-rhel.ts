/**
 * Hosts of Debian whose slapd is set up as RHEL's and EPEL's is: /etc/openldap/slapd.d of the user ldap, a native unit with
 * SLAPD_URLS, the socket in /run, cn=monitor as database 1 and the data as database 2.
 */
import type { SharedLab } from '../lab/shared-lab.ts';
import { suffix } from './openldap-world.ts';

const SCRIPT = `set -e
systemctl stop slapd
slapcat -n 0 -o ldif-wrap=no >/root/config.ldif
slapcat -n 1 -o ldif-wrap=no >/root/data.ldif
useradd --system --home-dir /var/lib/ldap --shell /usr/sbin/nologin ldap
mkdir -p /etc/openldap/slapd.d /run/openldap
mv /etc/ldap/slapd.d /root/slapd.d.debian
# What was {1} becomes {2}, with cn=monitor before it.
awk '
  /^dn: olcDatabase=[{]1[}]mdb,cn=config$/ {
    print "dn: olcDatabase={1}monitor,cn=config\\nobjectClass: olcDatabaseConfig\\nobjectClass: olcMonitorConfig\\nolcDatabase: {1}monitor"
    print "olcAccess: {0}to * by dn.exact=\\"gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth\\" read by * none\\n"
  }
  { gsub(/[{]1[}]mdb/, "{2}mdb"); gsub("/var/run/slapd/", "/run/openldap/"); print }' /root/config.ldif |
  sed 's/^olcModuleLoad: [{]0[}]back_mdb.*/&\\nolcModuleLoad: {1}back_monitor/' >/root/rhel.ldif
slapadd -n 0 -F /etc/openldap/slapd.d -l /root/rhel.ldif
rm -f /var/lib/ldap/*.mdb
slapadd -q -F /etc/openldap/slapd.d -b ${suffix} -l /root/data.ldif
chown -R ldap:ldap /etc/openldap/slapd.d /var/lib/ldap /run/openldap
echo 'd /run/openldap 0755 ldap ldap -' >/etc/tmpfiles.d/slapd.conf
mkdir -p /etc/sysconfig
echo 'SLAPD_URLS="ldapi://%2Frun%2Fldapi ldap:///"' >/etc/sysconfig/slapd
cat >/etc/systemd/system/slapd.service <<'UNIT'
[Unit]
Description=OpenLDAP Server Daemon
After=network-online.target
[Service]
Type=forking
EnvironmentFile=/etc/sysconfig/slapd
ExecStart=/bin/sh -c 'exec /usr/sbin/slapd -u ldap -g ldap -F /etc/openldap/slapd.d -h "$SLAPD_URLS"'
[Install]
WantedBy=multi-user.target
UNIT
rm -f /etc/init.d/slapd /etc/default/slapd
systemctl daemon-reload
systemctl enable -q slapd
systemctl start slapd
`;

export async function makeLikeRhel(lab: SharedLab): Promise<void> {
  await Promise.all(lab.record().hosts.map(({ name }) => lab.inside(name, SCRIPT)));
}
