import { describe, expect, test } from 'vitest';
import { shellArgv, shellOn } from '../../src/cli/host-shell.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { Target } from '../../src/transport/transport.ts';

const target = (name: string, more: Partial<Target> = {}): Target => ({
  name,
  address: `${name}.example.com`,
  port: 22,
  user: 'root',
  transport: 'ssh2',
  identityFiles: [],
  knownHostsFiles: ['/home/me/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
  ...more,
});

/** Options of ssh by their name. */
function optionsOf(argv: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  argv.forEach((word, index) => {
    if (argv[index - 1] !== '-o') return;
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    found[name] = [...(found[name] ?? []), value];
  });
  return found;
}

describe('a shell on a host', () => {
  test('is entered as the same user, at the same port, with the same keys, and by no configuration of its own', () => {
    expect(
      shellArgv(target('ldap1', { user: 'admin', port: 2222, identityFiles: ['/k/one', '/k/two'] })),
    ).toEqual([
      'ssh',
      ...['-F', 'none', '-l', 'admin', '-p', '2222'],
      ...['-o', 'IdentityFile="/k/one"', '-o', 'IdentityFile="/k/two"'],
      ...['-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'],
      ...['-o', 'UserKnownHostsFile="/home/me/.ssh/known_hosts" "/etc/ssh/ssh_known_hosts"'],
      ...['-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=ask'],
      ...['--', 'ldap1.example.com'],
    ]);
  });

  test('has the agent, the alias of the host key and the patience that lockstep has', () => {
    const argv = shellArgv(
      target('ldap1', {
        agent: '/run/agent 1',
        hostKeyAlias: 'ldap',
        connectTimeoutMs: 4500,
        keepaliveMs: 15_000,
        keepaliveTries: 4,
      }),
    );
    expect(optionsOf(argv)).toMatchObject({
      IdentityAgent: ['"/run/agent 1"'],
      IdentitiesOnly: ['no'],
      HostKeyAlias: ['ldap'],
      ConnectTimeout: ['5'],
      ServerAliveInterval: ['15'],
      ServerAliveCountMax: ['4'],
    });
  });

  test('knows no host key where lockstep knows none', () => {
    expect(optionsOf(shellArgv(target('ldap1', { knownHostsFiles: [] })))['UserKnownHostsFile']).toEqual([
      '"/dev/null"',
    ]);
  });

  test('leads over jump hosts with their own users and keys, the outermost first', () => {
    const argv = shellArgv(
      target('ldap1', {
        port: 2022,
        jump: [
          target('gate', { user: 'me', identityFiles: ['/k/gate'] }),
          target('inner', { user: 'you', port: 222, identityFiles: ["/k/it's 100%"] }),
        ],
      }),
    );
    const [inner = ''] = optionsOf(argv)['ProxyCommand'] ?? [];
    expect(inner).toMatch(/^'ssh' '-F' 'none' '-l' 'you' '-p' '222' /);
    expect(inner).toMatch(/'-W' '\[ldap1\.example\.com\]:2022' '--' 'inner\.example\.com'$/);
    // As ssh undoes it: each level once for the command, once more for the path.
    expect(inner).toContain(`'IdentityFile="/k/it'"'"'s 100%%%%"'`);
    expect(inner).toContain(`'"'"'-l'"'"' '"'"'me'"'"'`);
    expect(inner).toContain(`'"'"'[inner.example.com]:222'"'"' '"'"'--'"'"' '"'"'gate.example.com'"'"'`);
    expect(argv.slice(-2)).toEqual(['--', 'ldap1.example.com']);
  });

  test('never has a secret in its argv', () => {
    const secret = (name: string) => new Secret(name, `clear-${name}`);
    const secrets = {
      password: secret('login'),
      passphrase: secret('key'),
      become: { method: 'sudo' as const, password: secret('sudo') },
    };
    const argv = shellArgv(target('ldap1', { ...secrets, jump: [target('gate', secrets)] }));
    expect(argv.join('\n')).not.toContain('clear-');
  });

  test('on this machine is a shell, and no ssh', () => {
    expect(shellArgv(target('here', { transport: 'local' }), '/bin/bash')).toEqual(['/bin/bash']);
    expect(shellArgv(target('here', { transport: 'local' }))).toEqual(['sh']);
  });

  test.each(['/k/${HOME}', '/k/two\nlines'])('is refused where ssh has no way to name a file: %j', (file) => {
    expect(() => shellArgv(target('ldap1', { identityFiles: [file] }))).toThrow('cannot be named to ssh');
  });
});

test('a shell on a host of the inventory asks for no secret, though lockstep itself would need one', async () => {
  const ldap1 = {
    name: 'ldap1',
    address: 'ldap1.example.com',
    platform: '',
    groups: [],
    vars: {},
    access: { user: 'admin', port: 2222, password: 'env:LOCKSTEP_TEST_UNSET', knownHosts: '/k/known' },
  };
  const argv = await shellOn({ hosts: { ldap1 } }, 'ldap1', { LOCKSTEP_SSH_CONFIG: '/dev/null' });
  expect(argv).toEqual(expect.arrayContaining(['-l', 'admin', '-p', '2222']));
  expect(argv.at(-1)).toBe('ldap1.example.com');
  expect(optionsOf(argv)['UserKnownHostsFile']?.[0]).toMatch(/^"\/k\/known"/);
  await expect(shellOn({ hosts: {} }, 'ldap1')).rejects.toThrow('the inventory has no host ldap1');
});
