import { describe, expect, test } from 'vitest';
import { beginningOf } from '../../src/cli/health-hosts.ts';
import type { Inventory, InventoryHost } from '../../src/inventory/model.ts';
import { parseLdapUrl } from '../../src/ldap/ldap-url.ts';

function host(name: string, platform = 'openldap'): InventoryHost {
  const number = name.at(-1);
  return {
    name,
    address: `${name}.example.com`,
    platform,
    groups: [],
    vars: {},
    access: { address: `10.0.0.${number}` },
  };
}

const hosts = [host('ldap1'), host('ldap2'), host('other3', ''), host('mail4', 'zimbra')];
const names = hosts.map(({ name }) => name);
const inventory: Inventory = {
  source: 'hosts.yaml',
  hosts: Object.fromEntries(hosts.map((one) => [one.name, one])),
  groups: { all: names, masters: ['ldap1', 'ldap2'] },
  vars: {},
  files: [],
};

describe('a look begins', () => {
  test('with all directory servers of the inventory, and goes on to whom their agreements name', () => {
    const { hosts: first, follow } = beginningOf(inventory, {});
    expect(first).toEqual(['ldap1', 'ldap2', 'other3']);
    expect(follow?.(parseLdapUrl('ldap://LDAP2.example.com:1389'))).toBe('ldap2');
    expect(follow?.(parseLdapUrl('ldaps://10.0.0.1'))).toBe('ldap1');
    expect(follow?.(parseLdapUrl('ldap://elsewhere'))).toBeUndefined();
  });

  test('with all nodes of Zimbra and Carbonio where no server of OpenLDAP is beside them', () => {
    const nodes = [host('ldap1', 'zimbra'), host('store2', 'zimbra'), host('other3', '')];
    const mail = { ...inventory, hosts: Object.fromEntries(nodes.map((one) => [one.name, one])) };
    expect(beginningOf(mail, {}).hosts).toEqual(['ldap1', 'store2']);
  });

  test('with the hosts of --limit, and stays there', () => {
    expect(beginningOf(inventory, { limit: 'masters:!ldap2' })).toEqual({
      hosts: ['ldap1'],
      reachable: ['ldap1'],
    });
    expect(beginningOf(inventory, { limit: 'mail4' }).hosts).toEqual(['mail4']);
  });

  test('with the one of --seed, and may reach the others', () => {
    const { hosts: first, reachable, follow } = beginningOf(inventory, { seed: 'ldap2' });
    expect(first).toEqual(['ldap2']);
    expect(reachable).toEqual(['ldap2', 'ldap1', 'other3']);
    expect(follow?.(parseLdapUrl('ldap://ldap1.example.com'))).toBe('ldap1');
  });

  test('nowhere that is not said clearly', () => {
    expect(() => beginningOf(inventory, { seed: 'ldap1', limit: 'ldap1' })).toThrow('both say where to look');
    expect(() => beginningOf(inventory, { seed: 'masters' })).toThrow('names more than one host');
    expect(() => beginningOf(inventory, { limit: 'nobody' })).toThrow('neither a host nor a group');
  });
});
