import { chmodSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../src/actions/read-certificate.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { certificates } from '../certificates.ts';
import { localPorts } from './local-ports.ts';
import { scriptedPorts } from './ports.ts';

const DAY = 86_400_000;
const me = userInfo().username;
/** Somebody who is not root, for whom the modes of files count; where the tests are not root that is who runs them. */
const mortal = process.getuid?.() === 0 ? 'nobody' : me;

/** An authority, `ldap1.pem` with its key, which everybody may read, and the parameters that name them. */
function made(san = 'DNS:ldap1.example.org,IP:10.0.0.1') {
  const files = certificates();
  files.authority('ca');
  files.sign('ldap1', 'ca', { san });
  chmodSync(files.path('ldap1.key'), 0o644);
  const params = {
    file: files.path('ldap1.pem'),
    authority: files.path('ca.pem'),
    key: files.path('ldap1.key'),
    user: me,
    name: 'ldap1.example.org',
  };
  return { files, params };
}

async function look(params: Parameters<typeof readCertificate.result>[0], now = Date.now()) {
  const checked = readCertificate.params.parse(params);
  const ports = { ...localPorts(), now: () => now };
  const facts = await readCertificate.read(checked, ports);
  return {
    lacking: readCertificate.lacking(checked, facts),
    result: readCertificate.result(checked, facts),
    ports,
  };
}

describe('read.certificate', () => {
  it('finds nothing wrong, and gives what later steps need', async () => {
    const { files, params } = made();
    const { lacking, result } = await look(params);
    expect(lacking).toBeUndefined();
    expect(result).toEqual({
      names: ['ldap1.example.org', '10.0.0.1'],
      not_after: expect.closeTo(Date.now() + 30 * DAY, -5),
      days: expect.toSatisfy((days) => days === 29 || days === 30),
      authority: files.text('ca.pem'),
    });
  });

  it('reads as another user than the one who runs it', async () => {
    const { params } = made();
    expect((await look({ ...params, user: mortal })).lacking).toBeUndefined();
  });

  it.each([
    [
      'the name is another',
      { name: 'ldap2.example.org' },
      'it is for ldap1.example.org, 10.0.0.1, not for ldap2.example.org',
    ],
    [
      'the address is another',
      { name: '10.0.0.2' },
      'it is for ldap1.example.org, 10.0.0.1, not for 10.0.0.2',
    ],
    ['it ends too soon', { days: 31 }, /^it holds for (?:29|30) more days$/],
    ['there is no such user', { user: 'nobody-has-this-name' }, 'there is no user nobody-has-this-name'],
  ] as const)('says so where %s', async (_, wrong, expected) => {
    const { params } = made();
    const { lacking } = await look({ ...params, ...wrong });
    expect(lacking?.slice(0, params.file.length + 2)).toBe(`${params.file}: `);
    expect(lacking?.slice(params.file.length + 2)).toMatch(expected);
  });

  it('says how long ago it expired, and from when it holds', async () => {
    const { params } = made();
    const later = await look(params, Date.now() + 35 * DAY);
    expect(later.lacking).toMatch(/: it expired [56] days ago$/);
    const before = await look(params, Date.UTC(2020, 0, 1));
    expect(before.lacking).toMatch(/: it does not hold before 20\d\d-.*Z$/);
  });

  it.each(['file', 'authority', 'key'] as const)('names the %s that is missing', async (which) => {
    const { params } = made();
    const { lacking } = await look({ ...params, [which]: '/nonexistent/x.pem' });
    expect(lacking).toMatch(/: \/nonexistent\/x\.pem is not there$/);
  });

  it('names the file that slapd’s user cannot read', async () => {
    const { params } = made();
    chmodSync(params.key, mortal === me ? 0o000 : 0o600);
    const { lacking } = await look({ ...params, user: mortal });
    expect(lacking).toBe(`${params.file}: ${params.key} cannot be read by ${mortal}`);
  });

  it('knows the key of another certificate, one that wants a password, and what is no key', async () => {
    const { files, params } = made();
    files.sign('other', 'ca');
    const { execFileSync } = await import('node:child_process');
    execFileSync(
      'openssl',
      ['ec', '-aes256', '-passout', 'pass:sesame', '-in', params.key, '-out', files.path('locked.key')],
      {
        stdio: 'pipe',
      },
    );
    expect((await look({ ...params, key: files.path('other.key') })).lacking).toMatch(
      /other\.key is not its key$/,
    );
    for (const key of ['locked.key', 'ca.pem'])
      expect((await look({ ...params, key: files.path(key) })).lacking).toMatch(
        /(?:locked\.key|ca\.pem) holds no key that opens without a password$/,
      );
  });

  it('knows an authority that did not sign it, and files that hold no certificate', async () => {
    const { files, params } = made();
    files.authority('stranger');
    expect((await look({ ...params, authority: files.path('stranger.pem') })).lacking).toMatch(
      /: nobody here has signed CN=ldap1 \(issuer CN=ca\)$/,
    );
    writeFileSync(files.path('empty.pem'), '');
    expect((await look({ ...params, authority: files.path('empty.pem') })).lacking).toMatch(
      /: \S+empty\.pem holds no certificate that can be read$/,
    );
    expect((await look({ ...params, file: files.path('empty.pem') })).lacking).toMatch(
      /empty\.pem: it holds no certificate that can be read$/,
    );
  });

  it('says all that is wrong at once', async () => {
    const { params } = made();
    expect((await look({ ...params, name: 'other' }, Date.now() + 40 * DAY)).lacking).toMatch(
      /: it is for .*, not for other; it expired \d+ days ago$/,
    );
  });

  it('brings no private key to the controller, though one stands in the same file', async () => {
    const { files, params } = made();
    const secret = files.text('ldap1.key').split('\n')[1] ?? '';
    for (const name of ['ldap1.pem', 'ca.pem'])
      writeFileSync(files.path(name), files.text('ldap1.key') + files.text(name));
    const spied: string[] = [];
    const ports = localPorts();
    const { probe } = ports;
    const told = Object.assign(ports, {
      now: Date.now,
      probe: async (command: Parameters<typeof probe>[0]) => {
        const result = await probe(command);
        spied.push(result.stdout, result.stderr, JSON.stringify(command));
        return result;
      },
    });
    const checked = readCertificate.params.parse(params);
    const facts = await readCertificate.read(checked, told);
    expect(readCertificate.lacking(checked, facts)).toBeUndefined();
    expect(secret.length).toBeGreaterThan(20);
    expect(spied.join('') + JSON.stringify(facts)).not.toContain(secret);
    expect(spied.join('')).not.toContain('PRIVATE KEY');
  });

  it('does not call it a wrong certificate when the command itself fails', async () => {
    const { params } = made();
    const ports = scriptedPorts([
      { probe: { script: /certificates/ }, gives: { code: 127, stderr: 'sh: sed: not found\n' } },
    ]);
    await expect(readCertificate.read(readCertificate.params.parse(params), ports)).rejects.toThrow(
      'reading the certificate exited 127; stderr: sh: sed: not found',
    );
  });

  it('takes absolute paths only, and no secret where it would be seen', () => {
    const { params } = made();
    const problem = (wrong: object) =>
      readCertificate.params.safeParse({ ...params, ...wrong }).error?.issues.map(({ message }) => message);
    expect(problem({ file: 'cert.pem' })?.[0]).toMatch(/must be an absolute path/);
    expect(problem({ user: new Secret('p', 'x') })?.[0]).toMatch(/would show the secret p/);
    expect(problem({ days: -1 })).toHaveLength(1);
    expect(problem({})).toBeUndefined();
  });
});
