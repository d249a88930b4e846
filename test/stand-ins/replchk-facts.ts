/** zmreplchk on a master whose neighbour is a promoted replica; it is easily fooled. */
import { expect, it } from 'vitest';
import { complains, type ProductHost, says, silent } from './product-host.ts';

const command = 'libexec/zmreplchk';

/** After `promoteFacts`: the promoted one has server ID 7, and the other takes nothing from it. */
export function fooledFacts(master: () => ProductHost, promoted: () => ProductHost): void {
  it('zmreplchk says In Sync of a server ID that the first master lacks altogether', async () => {
    await promoted().modify('cn=admins,cn=zimbra', 'replace: description\ndescription: admin accounts');
    const urls = 'ldap://ldap1.lab.example:389 ldap://replica1.lab.example:389';
    const told = await master().withKey('ldap_master_url', urls, () => master().tool(command));
    expect(told.status).toBe(0);
    expect(told.out.match(/^Master: .* Code: 0 Status: In Sync CSNs:$/gm)).toHaveLength(2);
    const [first = '', second = ''] = told.out.split('Master: ').slice(1);
    expect(first).not.toContain('#007#');
    expect(second).toContain('#007#');
  });
}

export function replchkFacts(master: () => ProductHost): void {
  const self = async () =>
    (await master().tool('bin/zmlocalconfig -m nokey ldap_url')).out.trim().split(' ')[0] ?? '';

  it('says nothing where there is one server', async () => {
    const told = await master().withKey('ldap_url', await self(), () => master().tool(command));
    expect(told).toEqual(silent);
  });

  it('tells a server that is down, and ends 0', async () => {
    const url = await self();
    const down = 'ldap://127.0.0.9:389';
    const told = await master().withKey('ldap_master_url', `${url} ${down}`, () => master().tool(command));
    expect(told).toMatchObject({ err: '', status: 0 });
    const lines = told.out.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^Master: ${url} ServerID: \\d* Code: 0 Status: In Sync CSNs:$`));
    expect(lines[1]).toMatch(/^\d{14}\.\d{6}Z#000000#\d{3}#000000$/);
    expect(lines).toContain(`Master: ${down} ServerID:  Code: 4 Status: Server down`);
  });

  it('takes a master with a slash at the end for a replica', async () => {
    const url = await self();
    const told = await master().withKey('ldap_url', `${url}/`, () => master().tool(command));
    expect(told).toEqual(says(`Replica: ${url}/ Code: 0 Status: In Sync\n`));
  });

  it('ends 255 and shows nothing when a master has another root password', async () => {
    const told = await master().withKey('ldap_master_root_password', 'wrong', () => master().tool(command));
    expect(told).toEqual(complains(`Unable to bind to master (${await self()}): Invalid credentials\n`, 255));
  });
}
