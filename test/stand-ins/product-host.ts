/** A host of a lab of Zimbra or Carbonio, as the contract of its stand-ins uses it. */
import { inflict } from '../../src/lab/fault.ts';
import type { SharedLab } from '../lab/shared-lab.ts';
import { type Entries, readLdif } from './read-ldif.ts';
import type { Release } from './release.ts';

/** What a program printed on either stream, and its exit status. */
export interface Told {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** Nothing said, exit status 0. */
export const silent: Told = { out: '', err: '', status: 0 };

export function says(out: string, status = 0): Told {
  return { out, err: '', status };
}

export function complains(err: string, status: number): Told {
  return { out: '', err, status };
}

export interface ProductHost {
  readonly release: Release;
  /** Runs a tool of the product by its path below the product's home, as the service user; words go to sh. */
  tool(words: string): Promise<Told>;
  as(user: string, command: string): Promise<Told>;
  /** A script of root's, which must not fail. */
  root(script: string): Promise<string>;
  /** All of cn=config, by DN. */
  config(): Promise<Entries>;
  /** Changes an entry over ldapi as cn=config, with the lines that LDIF has after `changetype: modify`. */
  modify(dn: string, changes: string): Promise<void>;
  /** Sets a key of localconfig.xml while `work` runs; the file is then as it was. */
  withKey<T>(key: string, value: string, work: () => Promise<T>): Promise<T>;
  startSlapd(): Promise<void>;
  stopSlapd(): Promise<void>;
  /** SIGKILL: its socket stays behind. */
  killSlapd(): Promise<void>;
}

export function productHost(lab: SharedLab, name: string, release: Release): ProductHost {
  const { home, user, openldap, systemd } = release;
  async function as(who: string, command: string): Promise<Told> {
    const script = `d=$(mktemp -d); cd /
      runuser -u ${who} -- sh -c ${quoted(command)} >$d/out 2>$d/err </dev/null; echo $?
      base64 -w0 $d/out; echo; base64 -w0 $d/err; rm -r $d`;
    const [status = '', out = '', err = ''] = (await lab.inside(name, script)).split('\n');
    return { out: plain(out), err: plain(err), status: Number(status) };
  }
  const tool = (words: string) => as(user, `${home}/${words}`);
  const root = (script: string) => lab.inside(name, script);
  const slapd = (verb: string) =>
    root(systemd ? `systemctl ${verb} carbonio-openldap` : `runuser -u ${user} -- ${home}/bin/ldap ${verb}`);
  return {
    release,
    tool,
    as,
    root,
    config: async () => readLdif((await as(user, slapcat(openldap, home))).out),
    modify: async (dn, changes) => {
      const told = await as(user, modifying(release, dn, changes));
      if (told.status !== 0) throw new Error(`${dn}: ${told.err}`);
    },
    withKey: async (key, value, work) => {
      await root(`cp -p ${home}/conf/localconfig.xml /tmp/localconfig.xml`);
      await tool(`bin/zmlocalconfig -f -e ${quoted(`${key}=${value}`)}`);
      try {
        return await work();
      } finally {
        await root(`cp -p /tmp/localconfig.xml ${home}/conf/localconfig.xml`);
      }
    },
    startSlapd: async () => void (await slapd('start')),
    stopSlapd: async () => void (await slapd('stop')),
    killSlapd: async () => void (await inflict(lab.name, name, { kind: 'kill-slapd' })),
  };
}

function slapcat(openldap: string, home: string): string {
  return `${openldap}/sbin/slapcat -F ${home}/data/ldap/config -n 0 -o ldif-wrap=no`;
}

/** The password comes from a file, not from argv. */
function modifying({ home, openldap, ldapi }: Release, dn: string, changes: string): string {
  const ldif = quoted(`dn: ${dn}\nchangetype: modify\n${changes}\n`);
  return `umask 077; ${home}/bin/zmlocalconfig -s -m nokey ldap_root_password | tr -d '\\n' >/tmp/password
    printf %s ${ldif} | ${openldap}/bin/ldapmodify -x -H 'ldapi://${encodeURIComponent(ldapi)}' -D cn=config -y /tmp/password`;
}

function plain(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
