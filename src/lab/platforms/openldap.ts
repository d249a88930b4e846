import { readFile } from 'node:fs/promises';
import { runProgram } from '../run-program.ts';
import { peopleTree, treeSize } from './people-tree.ts';
import type { NewHost, Platform } from './platform.ts';
import { freshLdif, saltedSha } from './slapd-seed.ts';

const suffix = 'dc=example,dc=com';
const rootDn = `cn=admin,${suffix}`;
const firstHost = 'ldap1';

/** Debian's slapd as its package configures it; the first host holds people and groups, the others only the suffix. */
export const openldap: Platform = {
  name: 'openldap',
  kinds: ['master', 'bare'],
  releases: [],
  packages: ['slapd', 'ldap-utils'],
  debconf: ['slapd slapd/domain string example.com', 'slapd shared/organization string Example'],
  // The package's own configuration is kept as LDIF beside the root: each host gets a database of its own from it,
  // with its own entryUUIDs, where a copied database would make all hosts look replicated already.
  customise: `
umask 077
for number in 0 1; do chroot "$1" slapcat -n "$number" > "$(dirname "$1")/slapd-$number.ldif"; done
rm -rf "$1"/etc/ldap/slapd.d/* "$1"/var/lib/ldap/*

# Hosts of a lab have no way out: what a bare one is to install lies on it, as a source that apt knows.
mkdir "$1/srv/packages"
chroot "$1" sh -c 'cd /srv/packages && apt-get -q download slapd ldap-utils'
for deb in "$1"/srv/packages/*.deb; do
  dpkg-deb -f "$deb"
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$(basename "$deb")" "$(stat -c %s "$deb")" "$(sha256sum < "$deb" | cut -d ' ' -f 1)"
done > "$1/srv/packages/Packages"
printf 'deb [trusted=yes] file:/srv/packages ./\\n' > "$1/etc/apt/sources.list.d/lab.list"
`,
  secrets: ['rootdn-password', 'replicator-password'],
  // `first` and `newcomer`: the defaults of openldap/enable-mmr, so that a lab of two needs no --set.
  vars: { suffix, 'root-dn': rootDn, first: firstHost, newcomer: 'ldap2' },
  sources: { replicator: 'replicator-password' },
  ports: () => [389],
  slapd: () => ({
    program: '/usr/sbin/slapd',
    sign: '/usr/sbin/slapd',
    start: ['systemctl', 'restart', 'slapd'],
    unit: 'slapd.service',
    capable: false,
    remedy: 'its packages are in /srv/packages',
  }),
  prepare,
  describe: ({ kind, name }) =>
    kind === 'bare'
      ? 'bare: no slapd, packages in /srv/packages'
      : name === firstHost
        ? `${suffix} with ${treeSize.toLocaleString('en-US')} entries`
        : `${suffix}, only the suffix entry`,
};

async function prepare({ host, lab, root, secrets }: NewHost): Promise<void> {
  if (host.kind === 'bare') return await makeBare(host.name, root);
  const [config, data] = await Promise.all(
    [0, 1].map((number) => readFile(`${lab.image}/slapd-${number}.ldif`, 'utf8')),
  );
  const hash = saltedSha(secrets['rootdn-password'] ?? '');
  const tree = host.name === firstHost ? peopleTree(suffix) : '';
  await slapadd(host.name, root, 0, freshLdif(config ?? '', hash));
  await slapadd(host.name, root, 1, `${freshLdif(data ?? '', hash).trimEnd()}\n\n${tree}`);
  const owned = ['/etc/ldap/slapd.d', '/var/lib/ldap'];
  await runProgram(['chroot', root, 'chown', '-R', 'openldap:openldap', ...owned]);
}

async function slapadd(host: string, root: string, number: number, ldif: string): Promise<void> {
  const argv = ['chroot', root, 'slapadd', '-q', '-n', `${number}`, '-F', '/etc/ldap/slapd.d'];
  await runProgram(argv, { stdin: ldif, about: `${host}: slapadd -n ${number}` });
}

/** As a host on which slapd never was, that knows where to get it. */
async function makeBare(host: string, root: string): Promise<void> {
  const script = `
export DEBIAN_FRONTEND=noninteractive
# Debian 11's package stops its service first, and there is none in a chroot (invoke-rc.d(8)).
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
dpkg --purge slapd ldap-utils
rm /usr/sbin/policy-rc.d
rm -rf /etc/ldap/slapd.d /var/lib/ldap /var/lib/slapd
! getent passwd openldap >/dev/null || userdel openldap
apt-get -q update`;
  await runProgram(['chroot', root, 'sh', '-ec', script], { about: `${host}: taking slapd away` });
}
