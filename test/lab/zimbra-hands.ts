/** A host of Zimbra or Carbonio as an administrator has it in hand: the vendor's tools, and what slapd really holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProductHost, productHost, type Told } from '../stand-ins/product-host.ts';
import type { Release } from '../stand-ins/release.ts';
import type { SharedLab } from './shared-lab.ts';
import { makeWhole } from './zimbra-whole.ts';

export interface Hands extends Omit<ProductHost, 'modify'> {
  readonly name: string;
  readonly fqdn: string;
  /** Values of an attribute, read over ldapi as cn=config; none where there is no such entry. */
  values(base: string, attribute: string): Promise<readonly string[]>;
  /** LDIF for ldapmodify, over ldapi as cn=config; rejects when slapd refuses it. */
  modify(ldif: string): Promise<string>;
  /** Adds an entry below cn=zimbra, as a user of this server would. */
  write(name: string): Promise<void>;
  has(name: string): Promise<boolean>;
  /** Waits until it has it; false when that takes longer. */
  getsWithin(name: string, ms: number): Promise<boolean>;
  /** How many entries it holds. */
  count(): Promise<number>;
  /** Is there a slapd? As whatever controls it says. */
  serves(): Promise<boolean>;
  restart(): Promise<void>;
  /** Lines of slapd's log since a moment of `mark()`. */
  logSince(mark: number): Promise<string>;
  mark(): Promise<number>;
}

/** A tool's time to start is a JVM's, and not what these tests look at. */
const HURRY = `sed -i 's/"latency_ms": [0-9]*/"latency_ms": 10/' /usr/local/lib/lockstep-stand-in/product.json`;
const PASSWORD = '/root/ldap-root-password';

/** Before anything else of `Hands`: the root password lies in a file of root's. */
export async function takeInHand(lab: SharedLab, hosts: readonly string[]): Promise<void> {
  const password = await lab.secret('ldap-root-password');
  const script = `${HURRY}; umask 077; cat >${PASSWORD}`;
  await Promise.all(hosts.map((host) => lab.inside(host, script, password)));
}

export function handsOn(lab: SharedLab, name: string, release: Release): Hands {
  const host = productHost(lab, name, release);
  const bind = `-x -D cn=config -y ${PASSWORD} -H ldapi://${encodeURIComponent(release.ldapi)}/`;
  const client = (program: string) => `${release.openldap}/bin/${program} ${bind}`;
  const search = (base: string, rest: string) =>
    lab.inside(name, `${client('ldapsearch')} -LLL -o ldif-wrap=no -b '${base}' ${rest} || [ $? = 32 ]`);
  const modify = (ldif: string) => lab.inside(name, client('ldapmodify'), ldif);
  const log = release.product === 'zimbra' ? '/var/log/zimbra.log' : '/var/log/carbonio.log';
  const has = async (entry: string) => (await search(dnOf(entry), '-s base 1.1')).includes('dn:');
  return {
    ...host,
    name,
    fqdn: `${name}.lab.example`,
    modify,
    has,
    values: async (base, attribute) => {
      const lines = (await search(base, `-s base ${attribute}`)).split('\n');
      const start = `${attribute}: `;
      return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
    },
    write: async (entry) => void (await modify(`dn: ${dnOf(entry)}\nchangetype: add\nobjectClass: device\n`)),
    async getsWithin(entry, ms) {
      for (const end = performance.now() + ms; performance.now() < end; await sleep(100))
        if (await has(entry)) return true;
      return false;
    },
    count: async () => (await search('', '1.1')).split('\n').filter((line) => line.startsWith('dn:')).length,
    serves: async () => {
      const { systemd } = release;
      const told = systemd
        ? host.as('root', 'systemctl is-active carbonio-openldap')
        : host.tool('bin/ldap status');
      return (await told).status === 0;
    },
    async restart() {
      await host.stopSlapd();
      await host.startSlapd();
    },
    mark: async () => Number(await lab.inside(name, `wc -c <${log}`)),
    logSince: (mark) => lab.inside(name, `tail -c +${mark + 1} ${log}`),
  };
}

/** The unattended set-up of a bare host as one more master, as an administrator writes its answers; what it printed. */
export async function setUp(lab: SharedLab, newcomer: Hands, first: Hands, id: number): Promise<Told> {
  const { release } = newcomer;
  const accounts = release.product === 'zimbra' ? ZIMBRA_ACCOUNTS : ACCOUNTS;
  const passwords = await Promise.all(
    Object.entries(accounts).map(async ([key, secret]) => `${key}=${await lab.secret(secret)}`),
  );
  const answers = [
    ...[`HOSTNAME=${newcomer.fqdn}`, `LDAPHOST=${first.fqdn}`, 'LDAPPORT=389'],
    ...['LDAPREPLICATIONTYPE=mmr', `LDAPSERVERID=${id}`, 'zimbra_require_interprocess_security=1'],
    ...['CREATEDOMAIN=no', 'CREATEADMIN=no', ...passwords, ''],
  ];
  await lab.inside(newcomer.name, 'umask 077; cat >/root/answers', answers.join('\n'));
  const told = await newcomer.as('root', `${release.home}/libexec/zmsetup.pl -c /root/answers`);
  await newcomer.root('rm /root/answers');
  if (told.status === 0) await makeWhole(lab, newcomer.name, first.name, release);
  return told;
}

const ACCOUNTS = {
  LDAPROOTPASS: 'ldap-root-password',
  LDAPADMINPASS: 'zimbra-ldap-password',
  LDAPREPPASS: 'ldap-replication-password',
  LDAPPOSTPASS: 'ldap-postfix-password',
  LDAPAMAVISPASS: 'ldap-amavis-password',
  ldap_nginx_password: 'ldap-nginx-password',
};
const ZIMBRA_ACCOUNTS = { ...ACCOUNTS, ldap_bes_searcher_password: 'ldap-bes-searcher-password' };

export function urlOf(host: Hands): string {
  return `ldap://${host.fqdn}:389`;
}

function dnOf(entry: string): string {
  return `cn=${entry},cn=zimbra`;
}
