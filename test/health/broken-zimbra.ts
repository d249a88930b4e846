/** Ways to break a site of Zimbra or Carbonio, and what must be found. */
import type { LocalconfigFacts } from '../../src/health/node-facts.ts';
import type { Breakage } from './breakage.ts';
import { configOf, databaseOf, NOW, seen, valueIn, withConfig, withDatabase } from './site.ts';
import {
  carbonioSite,
  nodeIn,
  url,
  withKeys,
  withLocalconfig,
  withNode,
  withPrints,
  zimbraAgreement,
  zimbraSite,
} from './zimbra-site.ts';

const well = zimbraSite;

const URLS: readonly Breakage[] = [
  {
    code: 'url-own-not-first',
    when: 'a master has the other one first',
    site: () => withKeys(well(), 'ldap1', { ldap_url: `${url('ldap2')} ${url('ldap1')}` }),
    severity: 'critical',
    where: ['ldap1'],
    what: `ldap_url of ldap1 begins with ${url('ldap2')}`,
    fix: '`lockstep run zimbra/update-urls -i hosts.yaml`',
  },
  {
    code: 'url-own-not-first',
    when: 'ldap_bind_url, which counts then, is of another host',
    site: () => withKeys(well(), 'replica1', { ldap_bind_url: url('ldap1') }),
    severity: 'critical',
    where: ['replica1'],
    what: `ldap_bind_url of replica1 begins with ${url('ldap1')}`,
  },
  {
    code: 'url-lists-equal',
    when: 'a replica has the masters alone in both',
    site: () => {
      const { values } = valueIn(nodeIn(well(), 'replica1').localconfig);
      return withKeys(well(), 'replica1', { ldap_master_url: values.ldap_url ?? '' });
    },
    severity: 'critical',
    where: ['replica1'],
    what: 'of replica1, whose ldap_is_master is not true, are both ldap://replica1',
    fix: 'zimbra/update-urls',
  },
  {
    code: 'url-master-missing',
    when: 'the second master was never told to a mailstore',
    site: () => withKeys(well(), 'store1', { ldap_url: `${url('replica1')} ${url('ldap1')}` }),
    severity: 'warning',
    where: ['store1'],
    what: 'ldap_url of store1 lacks ldap2',
  },
  {
    code: 'url-stranger',
    when: 'a master that was removed is still in the list',
    site: () =>
      withKeys(well(), 'store1', { ldap_master_url: `${url('ldap1')} ${url('ldap2')} ${url('ldap9')}` }),
    severity: 'warning',
    where: ['store1'],
    what: `ldap_master_url of store1 names ${url('ldap9')}`,
    fix: 'zimbra/update-urls',
  },
  {
    code: 'url-order',
    when: 'a mailstore has a master before the replica',
    site: () =>
      withKeys(well(), 'store1', { ldap_url: `${url('ldap1')} ${url('replica1')} ${url('ldap2')}` }),
    severity: 'warning',
    where: ['store1'],
    what: `ldap_url of store1 has ${url('ldap1')} before ${url('replica1')}`,
  },
  {
    code: 'url-order',
    when: 'a master is not the first in its own ldap_master_url',
    site: () => withKeys(well(), 'ldap2', { ldap_master_url: `${url('ldap1')} ${url('ldap2')}` }),
    severity: 'warning',
    where: ['ldap2'],
    what: `ldap_master_url of ldap2 begins with ${url('ldap1')}, not with itself`,
  },
  {
    code: 'url-order',
    when: 'ldap_master_url names a replica',
    site: () =>
      withKeys(carbonioSite(), 'store1', {
        ldap_master_url: `${url('ldap1')} ${url('ldap2')} ${url('replica1')}`,
      }),
    severity: 'warning',
    where: ['store1'],
    what: `names ${url('replica1')}, a replica`,
    fix: '`lockstep run carbonio/update-urls -i hosts.yaml`',
  },
  {
    code: 'url-list-untidy',
    when: 'the list was broken over two lines',
    site: () => withKeys(well(), 'ldap1', { ldap_master_url: `${url('ldap1')} \\\n  ${url('ldap2')}` }),
    severity: 'warning',
    where: ['ldap1'],
    what: 'ldap_master_url of ldap1 has a line break, has blanks too many and has "\\", which is no URL',
  },
];

const refused = (key: 'ldap_replication_password' | 'zimbra_ldap_password') => {
  const logins = valueIn(nodeIn(well(), 'ldap2').logins);
  return seen(logins.map((login) => (login.key === key ? { ...login, outcome: 'refused' as const } : login)));
};

const PASSWORDS: readonly Breakage[] = [
  {
    code: 'password-refused',
    when: 'zmreplica has another one on a master',
    site: () => withNode(well(), 'ldap2', { logins: refused('ldap_replication_password') }),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap_replication_password of ldap2 is not the password of uid=zmreplica,cn=admins,cn=zimbra (49)',
    fix: '`lockstep run zimbra/update-passwords -i hosts.yaml`',
  },
  {
    code: 'password-differs',
    when: 'two masters have different root passwords',
    site: () => withPrints(well(), 'ldap2', { ldap_root_password: 'b1' }),
    severity: 'warning',
    where: ['ldap1', 'replica1', 'ldap2'],
    what: 'ldap_root_password is one on ldap1 and replica1, another on ldap2',
    fix: 'zimbra/update-passwords',
  },
  {
    code: 'password-differs',
    when: 'a mailstore has another one than the one that is proven',
    site: () => withPrints(well(), 'store1', { zimbra_ldap_password: 'b3' }),
    severity: 'critical',
    where: ['ldap1', 'ldap2', 'replica1', 'store1'],
    what: 'zimbra_ldap_password is one on ldap1, ldap2 and replica1, another on store1; that of ldap1, ldap2 and replica1',
  },
  {
    code: 'agreement-password-old',
    when: 'zmldappasswd has changed it, and not the agreements of a master',
    site: () => withNode(well(), 'ldap1', { credentials: new Map([['100', false]]) }),
    severity: 'warning',
    where: ['ldap1'],
    what: 'ldap1 rid 100 holds another password than ldap_replication_password of ldap1',
    fix: '`lockstep run zimbra/rotate-replication-password -i hosts.yaml`',
  },
  {
    code: 'password-awkward',
    when: 'the replication password has a blank',
    site: () => withLocalconfig(well(), 'ldap1', { awkward: { ldap_replication_password: 'a blank' } }),
    severity: 'warning',
    where: ['ldap1'],
    what: 'ldap_replication_password of ldap1 has a blank in it',
  },
];

const LAYOUT: readonly Breakage[] = [
  {
    code: 'node-unseen',
    when: 'the localconfig.xml of a mailstore cannot be read',
    site: () =>
      withNode(well(), 'store1', { localconfig: { unknown: 'line 3: <key name="…"> is expected here' } }),
    severity: 'unknown',
    where: ['store1'],
    what: 'of store1 is not known: its localconfig.xml (line 3: ',
  },
  {
    code: 'node-unseen',
    when: 'slapd wants TLS for a login',
    site: () => {
      const logins = valueIn(nodeIn(well(), 'ldap1').logins);
      const outcome = { untried: 'bind: confidentialityRequired (13)' };
      return withNode(well(), 'ldap1', {
        logins: seen(logins.slice(0, 1).map((login) => ({ ...login, outcome }))),
      });
    },
    severity: 'unknown',
    where: ['ldap1'],
    what: 'whether slapd takes ldap_replication_password (bind: confidentialityRequired (13))',
  },
  {
    code: 'node-bare',
    when: 'the software is there and no configuration',
    site: () => {
      const values: LocalconfigFacts['values'] = {};
      return withLocalconfig(well(), 'store1', { values, prints: {} });
    },
    severity: 'info',
    where: ['store1'],
    what: 'store1 has the software, and was never set up',
  },
  {
    code: 'is-master-contradicts',
    when: 'a master by cn=config is none for the tools',
    site: () => withKeys(well(), 'ldap2', { ldap_is_master: 'false' }),
    severity: 'warning',
    where: ['ldap2'],
    what: 'ldap2 is a master by cn=config (server ID 2), and ldap_is_master is not true',
    fix: "On ldap2: `su - zimbra -c 'zmlocalconfig -e ldap_is_master=true'`.",
  },
  {
    code: 'mmr-half',
    when: 'slapd has refused the server ID and the tool went on',
    site: () => withConfig(well(), 'ldap2', { serverIds: [] }),
    severity: 'critical',
    where: ['ldap2'],
    what: 'ldap2 is half a master: it has no server ID',
  },
  {
    code: 'database-layout',
    when: 'somebody has added a database',
    site: () =>
      withConfig(well(), 'ldap1', {
        databases: [...configOf(well(), 'ldap1').databases, { name: '{4}mdb', suffix: 'dc=addressbook' }],
      }),
    severity: 'warning',
    where: ['ldap1'],
    what: 'ldap1 has the databases {2}mdb "cn=accesslog", {3}mdb "", {4}mdb "dc=addressbook"',
  },
  {
    code: 'session-log-missing',
    when: 'a replica was promoted',
    site: () => {
      const { syncprov } = databaseOf(well(), 'ldap2');
      if (!syncprov) throw new Error('ldap2 has no syncprov');
      return withDatabase(well(), 'ldap2', { syncprov: { ...syncprov, sessionLog: undefined } });
    },
    severity: 'warning',
    where: ['ldap2'],
    what: 'ldap2 has no olcSpSessionlog',
    fix: "| ldapmodify -x -D cn=config -y <(zmlocalconfig -s -m nokey ldap_root_password | tr -d '\\n') -H",
  },
  {
    code: 'log-csn-missing',
    when: 'the overlay was added at run time, and nothing was written since',
    site: () => withNode(well(), 'ldap1', { logSids: seen([]) }),
    severity: 'warning',
    where: ['ldap1'],
    what: 'the accesslog of ldap1 has no contextCSN of its server ID 1: it has none',
    fix: "'replace: description' 'description: admin accounts'",
  },
  {
    code: 'agreement-twice',
    when: 'the tool was run again for the same peer, with a slash more',
    site: () =>
      withDatabase(well(), 'ldap1', {
        agreements: [zimbraAgreement(100, `${url('ldap2')}/`), zimbraAgreement(101, url('ldap2'))],
      }),
    severity: 'warning',
    where: ['ldap1'],
    what: `ldap1 pulls from ldap2 by rid 100 (${url('ldap2')}/) and rid 101 (${url('ldap2')})`,
  },
  {
    code: 'tls-twice',
    when: 'a URL became ldaps, and starttls stayed',
    site: () => {
      const agreements = [zimbraAgreement(100, 'ldaps://ldap2.lab.example:636/')];
      return withDatabase(well(), 'ldap1', { agreements });
    },
    severity: 'warning',
    where: ['ldap1'],
    what: 'ldap1 rid 100 (starttls=critical) is ldaps and asks for starttls as well',
  },
  {
    code: 'agreement-down',
    when: 'its provider was restarted half a minute ago, and the next try is not due yet',
    site: () => {
      const site = well();
      return {
        ...site,
        servers: site.servers.map((server) => {
          const installation = valueIn(server.installation);
          const monitor = valueIn(server.monitor).get('100');
          if (server.host === 'ldap1')
            return { ...server, installation: seen({ ...installation, startedAt: NOW - 30_000 }) };
          if (server.host !== 'replica1' || !monitor) return server;
          return { ...server, monitor: seen(new Map([['100', { ...monitor, connection: undefined }]])) };
        }),
      };
    },
    severity: 'info',
    where: ['replica1'],
    what: 'replica1 rid 100 is not connected with ldap1',
    fix: 'Wait',
  },
];

export const BROKEN_ZIMBRA: readonly Breakage[] = [...URLS, ...PASSWORDS, ...LAYOUT];
