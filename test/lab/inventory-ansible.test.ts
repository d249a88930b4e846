/** Holds our reading of Ansible's inventories to `ansible-inventory`'s own. Needs ansible-core; without it, it fails. */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { Secret } from '../../src/secrets/secret.ts';

interface Listing {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly [group: string]: unknown;
}

let folder = '';
const env = { ...process.env, LC_ALL: 'C.UTF-8', ANSIBLE_VAULT_PASSWORD_FILE: '' };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  cpSync(new URL('../inventory/cases/', import.meta.url), folder, { recursive: true });
  env.ANSIBLE_VAULT_PASSWORD_FILE = join(folder, 'vault-password');
  writeFileSync(env.ANSIBLE_VAULT_PASSWORD_FILE, 'only for this test\n', { mode: 0o600 });
  writeFileSync(join(folder, 'nested/group_vars/all/vault.yml'), 'vault_become_password: deep\n');
  const vault = (...args: string[]): string => execFileSync('ansible-vault', args, { env, encoding: 'utf8' });
  vault('encrypt', join(folder, 'nested/group_vars/all/vault.yml'));
  const text = readFileSync(join(folder, 'nested/host_vars/ldap1.yml'), 'utf8');
  const plain = text.slice(text.indexOf('lockstep_become_password'));
  const value = vault('encrypt_string', '--name', 'ldap_root_password', 'deeper');
  writeFileSync(join(folder, 'nested/host_vars/ldap1.yml'), `${value.trimEnd()}\n${plain}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listing(path: string): Promise<Listing> {
  const { stdout } = await promisify(execFile)('ansible-inventory', ['-i', path, '--list'], {
    env,
    cwd: folder,
  });
  return JSON.parse(stdout) as Listing;
}

/** Hosts of a group in Ansible's listing, children included. */
function membersOf(list: Listing, name: string): Set<string> {
  const group = (list[name] ?? {}) as {
    readonly hosts?: readonly string[];
    readonly children?: readonly string[];
  };
  return new Set([
    ...(group.hosts ?? []),
    ...(group.children ?? []).flatMap((child) => [...membersOf(list, child)]),
  ]);
}

/** Clear text of what lockstep veils, to compare it. */
function unveil(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(unveil);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unveil(item)]));
}

describe("our reading of Ansible's inventories is Ansible's own", () => {
  it.each<[string, readonly string[]]>([
    ['classic/hosts', []],
    ['directory', []],
    ['wild/hosts', []],
    ['secrets.ini', []],
    [
      'nested/hosts.yml',
      ['ansible_become_password', 'motd', 'structure', 'list', 'ldap_root_password', 'vault_become_password'],
    ],
  ])('%s', async (name, absent) => {
    const path = join(folder, name);
    const [list, { inventory, problems }] = await Promise.all([listing(path), loadInventory(path)]);
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
    if (!inventory) throw new Error('no inventory');
    const groups = Object.keys(list).filter((group) => group !== '_meta');
    for (const group of [...groups, ...Object.keys(inventory.groups)]) {
      expect([group, new Set(inventory.groups[group])]).toEqual([group, membersOf(list, group)]);
    }
    for (const host of Object.values(inventory.hosts)) {
      const theirs = Object.fromEntries(
        Object.entries(list._meta.hostvars[host.name] ?? {}).filter(
          ([key]) => !absent.includes(key) && key !== 'unsafe',
        ),
      );
      const ours = Object.fromEntries(
        Object.entries(host.vars).filter(([key]) => !absent.includes(key) && key !== 'unsafe'),
      );
      expect([host.name, unveil(ours)]).toEqual([host.name, theirs]);
    }
    const known = Object.values(list._meta.hostvars).flatMap((vars) => Object.keys(vars));
    for (const variable of absent) expect(known).toContain(variable);
  });
});
