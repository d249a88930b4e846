/** zmldappasswd, on a multi-master. */
import { expect, it } from 'vitest';
import { type ProductHost, quoted } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';

export function passwordFacts(master: () => ProductHost): void {
  it('zmldappasswd -l leaves the agreements of a multi-master with the old password', async () => {
    const old = (await master().tool('bin/zmlocalconfig -s -m nokey ldap_replication_password')).out.trim();
    const before = await agreements();
    expect((await master().tool('bin/zmldappasswd -l another-password')).status).toBe(0);
    expect((await master().tool('bin/zmlocalconfig -s -m nokey ldap_replication_password')).out).toBe(
      'another-password\n',
    );
    expect(before[0]).toContain(`credentials=${old} `);
    expect(await agreements()).toEqual(before);
    await master().tool(`bin/zmldappasswd -l ${quoted(old)}`);
  });

  async function agreements(): Promise<readonly string[]> {
    return valuesOf(await master().config(), 'olcDatabase={3}mdb,cn=config', 'olcSyncrepl');
  }
}
