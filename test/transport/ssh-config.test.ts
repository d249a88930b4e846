import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atMost } from '../../src/transport/at-most.ts';
import { createSshConfig } from '../../src/transport/ssh-config.ts';
import { matteringConfig } from '../../src/transport/ssh-config-scan.ts';

let home = '';
let file = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh-config-'));
  mkdirSync(join(home, '.ssh'));
  file = join(home, '.ssh', 'config');
});
afterEach(() => rmSync(home, { recursive: true }));

const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: '/run/agent' };
const open = (more: { readonly ssh?: string } = {}) =>
  createSshConfig({ file, home, env, user: 'alice', ...more });

/** A stand-in for ssh that notes how often it ran, and how many ran at once. */
function countingSsh(body: string): { readonly ssh: string; readonly calls: () => string[] } {
  const ssh = join(home, 'ssh');
  const log = join(home, 'log');
  writeFileSync(ssh, `#!/bin/sh\necho "$*" >> ${log}\n${body}\n`);
  chmodSync(ssh, 0o755);
  return { ssh, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) };
}

describe('the ssh configuration', () => {
  it('is read as ssh itself reads it', async () => {
    writeFileSync(join(home, 'key one'), '');
    writeFileSync(
      file,
      `Host ldap*\n HostName %h.example.com\n User adm\n Port 2201\n IdentityFile "${home}/key one"\n IdentityFile ${home}/none\n` +
        ` IdentityAgent ${home}/agent\n ProxyJump gate,u@g2:33\n UserKnownHostsFile ${home}/kh "${home}/k h"\n HostKeyAlias pool\n IdentitiesOnly yes\n`,
    );
    expect(await open()({ host: 'ldap1' })).toEqual({
      hostname: 'ldap1.example.com',
      user: 'adm',
      port: 2201,
      identityFiles: [`${home}/key one`],
      agent: `${home}/agent`,
      jump: ['gate', 'u@g2:33'],
      userKnownHosts: [`${home}/kh`, `${home}/k h`],
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      hostKeyAlias: 'pool',
      identitiesOnly: true,
    });
  });

  it('says how long a silent host is waited for', async () => {
    writeFileSync(file, 'Host ldap1\n ServerAliveInterval 2\n ServerAliveCountMax 4\n ConnectTimeout 7\n');
    expect(await open()({ host: 'ldap1' })).toMatchObject({
      keepaliveMs: 2000,
      keepaliveTries: 4,
      connectTimeoutMs: 7000,
    });
    const other = await open()({ host: 'ldap2' });
    expect(Object.keys(other)).not.toContain('keepaliveMs');
    expect(Object.keys(other)).not.toContain('keepaliveTries');
    expect(Object.keys(other)).not.toContain('connectTimeoutMs');
  });

  it.each(['ServerAliveInterval 5', 'ServerAliveCountMax 5', 'ConnectTimeout 5'])(
    'with %s alone is worth asking ssh about',
    async (line) => {
      writeFileSync(file, `${line}\n`);
      expect(await matteringConfig([file], home)).toBe(true);
    },
  );

  it('yields to what the inventory says, which Match can see', async () => {
    writeFileSync(file, `Match user bob\n HostName bobs\nHost *\n Port 2201\n User adm\n`);
    expect(await open()({ host: 'ldap1', user: 'bob', port: 44 })).toMatchObject({
      hostname: 'bobs',
      user: 'bob',
      port: 44,
    });
    expect(await open()({ host: 'ldap1' })).toMatchObject({ hostname: 'ldap1', user: 'adm', port: 2201 });
  });

  it('gives the defaults, and starts no process, where nothing is configured', async () => {
    writeFileSync(file, 'Host *\n SendEnv LANG\n HashKnownHosts yes\n');
    writeFileSync(join(home, '.ssh', 'id_rsa'), '');
    writeFileSync(join(home, '.ssh', 'id_ed25519'), '');
    const { ssh, calls } = countingSsh('exit 1');
    expect(await open({ ssh })({ host: 'ldap1' })).toEqual({
      hostname: 'ldap1',
      user: 'alice',
      port: 22,
      identityFiles: [`${home}/.ssh/id_ed25519`, `${home}/.ssh/id_rsa`],
      agent: '/run/agent',
      userKnownHosts: [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`],
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      identitiesOnly: false,
    });
    expect(calls()).toEqual([]);
  });

  it('gives the defaults where there is no ssh', async () => {
    writeFileSync(file, 'Host *\n Port 2201\n');
    expect(await open({ ssh: join(home, 'no-ssh') })({ host: 'ldap1' })).toMatchObject({
      hostname: 'ldap1',
      port: 22,
    });
  });

  it('is an error, with what ssh said, when ssh refuses it', async () => {
    writeFileSync(file, 'Host *\n Port many\n');
    await expect(open()({ host: 'ldap1' })).rejects.toThrow(
      /ldap1: ssh -G ldap1 failed: .*line 2: Bad number "many"|ldap1: ssh -G ldap1 failed: .*line 2/,
    );
  });

  it('asks ssh once for each host, and never takes a name for an option', async () => {
    writeFileSync(file, 'Port 2201\n');
    const { ssh, calls } = countingSsh('echo "port 2201"');
    const config = open({ ssh });
    await Promise.all(['a', 'b', 'a', 'a'].map((host) => config({ host })));
    expect(calls().sort()).toEqual([`-G -F ${file} -- a`, `-G -F ${file} -- b`]);
    await expect(config({ host: '-oProxyCommand=x' })).rejects.toThrow(/cannot begin with "-"/);
  });
});

describe('a gate', () => {
  it('lets as many through at once as it says, the others in order, also after a failure', async () => {
    const pass = atMost(2);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const work = (index: number) =>
      pass(async () => {
        started.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (index === 0) throw new Error('failed');
        return index;
      });
    const all = Promise.allSettled([0, 1, 2, 3].map(work));
    expect(started).toEqual([0, 1]);
    for (const expected of [
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]) {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      expect(started).toEqual(expected);
    }
    expect((await all).map((end) => end.status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('whether ssh must be asked', () => {
  const matters = (text: string): Promise<boolean> => {
    writeFileSync(file, text);
    return matteringConfig([file], home);
  };

  it.each(['User adm', 'Match all', '  proxyjump=gate', 'Host x\n\tHostName y', 'CanonicalizeHostname yes'])(
    '%j: yes',
    async (text) => {
      expect(await matters(text)).toBe(true);
    },
  );

  it.each(['', '# User adm', 'Host *\n  SendEnv LANG\n', 'Include none/*.conf'])('%j: no', async (text) => {
    expect(await matters(text)).toBe(false);
  });

  it('looks into included files', async () => {
    writeFileSync(join(home, '.ssh', 'pool.conf'), 'Host *\n Port 2201\n');
    expect(await matters('Include *.conf\n')).toBe(true);
    expect(await matters('Include ~/.ssh/pool.conf\n')).toBe(true);
  });
});
