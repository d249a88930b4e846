import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import type { Inventory } from '../../src/inventory/model.ts';
import type { Problem } from '../../src/runbook/model.ts';
import { Secret } from '../../src/secrets/secret.ts';

const cases = new URL('cases/', import.meta.url).pathname;

async function load(name: string): Promise<{ inventory: Inventory; problems: readonly Problem[] }> {
  const { inventory, problems } = await loadInventory(cases + name);
  if (!inventory) throw new Error(problems.map((problem) => problem.message).join('\n'));
  return { inventory, problems };
}

describe("Ansible's INI format", () => {
  it('reads groups, children, ranges and ports, in the order of the file', async () => {
    const { inventory } = await load('classic/hosts');
    expect(inventory.groups.ldap).toEqual([
      'ldap1',
      'ldap2',
      'ldap3',
      'ldap4.example.com',
      'replica01.example.com',
      'replica03.example.com',
      'replica05.example.com',
      'replica-a',
      'replica-b',
      'replica-c',
    ]);
    expect(inventory.groups.ungrouped).toEqual(['bastion']);
    expect(inventory.hosts.ldap1?.groups).toEqual(['ldap_masters', 'ldap', 'site_a']);
    expect(inventory.hosts.bastion?.groups).toEqual(['ungrouped']);
    expect(inventory.hosts['ldap4.example.com']?.access.port).toBe(2200);
  });

  it('reads values as Python literals, and what is none as text', async () => {
    const { inventory } = await load('classic/hosts');
    expect(inventory.hosts['ldap4.example.com']?.vars).toMatchObject({
      sid: 4,
      note: 'backup # of the pool',
      flag: true,
      plain: 'true',
      port: 389,
      threads: '016',
      options: { a: [1, 2.5, null], b: 'x' },
      suffix: 'dc=example,dc=com',
    });
  });

  it('lets the child group beat the parent, group_vars beat the file, and the host beat all', async () => {
    const { inventory } = await load('classic/hosts');
    expect(inventory.hosts.bastion?.vars.tier).toBe('all');
    expect(inventory.hosts['replica-a']?.vars.tier).toBe('ldap');
    expect(inventory.hosts.ldap1?.vars).toMatchObject({
      tier: 'masters',
      order: 'second',
      both: 10,
      mode: 0o644,
      enabled: true,
    });
    expect(inventory.hosts.ldap2?.vars).toMatchObject({
      tier: 'host',
      sid: 2,
      peers: { timeout: 9, retry: '60 +' },
    });
    expect(inventory.hosts.ldap2?.vars).not.toHaveProperty('never');
  });

  it('understands how a host is reached', async () => {
    const { inventory } = await load('classic/hosts');
    expect(inventory.hosts.ldap2?.access).toMatchObject({
      address: '10.77.1.12',
      user: 'root',
      jump: ['jump@gate.example.com:2222'],
      identityFile: expect.stringMatching(/^\/.*\/\.ssh\/pool$/),
    });
    expect(inventory.hosts.ldap2?.address).toBe('ldap2');
    expect(inventory.hosts['local-tool']?.access.transport).toBe('local');
  });

  it('names every broken line at once, and no word that may be a piece of a password', async () => {
    const { inventory, problems } = await loadInventory(`${cases}broken/hosts.ini`);
    expect(inventory).toBeUndefined();
    expect(problems.map((problem) => problem.line)).toEqual([2, 3, 4, 6, 9, 13, 14, 15]);
    expect(problems[0]?.message).not.toContain('words');
  });
});

describe("Ansible's YAML format", () => {
  it('reads nested groups, and orders groups of one depth by priority and name', async () => {
    const { inventory } = await load('nested/hosts.yml');
    expect(inventory.groups.directory).toEqual(['ldap1', 'ldap2', 'ldap3']);
    expect(inventory.hosts.ldap1?.vars).toMatchObject({
      tier: 'child',
      only_parent: 1,
      second_mention: true,
    });
    expect(inventory.hosts.ldap3?.vars.tier).toBe('child');
    expect(inventory.hosts.ldap3?.access).toMatchObject({ address: '10.77.1.13', jump: ['gate'] });
    expect(inventory.groups.ungrouped).toEqual(['lone.example.com']);
    expect(inventory.groups.late).toEqual([]);
  });

  it('leaves vaulted and templated values out, with a warning that names the line', async () => {
    const { inventory, problems } = await load('nested/hosts.yml');
    const where = problems.map(
      (problem) => `${problem.file.slice(cases.length)}:${problem.line} ${problem.path}`,
    );
    expect(where).toEqual([
      'nested/group_vars/all/main.yml:1 ansible_become_password',
      'nested/group_vars/all/main.yml:2 motd',
      'nested/group_vars/all/main.yml:3 structure',
      'nested/group_vars/all/main.yml:7 list',
      'nested/group_vars/all/vault.yml:1 ',
      'nested/host_vars/ldap1.yml:1 ldap_root_password',
    ]);
    expect(problems.every((problem) => problem.severity === 'warning')).toBe(true);
    const vars = inventory.hosts.ldap1?.vars ?? {};
    expect(vars).not.toHaveProperty('motd');
    expect(vars).not.toHaveProperty('list');
    expect(vars).not.toHaveProperty('ldap_root_password');
    expect(vars).toMatchObject({ structure: { plain: 1 }, unsafe: '{{ not a template }}' });
  });

  it('marks a host whose way in is templated, unless a lockstep_ variable says it', async () => {
    const { inventory } = await load('nested/hosts.yml');
    expect(inventory.hosts.ldap2?.access.unusable?.['become.password']).toMatch(/Jinja.*main\.yml:1/);
    expect(inventory.hosts.ldap1?.access.unusable).toBeUndefined();
    expect(inventory.hosts.ldap1?.access.become).toEqual({
      method: 'sudo',
      user: 'root',
      password: 'env:SUDO_PASSWORD',
    });
  });

  it('says so when groups go in a circle', async () => {
    const { inventory, problems } = await loadInventory(`${cases}broken/circle.yml`);
    expect(inventory).toBeUndefined();
    expect(problems.map((problem) => problem.message)).toEqual(['the groups go in a circle: a > b > c > a']);
  });
});

describe('a directory', () => {
  it('is read as one inventory, file by file, without the files that Ansible skips', async () => {
    const { inventory } = await load('directory');
    expect(inventory.groups).toMatchObject({
      all: ['ldap1', 'ldap2', 'mail1'],
      pool: ['ldap1', 'ldap2', 'mail1'],
      site_b: ['ldap1', 'ldap2'],
    });
    expect(inventory.hosts.ldap1?.vars).toEqual({ site: 'a', suffix: 'dc=example,dc=com' });
    expect(inventory.files.map((file) => file.slice(cases.length))).toEqual([
      'directory/01-masters',
      'directory/02-sites.yaml',
      'directory/03-pool',
      'directory/group_vars/masters.yml',
    ]);
  });
});

describe('other sources', () => {
  it('takes a list of hosts, with ranges and ports', async () => {
    const { inventory } = await loadInventory('ldap[1:2],gate:2222,');
    expect(inventory?.groups.all).toEqual(['ldap1', 'ldap2', 'gate']);
    expect(inventory?.hosts.gate?.access).toEqual({ port: 2222 });
  });

  it('asks the lab where its inventory is', async () => {
    const { inventory } = await loadInventory('lab:pool', (name) => `${cases}native/${name}.yaml`);
    expect(inventory?.source).toBe('lab:pool');
    expect(Object.keys(inventory?.hosts ?? {})).toContain('ldap1');
  });

  it('says what is wrong with a path that is not there', async () => {
    const { inventory, problems } = await loadInventory('/nowhere/hosts');
    expect(inventory).toBeUndefined();
    expect(problems[0]?.message).toBe(
      'the inventory /nowhere/hosts cannot be read: there is no such file or directory',
    );
  });
});

describe('passwords in clear text', () => {
  it('become secrets, in the way in and in the variables', async () => {
    const { inventory, problems } = await load('secrets.ini');
    const host = inventory.hosts.ldap1;
    expect(host?.access.password).toBeInstanceOf(Secret);
    expect(host?.access.password instanceof Secret && host.access.password.reveal()).toBe('hunter 2');
    expect(host?.vars.ldap_admin_password).toBeInstanceOf(Secret);
    expect(host?.vars.nested).toEqual({ token: new Secret('var token', 'x'), other: 'y' });
    expect(problems.map((problem) => `${problem.line} ${problem.path}`)).toEqual(['2 ansible_password']);
    expect(JSON.stringify([inventory, problems])).not.toMatch(/hunter|s3cr3t/);
  });
});
