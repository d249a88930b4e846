import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult, Exit } from '../../src/engine/ports.ts';
import type { Secret } from '../../src/secrets/secret.ts';
import { createSecretCache, fetchSecret, type SecretPorts } from '../../src/secrets/sources.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ports = (more: Partial<SecretPorts> = {}): SecretPorts => ({
  env: { PATH: process.env.PATH, ...more.env },
  ...withoutEnv(more),
});
function withoutEnv({ env: _, ...rest }: Partial<SecretPorts>): Omit<Partial<SecretPorts>, 'env'> {
  return rest;
}
const result = (exit: Exit, stdout: string): CommandResult => ({
  exit,
  stdout,
  stderr: '',
  truncated: false,
  durationMs: 1,
});
const value = async (from: string, more?: Partial<SecretPorts>): Promise<string> =>
  (await fetchSecret('pw', [from], ports(more))).reveal();

describe('a secret', () => {
  it('comes from the environment', async () => {
    expect(await value('env:PW', { env: { PW: ' as it is \n' } })).toBe(' as it is \n');
  });

  it('comes from a file, without its last line end, with a warning when others can read it', async () => {
    const file = join(folder, 'pw');
    writeFileSync(file, 'two\nlines\n');
    chmodSync(file, 0o600);
    const warnings: string[] = [];
    const warn = (line: string): void => void warnings.push(line);
    expect(await value(`file:${file}`, { warn })).toBe('two\nlines');
    expect(warnings).toEqual([]);
    chmodSync(file, 0o640);
    expect(await value(`file:${file}`, { warn })).toBe('two\nlines');
    expect(warnings).toEqual([`${file}: others can reach this secret (mode 0640); run: chmod 600 ${file}`]);
  });

  it('comes from a person', async () => {
    expect(await value('ask:Replication password', { ask: async (prompt) => `answer to ${prompt}` })).toBe(
      'answer to Replication password',
    );
  });

  it('comes from a local program that no shell sees', async () => {
    expect(await value('command:printf "%s;%s" $HOME "a  b"')).toBe('$HOME;a  b');
    expect(await value('command:echo one')).toBe('one');
  });

  it('comes from a host', async () => {
    const asked: (readonly string[])[] = [];
    const probe = async (argv: readonly string[]): Promise<CommandResult> => {
      asked.push(argv);
      return result({ kind: 'exited', code: 0 }, 'from host\n');
    };
    expect(await value('host:zmlocalconfig -s -m nokey ldap_root_password', { probe })).toBe('from host');
    expect(asked).toEqual([['zmlocalconfig', '-s', '-m', 'nokey', 'ldap_root_password']]);
  });

  it('is made up anew each time it is generated', async () => {
    const [one, two] = [await value('generate:32'), await value('generate:32')];
    expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(two).not.toBe(one);
  });

  it('comes from the first source that has one', async () => {
    const asked: string[] = [];
    const ask = async (prompt: string): Promise<string> => {
      asked.push(prompt);
      return 'typed';
    };
    const from = ['env:NONE', 'env:EMPTY', 'env:PW', 'ask:Never'];
    const secret = await fetchSecret('pw', from, ports({ env: { EMPTY: '', PW: 'clear' }, ask }));
    expect([secret.name, secret.reveal(), asked]).toEqual(['pw', 'clear', []]);
  });

  it('that no source gives is an error that tells what each said, and no value', async () => {
    const probe = async (): Promise<CommandResult> =>
      result({ kind: 'killed', signal: 'SIGKILL' }, 'hunter2');
    const script = join(folder, 'fails');
    writeFileSync(script, '#!/bin/sh\necho hunter2\necho vault is sealed >&2\nexit 3\n');
    chmodSync(script, 0o755);
    const from = [
      'env:PW',
      `file:${folder}/none`,
      'ask:x',
      'command:no-such-program',
      `command:${script}`,
      'host:x',
      'generate:2',
      'vault:x',
      'env',
      "command:'x",
    ];
    const failure = await fetchSecret('pw', from, ports({ probe })).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'SecretError', next: expect.stringMatching(/./) });
    const message = failure instanceof Error ? failure.message : '';
    expect(message.split('; ')).toEqual([
      'secret pw: no source gave it: env:PW is not set',
      `file:${folder}/none is not there`,
      'ask:x cannot be asked without a terminal',
      'command:no-such-program is no program here',
      `command:${script} ended with 3: vault is sealed`,
      'host:x was killed by SIGKILL',
      'generate:2 must name 16 to 1024 bytes',
      'vault:x is none of env:, file:, ask:, command:, host:, localconfig:, generate:',
      'env is none of env:, file:, ask:, command:, host:, localconfig:, generate:',
      "command:'x cannot be read: a ' is never closed",
    ]);
    expect(message).not.toContain('hunter2');
  });
});

describe('the cache of a run', () => {
  it('fetches once for all who wait, and tells of it once', async () => {
    let asked = 0;
    const fetched: Secret[] = [];
    const ask = async (): Promise<string> => {
      asked += 1;
      return `answer ${asked}`;
    };
    const secrets = createSecretCache(
      () => ports({ ask }),
      (secret) => void fetched.push(secret),
    );
    const [one, two] = await Promise.all([
      secrets('pw', ['ask:x'], 'ldap1'),
      secrets('pw', ['ask:x'], 'ldap2'),
    ]);
    expect([one.reveal(), two.reveal(), asked, fetched]).toEqual(['answer 1', 'answer 1', 1, [one]]);
  });

  it('keeps one value a host for what a host gives', async () => {
    const secrets = createSecretCache(
      (host) => ports({ probe: async () => result({ kind: 'exited', code: 0 }, `of ${host}`) }),
      () => {},
    );
    const found = await Promise.all(
      ['a', 'b', 'a'].map(async (host) => (await secrets('pw', ['host:x'], host)).reveal()),
    );
    expect(found).toEqual(['of a', 'of b', 'of a']);
  });

  it('asks again after a failure', async () => {
    const answers = [undefined, 'second'];
    const secrets = createSecretCache(
      () => ports({ ask: async () => answers.shift() }),
      () => {},
    );
    await expect(secrets('pw', ['ask:x'])).rejects.toThrow('ask:x got no answer');
    expect((await secrets('pw', ['ask:x'])).reveal()).toBe('second');
  });
});

describe('a secret of a localconfig.xml', () => {
  const found = {
    host: 'ldap1',
    file: '/opt/zimbra/conf/localconfig.xml',
    values: new Map([['ldap_url', 'ldap://a b']]),
  };
  const localconfig = async () => found;

  it('is the value of its key, blanks and all', async () => {
    expect(await value('localconfig:ldap_url', { localconfig })).toBe('ldap://a b');
  });

  it('that is not set there is told with key, file and host', async () => {
    await expect(value('localconfig:ldap_root_password', { localconfig })).rejects.toThrow(
      'secret pw: no source gave it: localconfig:ldap_root_password cannot be had: ldap_root_password is not set in ' +
        '/opt/zimbra/conf/localconfig.xml on ldap1',
    );
  });

  it('is none where there is no host, and another source may give it', async () => {
    const failure = value('localconfig:ldap_url');
    await expect(failure).rejects.toThrow('localconfig:ldap_url needs a host, and there is none here');
    const from = ['localconfig:nothing', 'env:PW'];
    const secret = await fetchSecret('pw', from, ports({ localconfig, env: { PW: 'of env' } }));
    expect(secret.reveal()).toBe('of env');
  });

  it('is one a host', async () => {
    const secrets = createSecretCache(
      (host) => ports({ localconfig: async () => ({ ...found, values: new Map([['key', `of ${host}`]]) }) }),
      () => {},
    );
    const got = await Promise.all(
      ['a', 'b', 'a'].map(async (host) => (await secrets('pw', ['localconfig:key'], host)).reveal()),
    );
    expect(got).toEqual(['of a', 'of b', 'of a']);
  });
});
