import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';

const cases = new URL('cases/', import.meta.url).pathname;

describe('a native inventory', () => {
  it('inherits access and variables from all, then the group, then the host', async () => {
    const { inventory, problems } = await loadInventory(`${cases}native/pool.yaml`);
    expect(problems).toEqual([]);
    expect(inventory?.groups).toEqual({
      all: ['ldap1', 'ldap2', 'ldap3', 'mail1', 'gate', 'spare'],
      masters: ['ldap1', 'ldap2', 'ldap3'],
      site_a: ['ldap1', 'ldap2', 'ldap3', 'mail1'],
      edge: ['gate'],
      ungrouped: ['spare'],
    });
    expect(inventory?.vars).toEqual({ suffix: 'dc=example,dc=com', platform: 'openldap' });
    expect(inventory?.hosts.ldap1).toMatchObject({
      address: 'ldap1.example.com',
      platform: 'openldap',
      groups: ['masters', 'site_a'],
      vars: { suffix: 'dc=example,dc=com', tier: 'masters' },
      access: {
        address: '10.77.1.11',
        port: 22,
        user: 'siteadmin',
        identityFile: `${cases}native/id_ed25519`,
        knownHosts: `${cases}native/known_hosts`,
        jump: ['gate'],
        become: { method: 'sudo', user: 'root', password: 'env:SUDO_PASSWORD' },
        receipts: '/var/lib/lockstep',
      },
    });
    expect(inventory?.hosts.ldap2).toMatchObject({
      address: 'ldap2',
      vars: { sid: 2, tier: 'host' },
      access: { user: 'maint', port: 2201, become: { method: 'su', user: 'root' } },
    });
    expect(inventory?.hosts.ldap2?.access.identityFile).toMatch(/^\/.*\/keys\/two$/);
    expect(inventory?.hosts.mail1).toMatchObject({ platform: 'zimbra', access: { transport: 'local' } });
    expect(inventory?.hosts.gate?.access).toEqual({
      user: 'jump',
      port: 2222,
      jump: [],
      identityFile: `${cases}native/id_ed25519`,
      knownHosts: `${cases}native/known_hosts`,
    });
    expect(inventory?.files).toEqual([`${cases}native/pool.yaml`]);
  });

  it('names every problem at once, with its place and its cure, and never the password itself', async () => {
    const { inventory, problems } = await loadInventory(`${cases}broken/native.yaml`);
    expect(inventory).toBeUndefined();
    const lines = problems.map((each) => `${each.line}:${each.column} ${each.path} ${each.hint}`);
    expect(lines).toEqual([
      '2:23 access.prot did you mean "port"?',
      expect.stringMatching(/^4:22 groups.masters.hosts\[0\] /),
      '4:47 groups.masters.children[0] did you mean "site_a"?',
      '5:13 groups.site_a.host did you mean "hosts"?',
      expect.stringMatching(/^7:18 hosts.ldap1.port /),
      expect.stringMatching(/^7:35 hosts.ldap1.password /),
      '8:22 hosts.ldap2.become.methd did you mean "method"?',
      expect.stringMatching(/^9:1 colour /),
    ]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});
