/** A lab of Zimbra, one node of each kind: what `lab up` leaves, and that a node is the same after its plug was pulled. */
import { describe, expect, it } from 'vitest';
import { inflict } from '../../src/lab/fault.ts';
import { labHost } from '../../src/lab/lab-record.ts';
import { mailPasswords } from '../../src/lab/platforms/mail-nodes.ts';
import { setUpFile } from '../../src/lab/platforms/set-up-product.ts';
import { labStatus } from '../../src/lab/status.ts';
import { eventually } from './eventually.ts';
import { sharedLab } from './shared-lab.ts';

const nodes = 'master=1,bare=1,replica=1,mailstore=1,mta=1,proxy=1';
const lab = sharedLab('zimbra', { platform: 'zimbra', release: '8.8', nodes });
const zimbra = (host: string, command: string) => lab.inside(host, `su - zimbra -c '${command}'`);
const services = async (host: string) =>
  (await zimbra(host, 'zmcontrol status')).split('\n').flatMap((line) => /^\t(\S+)/.exec(line)?.[1] ?? []);
/** A service's log without its times: `started with URLS`, `connected to URL`. */
const told = async (host: string, service: string) =>
  (await lab.inside(host, `cut -d " " -f 3- /opt/zimbra/log/${service}.log`)).trim().split('\n');
/** What a service said since its n-th start: the last line of it. */
const said = async (host: string, service: string, start: number) => {
  const lines = await told(host, service);
  const starts = lines.filter((line) => line.startsWith('started with')).length;
  return starts === start ? lines.at(-1) : `started ${starts} times`;
};
/** A client of the product as cn=config; the password comes by stdin and goes by a file. */
const asRoot = async (host: string, client: string, words: string) => {
  const script = `umask 077; cat >/root/pw; /opt/zimbra/common/bin/${client} -x -D cn=config -y /root/pw ${words}`;
  return lab.inside(host, script, await lab.secret('ldap-root-password'));
};

const ldap1 = 'ldap://ldap1.lab.example:389';
const replica1 = 'ldap://replica1.lab.example:389';

describe('a lab of Zimbra', () => {
  it('has a node of each kind, set up and well', async () => {
    const { hosts } = await labStatus(lab.name);
    expect(hosts.map(({ name, kind, faults }) => [name, kind, faults])).toEqual([
      ['ldap1', 'master', []],
      ['ldap2', 'bare', []],
      ['replica1', 'replica', []],
      ['store1', 'mailstore', []],
      ['mta1', 'mta', []],
      ['proxy1', 'proxy', []],
    ]);
    expect(await services('ldap1')).toEqual(['ldap', 'zmconfigd']);
    expect(await services('replica1')).toEqual(['ldap', 'zmconfigd']);
    expect(await services('store1')).toEqual(['mailbox', 'service', 'zmconfigd']);
    expect(await services('mta1')).toEqual(['mta', 'zmconfigd']);
    expect(await services('proxy1')).toEqual(['proxy', 'zmconfigd']);
  });

  it('has a bare host with the software, on which nothing was ever set up', async () => {
    await lab.inside('ldap2', 'test -x /opt/zimbra/common/libexec/slapd && ! test -e /opt/zimbra/data/ldap');
    expect(await lab.inside('ldap2', 'grep -c ldap_ /opt/zimbra/conf/localconfig.xml || :')).toBe('0\n');
  });

  it('brings a change of the master to the replica, under StartTLS that the lab’s authority vouches for', async () => {
    const entry = 'uid=user0001,ou=people,dc=example,dc=com';
    await lab.inside('ldap1', 'cat >/root/change', changeOf(entry));
    await asRoot('ldap1', 'ldapmodify', '-H ldapi:/// -f /root/change');
    const search = `LDAPTLS_CACERT=/opt/zimbra/conf/ca/ca.pem LDAPTLS_REQCERT=demand /opt/zimbra/common/bin/ldapsearch -LLL -x -ZZ -H ${replica1} -b ${entry} givenName`;
    await eventually(async () => expect(await lab.inside('replica1', search)).toContain('givenName: Anew'));
  });

  it('has services that keep to the URLs they were started with', async () => {
    await eventually(async () => expect(await said('store1', 'mailbox', 1)).toBe(`connected to ${ldap1}`));
    await zimbra('store1', `zmlocalconfig -e ldap_url="${replica1} ${ldap1}"`);
    expect(await said('store1', 'mailbox', 1)).toBe(`connected to ${ldap1}`);
    await zimbra('store1', 'zmcontrol restart');
    await eventually(async () => expect(await said('store1', 'mailbox', 2)).toBe(`connected to ${replica1}`));
  });

  it('has an MTA that learns of new URLs by zmmtainit alone', async () => {
    await zimbra('mta1', `zmlocalconfig -e ldap_url="${replica1} ${ldap1}"`);
    await zimbra('mta1', 'zmcontrol restart');
    await eventually(async () => expect(await said('mta1', 'mta', 2)).toBe(`connected to ${ldap1}`));
    await zimbra('mta1', '/opt/zimbra/libexec/zmmtainit');
    await zimbra('mta1', 'zmcontrol restart');
    await eventually(async () => expect(await said('mta1', 'mta', 3)).toBe(`connected to ${replica1}`));
  });

  it('starts its services again after the plug was pulled', async () => {
    for (const host of ['ldap1', 'store1']) await inflict(lab.name, host, { kind: 'reboot' });
    expect(await services('ldap1')).toEqual(['ldap', 'zmconfigd']);
    expect(await services('store1')).toEqual(['mailbox', 'service', 'zmconfigd']);
  });

  it('has a slapd that can be killed, healed, and made to see a wrong clock', async () => {
    await inflict(lab.name, 'ldap1', { kind: 'kill-slapd' });
    expect((await labStatus(lab.name)).hosts[0]?.faults).toEqual([{ kind: 'slapd-gone' }]);
    expect(await inflict(lab.name, 'ldap1', { kind: 'heal' })).toBe('ldap1: healed: slapd started');
    await inflict(lab.name, 'ldap1', { kind: 'clock', offsetS: 3600 });
    const clock = '-LLL -H ldapi:/// -s base -b cn=Current,cn=Time,cn=Monitor monitorTimestamp';
    const seen = await asRoot('ldap1', 'ldapsearch', clock);
    const [, at = ''] = /monitorTimestamp: (\d{12})/.exec(seen) ?? [];
    const [, year = '', month = '', day = '', hour = '', minute = ''] =
      /^(....)(..)(..)(..)(..)$/.exec(at) ?? [];
    const minutes = (Date.UTC(+year, +month - 1, +day, +hour, +minute) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(55);
    await inflict(lab.name, 'ldap1', { kind: 'heal' });
  });

  it('refuses to kill the slapd of a bare host, and names the set-up', async () => {
    await expect(inflict(lab.name, 'ldap2', { kind: 'kill-slapd' })).rejects.toThrow(
      'ldap2: has no slapd; `/opt/zimbra/libexec/zmsetup.pl -c FILE` sets it up',
    );
  });

  it('has a set-up that goes on and ends 0 when replication does not come about', async () => {
    const names = mailPasswords('zimbra').map(({ file }) => file);
    const secrets = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await lab.secret(name)])),
    );
    const record = lab.record();
    // Its slapd cannot listen on an address that another host has.
    const stranger = { ...labHost(record, 'ldap2'), fqdn: 'store1.lab.example' };
    const file = setUpFile(record, stranger, secrets).replace(/(LDAPREPLICATIONTYPE)=.*/, '$1="mmr"');
    const setUp = 'umask 077; cat >/root/set-up.conf; /opt/zimbra/libexec/zmsetup.pl -c /root/set-up.conf';
    const told = await lab.inside('ldap2', setUp, file);
    expect(told).toContain('Enabling ldap replication...failed.\n');
    expect(told).toContain('You will have to correct the problem and manually enable replication.\n');
    expect(told).toContain('Configuration complete');
    expect(await lab.inside('ldap2', 'cat /opt/zimbra/log/zmsetup.*.log')).toContain(
      'Failed to start slapd.',
    );
  });
});

function changeOf(entry: string): string {
  return `dn: ${entry}\nchangetype: modify\nreplace: givenName\ngivenName: Anew\n`;
}
