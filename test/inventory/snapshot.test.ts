import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../src/inventory/model.ts';
import { secretsIn } from '../../src/inventory/secrets-in.ts';
import { fromSnapshot, snapshot } from '../../src/inventory/snapshot.ts';
import { Secret } from '../../src/secrets/secret.ts';

const inventory: Inventory = {
  source: 'hosts',
  hosts: {
    ldap1: {
      name: 'ldap1',
      address: 'ldap1',
      platform: 'openldap',
      groups: ['masters'],
      vars: {
        sid: 1,
        admin_password: new Secret('var admin_password', 'hunter2'),
        list: [new Secret('x', 'hunter2'), 1],
      },
      access: {
        user: 'root',
        password: new Secret('ansible_password of ldap1', 'hunter2'),
        become: { method: 'sudo', password: 'env:PW' },
      },
    },
  },
  groups: { all: ['ldap1'], masters: ['ldap1'] },
  vars: {},
  files: ['/hosts'],
};

describe('a snapshot of an inventory', () => {
  it('is plain JSON without a secret in it', () => {
    const text = JSON.stringify(snapshot(inventory));
    expect(text).not.toContain('hunter2');
    expect(text).toContain('env:PW');
    expect(JSON.parse(text)).toEqual(snapshot(inventory));
  });

  it('leaves secrets out when it comes back alone, so that none is taken for empty', () => {
    const back = fromSnapshot(snapshot(inventory)).hosts.ldap1;
    expect(back?.vars).toEqual({ sid: 1 });
    expect(back?.access).toEqual({ user: 'root', become: { method: 'sudo', password: 'env:PW' } });
  });

  it("takes secrets from today's inventory, and nothing else", () => {
    const host = inventory.hosts.ldap1;
    if (!host) throw new Error('no host');
    const live = {
      ...inventory,
      hosts: { ldap1: { ...host, address: 'moved', vars: { ...host.vars, sid: 2 } } },
    };
    const back = fromSnapshot(snapshot(inventory), live).hosts.ldap1;
    expect([back?.address, back?.vars.sid]).toEqual(['ldap1', 1]);
    expect(back?.vars.admin_password).toBe(host.vars.admin_password);
    expect(back?.access.password).toBe(host.access.password);
  });
});

it('the secrets of an inventory are found wherever they are', () => {
  expect(secretsIn(inventory).map((secret) => secret.name)).toEqual([
    'var admin_password',
    'x',
    'ansible_password of ldap1',
  ]);
});
