/** Two masters of Zimbra with a replica and a mailstore, made as an administrator makes them. */
import { expect, vi } from 'vitest';
import { releaseOf } from '../stand-ins/release.ts';
import type { SharedLab } from './shared-lab.ts';
import { makeWhole } from './zimbra-whole.ts';

/** A shell command of the product's user in a login shell, which must not fail. Resolves to its stdout. */
export type AsZimbra = (host: string, command: string) => Promise<string>;

export const asZimbra =
  (lab: Pick<SharedLab, 'inside'>): AsZimbra =>
  (host, command) =>
    lab.inside(host, 'su - zimbra -c "$(cat)"', command);

export const url = (host: string): string => `ldap://${host}.lab.example:389`;

/** Values may have blanks, and no quotes. */
export function setKeys(as: AsZimbra, host: string, keys: Readonly<Record<string, string>>): Promise<string> {
  const words = Object.entries(keys).map(([key, value]) => `'${key}=${value}'`);
  return as(host, `zmlocalconfig -f -e ${words.join(' ')}`);
}

/** As cn=config; the password goes by a pipe. */
const LOGIN =
  "-x -D cn=config -y <(zmlocalconfig -s -m nokey ldap_root_password | tr -d '\\n') " +
  '-H ldapi://%2Fopt%2Fzimbra%2Fdata%2Fldap%2Fstate%2Frun%2Fldapi';

/** An ldapmodify as cn=config. */
export function modify(as: AsZimbra, host: string, ldif: string): Promise<string> {
  return as(host, `ldapmodify ${LOGIN} <<'END'\n${ldif}\nEND`);
}

/** A change that changes nothing: who pulls is refused until there was one. */
export const noop =
  'dn: cn=admins,cn=zimbra\nchangetype: modify\nreplace: description\ndescription: admin accounts';

/** The lists that `update-urls` would write. */
export const LISTS: Readonly<
  Record<string, { readonly ldap_url: string; readonly ldap_master_url: string }>
> = {
  ldap1: lists(['ldap1', 'ldap2'], ['ldap1', 'ldap2']),
  ldap2: lists(['ldap2', 'ldap1'], ['ldap2', 'ldap1']),
  replica1: lists(['replica1', 'ldap1', 'ldap2'], ['ldap1', 'ldap2']),
  store1: lists(['replica1', 'ldap1', 'ldap2'], ['ldap2', 'ldap1']),
};

function lists(urls: readonly string[], masters: readonly string[]) {
  return { ldap_url: urls.map(url).join(' '), ldap_master_url: masters.map(url).join(' ') };
}

/** Keys of the set-up's file, and the keys of localconfig that hold their values on the first master. */
const PASSWORDS = {
  LDAPROOTPASS: 'ldap_root_password',
  LDAPADMINPASS: 'zimbra_ldap_password',
  LDAPREPPASS: 'ldap_replication_password',
  LDAPPOSTPASS: 'ldap_postfix_password',
  LDAPAMAVISPASS: 'ldap_amavis_password',
  ldap_nginx_password: 'ldap_nginx_password',
  ldap_bes_searcher_password: 'ldap_bes_searcher_password',
};

/** The database of the tree: on a master the accesslog comes before it. */
const MAIN = { ldap1: '{3}mdb', ldap2: '{3}mdb', replica1: '{2}mdb' };

/** The tools write a pause of 60 s into each agreement, which no test wants to wait for. */
function retrySoon(as: AsZimbra, host: string, database: string): Promise<string> {
  const dn = `olcDatabase=${database},cn=config`;
  const value = `$(ldapsearch ${LOGIN} -LLL -o ldif-wrap=no -s base -b '${dn}' olcSyncrepl | sed -n 's/^olcSyncrepl: {0}//p' | sed 's/"60 +"/"1 +"/')`;
  const modification = `dn: ${dn}\nchangetype: modify\nreplace: olcSyncrepl\nolcSyncrepl: %s\n`;
  return as(host, `printf '${modification}' "${value}" | ldapmodify ${LOGIN}`);
}

/** Of a lab of Zimbra 10 with master=1, bare=1, replica=1, mailstore=1. */
export async function makePair(lab: SharedLab): Promise<void> {
  const as = asZimbra(lab);
  await as('ldap1', `/opt/zimbra/libexec/zmldapenable-mmr -s 1 -m ${url('ldap2')}/ && ldap restart`);
  await modify(as, 'ldap1', noop);
  const settings = ['HOSTNAME=ldap2.lab.example', 'LDAPHOST=ldap1.lab.example', 'LDAPPORT=389'];
  settings.push('LDAPREPLICATIONTYPE=mmr', 'LDAPSERVERID=2', 'zimbra_require_interprocess_security=1');
  for (const [name, key] of Object.entries(PASSWORDS))
    settings.push(`${name}=${(await as('ldap1', `zmlocalconfig -s -m nokey ${key}`)).trim()}`);
  await lab.inside('ldap2', 'umask 077; cat >/root/set-up.conf', settings.join('\n'));
  await lab.inside('ldap2', '/opt/zimbra/libexec/zmsetup.pl -c /root/set-up.conf');
  await makeWhole(lab, 'ldap2', 'ldap1', releaseOf('zimbra', '10'));
  for (const [host, keys] of Object.entries(LISTS)) await setKeys(as, host, keys);
  for (const [host, database] of Object.entries(MAIN)) await retrySoon(as, host, database);
  await modify(as, 'ldap2', noop);
  await vi.waitFor(async () => expect(await csns(as)).toHaveLength(1), { timeout: 60_000, interval: 500 });
  for (const host of Object.keys(MAIN)) await lab.inside(host, forgetTheSetUp);
}

/** The different contextCSNs; one, when each server knows of all changes. */
async function csns(as: AsZimbra): Promise<readonly string[]> {
  const read = `ldapsearch ${LOGIN} -LLL -o ldif-wrap=no -s base -b '' contextCSN | grep contextCSN | sort`;
  return [...new Set(await Promise.all(Object.keys(MAIN).map((host) => as(host, read))))];
}

/** A replica that pulls while its provider becomes one of two may meet conflicts, or may not. Whoever writes the log goes on. */
const forgetTheSetUp = `set -e
log=/var/log/zimbra.log
kept=$(grep -vE 'delta-sync lost sync|not new enough, ignored|new entry is older than ours' $log)
printf '%s\\n' "$kept" >$log`;
