/** The unattended set-up of a bare host as a further master. */
import { expect, it } from 'vitest';
import type { ProductHost, Told } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';
import type { Release } from './release.ts';

const own = 'ldap3.lab.example';
const master = 'ldap2.lab.example';

/** Keys of the set-up's file → the master's localconfig key it must agree with. */
const passwords = {
  LDAPROOTPASS: 'ldap_root_password',
  LDAPADMINPASS: 'zimbra_ldap_password',
  LDAPREPPASS: 'ldap_replication_password',
  LDAPPOSTPASS: 'ldap_postfix_password',
  LDAPAMAVISPASS: 'ldap_amavis_password',
  ldap_nginx_password: 'ldap_nginx_password',
  ldap_bes_searcher_password: 'ldap_bes_searcher_password',
};

/** Before the master is a multi-master. */
export function tooEarlyFacts(bare: () => ProductHost, there: () => ProductHost, release: Release): void {
  it('the set-up of a further master fails, with 1, while the first has no accesslog', async () => {
    const told = await setUp(bare(), there(), release);
    expect(told.out).toMatch(/^Configuration failed\./m);
    expect(told.status).toBe(1);
    const log = await bare().root(`cat ${release.home}/log/zmsetup.*.log`);
    expect(log).toContain('Please run zmldapenable-mmr on the master.');
  });
}

/** With the master a multi-master. */
export function setUpFacts(bare: () => ProductHost, there: () => ProductHost, release: Release): void {
  it('the set-up makes a further master with its server ID and rid 100 towards the first', async () => {
    const told = await setUp(bare(), there(), release);
    expect(told.status).toBe(0);
    const config = await bare().config();
    expect(valuesOf(config, 'cn=config', 'olcServerID')).toEqual(['3']);
    const [agreement, ...more] = valuesOf(config, 'olcDatabase={3}mdb,cn=config', 'olcSyncrepl');
    expect(agreement).toContain(`rid=100 provider=ldap://${master}:389/ `);
    expect(more).toEqual([]);
  });

  it('the set-up leaves the new master with the first alone in ldap_master_url', async () => {
    const told = await bare().tool('bin/zmlocalconfig ldap_is_master ldap_url ldap_master_url');
    expect(told.out).toBe(
      `ldap_is_master = true\nldap_url = ldap://${own}:389 ldap://${master}:389\n` +
        `ldap_master_url = ldap://${master}:389\n`,
    );
  });
}

async function setUp(bare: ProductHost, there: ProductHost, { product, tls }: Release): Promise<Told> {
  const settings = [
    `HOSTNAME="${own}"`,
    `LDAPHOST="${master}"`,
    'LDAPPORT="389"',
    'LDAPREPLICATIONTYPE="mmr"',
    'LDAPSERVERID="3"',
    `zimbra_require_interprocess_security="${tls ? 1 : 0}"`,
  ];
  for (const [name, key] of Object.entries(passwords)) {
    const value = (await there.tool(`bin/zmlocalconfig -s -m nokey ${key}`)).out.trim();
    settings.push(`${name}="${value}"`);
  }
  const file = '/root/set-up.conf';
  await bare.root(`umask 077; cat >${file} <<'END'\n${settings.join('\n')}\nEND`);
  const program = product === 'zimbra' ? '/opt/zimbra/libexec/zmsetup.pl' : 'carbonio-bootstrap';
  return bare.as('root', `PATH=$PATH:/usr/sbin:/opt/zextras/bin ${program} -c ${file}`);
}
