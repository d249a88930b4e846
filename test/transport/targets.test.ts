import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransportError } from '../../src/engine/ports.ts';
import type { Access, InventoryHost } from '../../src/inventory/model.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { fetchSecret } from '../../src/secrets/sources.ts';
import type { SshConfig, SshSettings } from '../../src/transport/ssh-config.ts';
import { toTarget } from '../../src/transport/targets.ts';
import type { Target } from '../../src/transport/transport.ts';

let folder = '';
let key = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'targets-'));
  key = join(folder, 'key');
  writeFileSync(key, 'x', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const host = (name: string, access: Access = {}): InventoryHost => ({
  name,
  address: `${name}.example.com`,
  platform: '',
  groups: [],
  vars: {},
  access,
});

function config(more: Partial<SshSettings> = {}): SshConfig {
  return async (query) => ({
    hostname: query.host,
    user: query.user ?? 'me',
    port: query.port ?? 22,
    identityFiles: [],
    agent: '/run/agent',
    userKnownHosts: ['/home/me/.ssh/known_hosts'],
    globalKnownHosts: ['/etc/ssh/ssh_known_hosts'],
    identitiesOnly: false,
    ...more,
  });
}

function target(hosts: readonly InventoryHost[], sshConfig: SshConfig = config()): Promise<Target> {
  const [first] = hosts;
  if (!first) throw new Error('no host');
  const inventory = { hosts: Object.fromEntries(hosts.map((each) => [each.name, each])) };
  return toTarget(
    first,
    inventory,
    sshConfig,
    async (reference, name) => new Secret(name, `value of ${reference}`),
  );
}

describe('a target', () => {
  it('has the defaults of ssh where the inventory says nothing', async () => {
    expect(await target([host('ldap1')])).toEqual({
      name: 'ldap1',
      address: 'ldap1.example.com',
      port: 22,
      user: 'me',
      transport: 'ssh2',
      identityFiles: [],
      agent: '/run/agent',
      knownHostsFiles: ['/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
    });
  });

  it('is what the inventory says, over ssh', async () => {
    const access: Access = {
      address: '10.0.0.1',
      port: 2201,
      user: 'root',
      identityFile: key,
      knownHosts: '/kh',
      receipts: '/var/r',
      password: 'env:PW',
      become: { method: 'su', user: 'zimbra', password: new Secret('pw', 'x') },
    };
    const made = await target(
      [host('ldap1', access)],
      config({
        hostname: 'real.example.com',
        hostKeyAlias: 'pool',
        identityFiles: ['/other'],
        keepaliveMs: 2000,
        keepaliveTries: 2,
        connectTimeoutMs: 4000,
      }),
    );
    expect(made).toMatchObject({
      address: 'real.example.com',
      port: 2201,
      user: 'root',
      identityFiles: [key],
      hostKeyAlias: 'pool',
      keepaliveMs: 2000,
      keepaliveTries: 2,
      connectTimeoutMs: 4000,
      receipts: '/var/r',
      knownHostsFiles: ['/kh', '/etc/ssh/ssh_known_hosts'],
      become: { method: 'su', user: 'zimbra' },
    });
    expect(made.password instanceof Secret && made.password.reveal()).toBe('value of env:PW');
  });

  it('leaves the agent out where IdentitiesOnly names keys of its own', async () => {
    const only = config({ identitiesOnly: true });
    expect(await target([host('ldap1', { identityFile: key })], only)).not.toHaveProperty('agent');
    expect(await target([host('ldap1')], only)).toHaveProperty('agent', '/run/agent');
  });

  it('needs no ssh on this machine itself', async () => {
    const never: SshConfig = () => Promise.reject(new Error('asked'));
    expect(await target([host('here', { transport: 'local' })], never)).toMatchObject({
      transport: 'local',
      identityFiles: [],
    });
  });

  it('takes the jump hosts of the inventory, flattened, outermost first', async () => {
    const made = await target([
      host('ldap1', { jump: ['inner', 'u@[2001:db8::1]:33'] }),
      host('inner', { jump: ['gate'], user: 'inside' }),
      host('gate', { port: 2222, jump: [] }),
    ]);
    expect(made.jump?.map(({ name, address, port, user }) => [name, address, port, user])).toEqual([
      ['gate', 'gate.example.com', 2222, 'me'],
      ['inner', 'inner.example.com', 22, 'inside'],
      ['u@[2001:db8::1]:33', '2001:db8::1', 33, 'u'],
    ]);
    expect(made.jump?.every((hop) => hop.jump === undefined)).toBe(true);
  });

  it('takes the jump of ssh_config, also when it is a ProxyCommand of the old form', async () => {
    const through =
      (settings: Partial<SshSettings>): SshConfig =>
      async (query) =>
        config(query.host === 'ldap1.example.com' ? settings : {})(query);
    expect((await target([host('ldap1')], through({ jump: ['g'] }))).jump?.map((hop) => hop.address)).toEqual(
      ['g'],
    );
    const old = through({ proxyCommand: 'ssh -q -W %h:%p -p 2222 u@gate' });
    expect((await target([host('ldap1')], old)).jump).toMatchObject([
      { address: 'gate', port: 2222, user: 'u' },
    ]);
    expect((await target([host('ldap1', { jump: [] })], old)).jump).toBeUndefined();
    await expect(target([host('ldap1')], through({ proxyCommand: 'nc -X 5 %h %p' }))).rejects.toThrow(
      /ldap1: .*ProxyCommand/,
    );
  });

  it('does not jump through itself when a default for all names it', async () => {
    const jump = ['gate', 'inner'];
    expect((await target([host('gate', { jump }), host('inner', { jump })])).jump).toBeUndefined();
    expect(
      (await target([host('inner', { jump }), host('gate', { jump })])).jump?.map((hop) => hop.name),
    ).toEqual(['gate']);
  });

  it('is refused when its jump hosts go in a circle', async () => {
    await expect(target([host('a', { jump: ['b'] }), host('b', { jump: ['a'] })])).rejects.toThrow(
      'a: its jump hosts go in a circle: a > b > a',
    );
  });

  it('is refused when its key is missing or others can read it, naming host and file', async () => {
    await expect(target([host('ldap1', { identityFile: '/none/key' })])).rejects.toThrow(
      'ldap1: the private key /none/key is not there',
    );
    const open = join(folder, 'open');
    writeFileSync(open, 'x');
    chmodSync(open, 0o644);
    const refused = await target([host('ldap1', { identityFile: open })]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TransportError);
    expect(refused).toMatchObject({
      kind: 'refused',
      host: 'ldap1',
      message: `ldap1: the private key ${open} can be read by others (mode 0644)`,
      next: `Run: chmod 600 ${open}`,
    });
    expect((await target([host('ldap1')], config({ identityFiles: [open, key] }))).identityFiles).toEqual([
      key,
    ]);
    await expect(
      toTarget(
        host('ldap1'),
        { hosts: {} },
        async (query) => {
          const { agent: _, ...rest } = await config({ identityFiles: [open] })(query);
          return rest;
        },
        async () => new Secret('n', 'v'),
      ),
    ).rejects.toThrow(/the only private key/);
  });

  it('is refused when a password has no source, naming the source', async () => {
    const none = async (reference: string, name: string): Promise<Secret> =>
      fetchSecret(name, [reference], { env: {} });
    await expect(
      toTarget(host('ldap1', { password: 'env:NONE' }), { hosts: {} }, config(), none),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: 'ldap1: secret login-password: no source gave it: env:NONE is not set',
      next: 'Give env:NONE a value.',
    });
  });

  it('is refused when a setting could not be read', async () => {
    const unusable = { address: 'ansible_host is a Jinja template (hosts:3)' };
    await expect(target([host('ldap1', { unusable })])).rejects.toThrow(
      /ldap1: how to reach it is not known: .*hosts:3/,
    );
  });
});
