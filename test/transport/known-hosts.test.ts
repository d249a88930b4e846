import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKnownHost } from '../../src/transport/add-known-host.ts';
import {
  checkHostKey,
  fingerprint,
  hostKeyAlgorithms,
  knownKeyTypes,
  loadKnownHosts,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts';

let folder = '';
const keys: Record<string, { line: string; blob: Buffer }> = {};
const key = (name: string): { line: string; blob: Buffer } => {
  const found = keys[name];
  if (!found) throw new Error(`no key ${name}`);
  return found;
};
const keygen = (...args: string[]): string =>
  execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe' });
const at = (host: string, port = 22) => ({ host, port });
const check = (text: string, lookup: { host: string; port: number; alias?: string }, name: string) =>
  checkHostKey(parseKnownHosts(text, 'kh'), lookup, key(name).blob);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  for (const [name, type] of [
    ['a', 'ed25519'],
    ['b', 'ed25519'],
    ['c', 'ecdsa'],
    ['r', 'rsa'],
  ] as const) {
    keygen('-q', '-t', type, '-N', '', '-f', join(folder, name));
    const [kind = '', base64 = ''] = readFileSync(join(folder, `${name}.pub`), 'utf8').split(' ');
    keys[name] = { line: `${kind} ${base64}`, blob: Buffer.from(base64, 'base64') };
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a host key', () => {
  it('is known by its plain name, whatever the case, and only by it', () => {
    const text = `# comment\n\nLdap1,10.0.0.1 ${key('a').line} root@ldap1\n`;
    expect(check(text, at('ldap1'), 'a')).toMatchObject({
      status: 'known',
      file: 'kh',
      line: 3,
      type: 'ssh-ed25519',
    });
    expect(check(text, at('10.0.0.1'), 'a').status).toBe('known');
    expect(check(text, at('ldap11'), 'a').status).toBe('unknown');
  });

  it('is changed when another key of its type is on file', () => {
    expect(check(`ldap1 ${key('a').line}`, at('ldap1'), 'b')).toMatchObject({
      status: 'changed',
      line: 1,
      sameType: true,
      onFile: fingerprint(key('a').blob),
    });
    expect(check(`ldap1 ${key('a').line}\nldap1 ${key('b').line}`, at('ldap1'), 'b')).toMatchObject({
      status: 'known',
      line: 2,
    });
  });

  it('is not taken for new when only a key of another type is on file', () => {
    expect(check(`ldap1 ${key('c').line}`, at('ldap1'), 'a')).toMatchObject({
      status: 'changed',
      sameType: false,
    });
  });

  it('counts for its port; one filed without port vouches for any port but accuses none', () => {
    expect(check(`[ldap1]:2222 ${key('a').line}`, at('ldap1', 2222), 'a').status).toBe('known');
    expect(check(`[ldap1]:2222 ${key('a').line}`, at('ldap1'), 'a').status).toBe('unknown');
    expect(check(`ldap1 ${key('a').line}`, at('ldap1', 2222), 'a').status).toBe('known');
    expect(check(`ldap1 ${key('a').line}`, at('ldap1', 2222), 'b').status).toBe('unknown');
    const both = `ldap1 ${key('a').line}\n[ldap1]:2222 ${key('b').line}`;
    expect(check(both, at('ldap1', 2222), 'a')).toMatchObject({ status: 'changed', line: 2 });
  });

  it('is matched by wildcards, and by none that a "!" takes out', () => {
    const text = `*.example.com,!old.example.com ${key('a').line}\n[*.example.com]:22?? ${key('b').line}`;
    expect(check(text, at('ldap1.example.com'), 'a').status).toBe('known');
    expect(check(text, at('old.example.com'), 'a').status).toBe('unknown');
    expect(check(text, at('x.example.com', 2201), 'b').status).toBe('known');
    expect(check('*exampleXcom ssh-x AAAA', at('example.com'), 'a').status).toBe('unknown');
  });

  it('that is revoked is refused even when another line knows it', () => {
    const text = `ldap1 ${key('a').line}\n@revoked * ${key('a').line}`;
    expect(check(text, at('ldap1'), 'a')).toMatchObject({ status: 'revoked', line: 2 });
    expect(check(text, at('ldap2'), 'a').status).toBe('revoked');
    expect(check(`@revoked * ${key('a').line}`, at('ldap1'), 'b').status).toBe('unknown');
  });

  it('is not vouched for by a certificate authority, which is counted', () => {
    expect(check(`@cert-authority *.example.com ${key('a').line}`, at('l.example.com'), 'a')).toMatchObject({
      status: 'unknown',
      authorities: 1,
    });
  });

  it('is looked up under its alias alone when it has one', () => {
    const text = `pool ${key('a').line}\nldap1 ${key('b').line}`;
    expect(check(text, { host: 'ldap1', port: 2222, alias: 'pool' }, 'a').status).toBe('known');
    expect(check(text, { host: 'ldap1', port: 22, alias: 'pool' }, 'b').status).toBe('changed');
  });

  it('has the fingerprint that ssh-keygen shows', () => {
    expect(keygen('-l', '-f', join(folder, 'c.pub'))).toContain(` ${fingerprint(key('c').blob)} `);
  });
});

describe('known_hosts files', () => {
  it('report the lines that cannot be read', () => {
    const { entries, skipped } = parseKnownHosts(
      `ldap1 ssh-ed25519 AAAA\n@odd x ${key('a').line}\nldap1 ${key('a').line}`,
      'kh',
    );
    expect(entries.map((entry) => entry.line)).toEqual([3]);
    expect(skipped.map((skip) => skip.line)).toEqual([1, 2]);
  });

  it('tell which key types to ask a server for first', () => {
    const known = parseKnownHosts(
      `ldap1 ${key('c').line}\nldap1 ${key('r').line}\n[ldap1]:2222 ${key('a').line}`,
      'kh',
    );
    expect(knownKeyTypes(known, at('ldap1'))).toEqual(['ecdsa-sha2-nistp256', 'ssh-rsa']);
    expect(knownKeyTypes(known, at('ldap1', 2222))).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(known, at('ldap1', 4444))).toEqual(['ecdsa-sha2-nistp256', 'ssh-rsa']);
    expect(knownKeyTypes(known, at('other'))).toEqual([]);
    expect(hostKeyAlgorithms(['ssh-rsa', 'ssh-ed25519'])).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
      'ssh-ed25519',
    ]);
  });

  it('are read one after the other; one that is not there is empty, one that is no file is an error', async () => {
    const first = join(folder, 'first');
    writeFileSync(first, `ldap1 ${key('a').line}\n`);
    const known = await loadKnownHosts([join(folder, 'none'), first]);
    expect(checkHostKey(known, at('ldap1'), key('a').blob)).toMatchObject({ status: 'known', file: first });
    await expect(loadKnownHosts([folder])).rejects.toThrow(/cannot be read/);
  });

  it('hashed by ssh-keygen -H are understood', async () => {
    const file = join(folder, 'hashed');
    writeFileSync(file, `ldap1 ${key('a').line}\n[ldap2]:2222 ${key('b').line}\n`);
    keygen('-H', '-f', file);
    expect(readFileSync(file, 'utf8')).not.toContain('ldap');
    const known = await loadKnownHosts([file]);
    expect(checkHostKey(known, at('LDAP1'), key('a').blob).status).toBe('known');
    expect(checkHostKey(known, at('ldap1'), key('b').blob).status).toBe('changed');
    expect(checkHostKey(known, at('ldap2', 2222), key('b').blob).status).toBe('known');
    expect(checkHostKey(known, at('ldap2'), key('b').blob).status).toBe('unknown');
  });
});

describe('adding a host key', () => {
  it('makes a private file that ssh-keygen finds the host in, and removes it from', async () => {
    const file = join(folder, 'new', 'known_hosts');
    await addKnownHost(file, at('Ldap1'), 'ssh-ed25519', key('a').blob);
    await addKnownHost(file, at('ldap1', 2222), 'ssh-ed25519', key('b').blob);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(keygen('-F', 'ldap1', '-f', file)).toContain(key('a').line);
    expect(keygen('-F', '[ldap1]:2222', '-f', file)).toContain(key('b').line);
    keygen('-R', 'ldap1', '-f', file);
    const known = await loadKnownHosts([file]);
    expect(checkHostKey(known, at('ldap1'), key('a').blob).status).toBe('unknown');
    expect(checkHostKey(known, at('ldap1', 2222), key('b').blob).status).toBe('known');
  });

  it('hashes the name where every other name is hashed', async () => {
    const file = join(folder, 'all-hashed');
    writeFileSync(file, `first ${key('a').line}\n`);
    keygen('-H', '-f', file);
    await addKnownHost(file, at('second', 2222), 'ssh-ed25519', key('b').blob);
    expect(readFileSync(file, 'utf8')).not.toContain('second');
    expect(keygen('-F', '[second]:2222', '-f', file)).toContain(key('b').line);
  });

  it('does not glue its line to one without a line end', async () => {
    const file = join(folder, 'torn');
    writeFileSync(file, `first ${key('a').line}`);
    await addKnownHost(file, at('second'), 'ssh-ed25519', key('b').blob);
    expect(readFileSync(file, 'utf8')).toBe(`first ${key('a').line}\nsecond ${key('b').line}\n`);
  });

  it('loses no line when many are added at once', async () => {
    const file = join(folder, 'many');
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        addKnownHost(file, at(`h${index}`), 'ssh-ed25519', key('a').blob),
      ),
    );
    const { entries, skipped } = await loadKnownHosts([file]);
    expect([new Set(entries.map((entry) => entry.hosts)).size, skipped.length]).toEqual([50, 0]);
  });
});
