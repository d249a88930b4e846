import { expect, test } from 'vitest';
import type { LabHost, LabRecord } from '../../src/lab/lab-record.ts';
import { hostNames, type NodeKind } from '../../src/lab/nodes.ts';
import { slapdOf } from '../../src/lab/platforms/index.ts';
import { setUpFile } from '../../src/lab/platforms/set-up-product.ts';
import { standInReleases } from '../../src/lab/platforms/stand-ins.ts';

const secrets = { 'ldap-root-password': 'root-pw', 'ldap-replication-password': 'rep-pw' };

function lab(release: string, ...nodes: readonly NodeKind[]): LabRecord {
  const names = hostNames(nodes);
  const hosts = nodes.map((kind, index): LabHost => {
    const name = names[index] ?? '';
    return { name, kind, fqdn: `${name}.lab.example`, address: '10.77.1.11' };
  });
  const rest = { debian: 11, image: '/i', subnet: '10.77.1', phase: 'up', createdAt: '' } as const;
  return { format: 'lockstep-lab/2', name: 'demo', platform: 'zimbra', release, hosts, ...rest };
}

function fileOf(record: LabRecord, name: string): Readonly<Record<string, string>> {
  const host = record.hosts.find((one) => one.name === name);
  if (!host) throw new Error(name);
  const lines = setUpFile(record, host, secrets).trim().split('\n');
  return Object.fromEntries(lines.map((line) => /^(\w+)="(.*)"$/.exec(line)?.slice(1) ?? [line, '']));
}

test('a master is set up against itself, all others against the first one', () => {
  const all = lab('8.8', 'master', 'master', 'mta');
  expect(fileOf(all, 'ldap1')).toMatchObject({
    HOSTNAME: 'ldap1.lab.example',
    LDAPHOST: 'ldap1.lab.example',
  });
  expect(fileOf(all, 'ldap2')).toMatchObject({ LDAPHOST: 'ldap2.lab.example' });
  expect(fileOf(all, 'mta1')).toMatchObject({ HOSTNAME: 'mta1.lab.example', LDAPHOST: 'ldap1.lab.example' });
  expect(fileOf(all, 'mta1')).toMatchObject({ LDAPROOTPASS: 'root-pw', LDAPREPPASS: 'rep-pw' });
});

test('the first master gets an accesslog when somebody follows it, and only then', () => {
  const followed = lab('8.8', 'master', 'master', 'replica');
  expect(fileOf(followed, 'ldap1').FORCEREPLICATION).toBe('yes');
  expect(fileOf(followed, 'ldap2').FORCEREPLICATION).toBe('no');
  expect(fileOf(followed, 'replica1').LDAPREPLICATIONTYPE).toBe('replica');
  expect(fileOf(lab('8.8', 'master'), 'ldap1').FORCEREPLICATION).toBe('no');
});

test('processes speak TLS with each other in releases of a lab that have it', () => {
  const security = (release: string) =>
    fileOf(lab(release, 'master'), 'ldap1').zimbra_require_interprocess_security;
  expect(['8.0.6', '8.6', '8.8', '10'].map(security)).toEqual(['0', '0', '1', '1']);
});

test('slapd is where the release has it, and is started as the release starts it', () => {
  expect(slapdOf(lab('8.6', 'master')).program).toBe('/opt/zimbra/openldap/libexec/slapd');
  expect(slapdOf(lab('8.8', 'master')).program).toBe('/opt/zimbra/common/libexec/slapd');
  const carbonio = { ...lab('24', 'master'), platform: 'carbonio' };
  expect(slapdOf(carbonio).start).toEqual(['systemctl', 'restart', 'carbonio-openldap.service']);
  expect(slapdOf({ ...carbonio, release: '23' }).start).toContain('/opt/zextras/bin/ldap restart');
});

test('each release has its set-up among its tools, and a Debian that a lab can run', () => {
  const all = [...standInReleases('zimbra'), ...standInReleases('carbonio')];
  expect(all).toHaveLength(6);
  for (const { product, tools, debian } of all) {
    const setUp = product === 'zimbra' ? 'zmsetup.pl' : 'carbonio-bootstrap';
    expect([...tools.bin, ...tools.libexec]).toContain(setUp);
    expect([11, 12, 13]).toContain(debian);
  }
});
