import { makeAuthority } from './authority.ts';
import { layProduct } from './lay-product.ts';
import { inHost, mailPasswords, nodePackages, peopled, setUpProgram } from './mail-nodes.ts';
import type { Platform, Slapd } from './platform.ts';
import { setUpProduct } from './set-up-product.ts';
import { standInRelease, standInReleases } from './stand-ins.ts';

export const zimbra: Platform = mailPlatform('zimbra', '/opt/zimbra', '8.8');
export const carbonio: Platform = mailPlatform('carbonio', '/opt/zextras', '24');

/** A mail server's nodes on Debian's slapd in the product's shape; the vendor's tools are our stand-ins. */
function mailPlatform(name: 'zimbra' | 'carbonio', home: string, usual: string): Platform {
  const user = home.slice('/opt/'.length);
  const passwords = mailPasswords(name);
  return {
    name,
    kinds: ['master', 'bare', 'replica', 'mailstore', 'mta', 'proxy'],
    get releases() {
      const all = standInReleases(name).map(({ release, debian }) => ({ name: release, debian }));
      return [...all].sort((one, other) => Number(other.name === usual) - Number(one.name === usual));
    },
    packages: ['slapd', 'slapd-contrib', 'ldap-utils', 'python3-ldap', 'rsyslog', 'libcap2-bin', 'openssl'],
    debconf: ['slapd slapd/no_configuration boolean true'],
    customise: `
ln -sf /dev/null "$1/etc/systemd/system/slapd.service"
rm -rf "$1"/etc/ldap/slapd.d "$1"/var/lib/ldap/*
chroot "$1" useradd --system --user-group --home-dir ${home} --shell /bin/bash ${user}
`,
    secrets: passwords.map(({ file }) => file),
    vars: { suffix: '', first: 'ldap1', newcomer: 'ldap2' },
    sources: Object.fromEntries(passwords.map(({ secret, file }) => [secret, file])),
    ports: (kind) => (nodePackages[kind].includes('ldap') ? [389] : []),
    slapd: (release) => slapdOfRelease(name, release),
    share: (lab) => makeAuthority(lab.name),
    prepare: layProduct,
    furnish: setUpProduct,
    describe: ({ kind, name: host }) =>
      kind === 'bare'
        ? `bare: the software, never set up; its set-up is \`${setUpProgram(name)} -c FILE\``
        : host === peopled.host
          ? `master, with ${peopled.people} people in dc=example,dc=com`
          : kind,
  };
}

function slapdOfRelease(product: string, release: string | undefined): Slapd {
  const { home, user, openldap, systemd } = standInRelease(product, release);
  return {
    program: `${openldap}/libexec/slapd`,
    sign: `${home}/data/ldap/config/cn=config.ldif`,
    remedy: `\`${setUpProgram(product)} -c FILE\` sets it up`,
    unit: systemd ? 'carbonio-openldap.service' : `${product}.service`,
    capable: true,
    start: systemd
      ? ['systemctl', 'restart', 'carbonio-openldap.service']
      : inHost(['su', '-', user, '-c', `${home}/bin/ldap restart`]),
  };
}
