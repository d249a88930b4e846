/** An authority of a lab, and a certificate of it for each of some hosts, in /etc/ldap/tls. */
import { certificates } from '../certificates.ts';
import type { World } from './world.ts';

export async function giveCertificates({ lab }: World, hosts: readonly string[]): Promise<void> {
  const made = certificates();
  made.authority('authority');
  for (const host of hosts) {
    const name = `${host}.lab.example`;
    made.sign(host, 'authority', { subject: name, san: `DNS:${name}` });
    await lab.inside(host, 'mkdir -p /etc/ldap/tls');
    const files = { ca: 'authority.pem', cert: `${host}.pem`, key: `${host}.key` };
    for (const [file, from] of Object.entries(files))
      await lab.inside(
        host,
        `umask 077; cat >/etc/ldap/tls/${file}.pem; chown openldap /etc/ldap/tls /etc/ldap/tls/*`,
        made.text(from),
      );
  }
}
