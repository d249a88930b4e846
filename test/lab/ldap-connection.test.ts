import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DirectoryAddress, TransportError } from '../../src/engine/ports.ts';
import { type OpenDirectory, openDirectory, type Pipe } from '../../src/ldap/directory.ts';
import { LdapError } from '../../src/ldap/ldap-error.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { makeSlapd, peopleLdif, type Slapd } from '../slapd.ts';
import { pipeTo } from '../slapd-ports.ts';

const suffix = 'dc=example,dc=org';
const keys = mkdtempSync(join(tmpdir(), 'lockstep-tls-'));
let slapd: Slapd;

// Before the tests are listed, since their addresses hold the certificate.
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: keys, stdio: 'pipe' });
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-keyout',
  'ca.key',
  '-out',
  'ca.pem',
  '-days',
  '2',
  '-subj',
  '/CN=test CA',
);
openssl(
  'req',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-keyout',
  'key.pem',
  '-out',
  'csr.pem',
  '-subj',
  '/CN=localhost',
);
writeFileSync(join(keys, 'san'), 'subjectAltName=DNS:localhost');
openssl(
  'x509',
  '-req',
  '-in',
  'csr.pem',
  '-CA',
  'ca.pem',
  '-CAkey',
  'ca.key',
  '-CAcreateserial',
  '-out',
  'cert.pem',
  '-days',
  '2',
  '-extfile',
  'san',
);

/** A channel as a transport gives it: a Duplex that is no net.Socket. */
function plain(pipe: Pipe): Pipe {
  const wrap = async (opening: Promise<Duplex>) => {
    const socket = await opening;
    return Duplex.from({ readable: socket, writable: socket });
  };
  return { unix: (path, as) => wrap(pipe.unix(path, as)), tcp: (host, port) => wrap(pipe.tcp(host, port)) };
}

const password = new Secret('admin', 'admin-password');
const tcp = (tls: 'none' | 'starttls' | 'ldaps', host = 'localhost'): DirectoryAddress => ({
  kind: 'tcp',
  host,
  port: tls === 'ldaps' ? 636 : 389,
  tls,
  bindDn: `cn=admin,${suffix}`,
  password,
  ca: readFileSync(join(keys, 'ca.pem'), 'utf8'),
});

async function using<T>(
  directory: Promise<OpenDirectory>,
  act: (directory: OpenDirectory) => Promise<T>,
): Promise<T> {
  const open = await directory;
  try {
    return await act(open);
  } finally {
    await open.close();
  }
}

beforeAll(async () => {
  const file = (name: string) => join(keys, name);
  const global = [
    `olcTLSCACertificateFile: ${file('ca.pem')}`,
    `olcTLSCertificateFile: ${file('cert.pem')}`,
    `olcTLSCertificateKeyFile: ${file('key.pem')}`,
  ];
  slapd = await makeSlapd({ global, ldaps: true });
  await slapd.slapadd(peopleLdif(suffix, 20));
  await slapd.start();
});

afterAll(async () => {
  await slapd?.dispose();
  rmSync(keys, { recursive: true, force: true });
});

describe('openDirectory on a real slapd', () => {
  it.each([
    ['ldapi', { kind: 'ldapi', path: 'auto' } as const],
    ['tcp', tcp('none')],
    ['starttls', tcp('starttls')],
    ['ldaps', tcp('ldaps')],
  ])('reads over %s through a channel that is no socket', async (_, address) => {
    const entries = await using(openDirectory(address, plain(pipeTo(slapd))), (directory) =>
      directory.search({ base: suffix, attributes: ['1.1'] }),
    );
    expect(entries).toHaveLength(22);
  });

  it.each(['starttls', 'ldaps'] as const)(
    'refuses %s under a name that is not in the certificate',
    async (tls) => {
      const opening = openDirectory(tcp(tls, 'ldap.example.org'), pipeTo(slapd), 'ldap1');
      await expect(opening).rejects.toThrow(/altnames|does not match/i);
      await expect(opening).rejects.toMatchObject({ kind: 'not-started', host: 'ldap1' });
    },
  );

  it('says who was refused with which code when the password is wrong, and never the password', async () => {
    const wrong = { ...tcp('none'), password: new Secret('admin', 'wrong-password') } as DirectoryAddress;
    const error = await openDirectory(wrong, pipeTo(slapd), 'ldap1').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LdapError);
    expect(String(error)).toContain('ldap1 · bind "cn=admin,dc=example,dc=org": invalidCredentials (49)');
    expect(String(error)).not.toContain('wrong-password');
  });

  it('refuses to bind with a name and no password, which would be anonymous', async () => {
    const { password: _, ...nameless } = tcp('none') as Extract<DirectoryAddress, { kind: 'tcp' }>;
    await expect(openDirectory(nameless, pipeTo(slapd))).rejects.toThrow(
      'no password was given for cn=admin',
    );
  });

  it('gives [] for a missing base, lists for single values, bytes as base64, and the rootDSE for an empty base', async () => {
    await using(openDirectory(tcp('none'), pipeTo(slapd)), async (directory) => {
      expect(await directory.search({ base: `ou=nowhere,${suffix}` })).toEqual([]);
      const [entry] = await directory.search({
        base: `uid=u1,ou=people,${suffix}`,
        attributes: ['cn', 'mail', 'userPassword'],
      });
      expect(entry?.attributes).toEqual({ cn: ['User 1'], userPassword: ['pw1'] });
      const [root] = await directory.search({ base: '', scope: 'base', attributes: ['namingContexts'] });
      expect(root?.attributes).toEqual({ namingContexts: [suffix] });
    });
  });

  it('says no permission of a cn=config that it cannot see, and never that nothing is there', async () => {
    await using(openDirectory(tcp('none'), pipeTo(slapd)), async (directory) => {
      for (const base of ['cn=config', slapd.databaseDn])
        await expect(directory.search({ base, scope: 'base' })).rejects.toThrow(
          /insufficientAccessRights \(50\): cn=config is hidden from this account/,
        );
    });
    await using(openDirectory({ kind: 'ldapi', path: 'auto' }, pipeTo(slapd)), async (directory) => {
      expect(await directory.search({ base: 'cn=nowhere,cn=config' })).toEqual([]);
    });
  });

  it('takes the clear value of a secret out of what the server says', async () => {
    await using(openDirectory({ kind: 'ldapi', path: 'auto' }, pipeTo(slapd)), async (directory) => {
      const values = [
        new Secret('line', 'rid=001 provider=ldap://x credentials=open-secret junk=open-secret'),
      ];
      const failed = await directory
        .modify(slapd.databaseDn, [{ op: 'add', attribute: 'olcSyncrepl', values }])
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(LdapError);
      expect(String(failed)).not.toContain('credentials=open-secret');
    });
  });

  it('reads again on a new connection after a restart, and writes too', async () => {
    await using(openDirectory(tcp('none'), pipeTo(slapd)), async (directory) => {
      await slapd.stop();
      await slapd.start();
      expect(await directory.search({ base: suffix, scope: 'base' })).toHaveLength(1);
      await slapd.stop();
      await slapd.start();
      await directory.modify(suffix, [{ op: 'replace', attribute: 'description', values: ['again'] }]);
    });
  });

  it.each([
    ['clear', tcp('none')],
    ['StartTLS', tcp('starttls')],
    ['ldaps', tcp('ldaps')],
  ])('is closed at once after its server has gone (%s)', async (_, address) => {
    const directory = await openDirectory(address, plain(pipeTo(slapd)));
    await directory.search({ base: suffix, scope: 'base' });
    await slapd.stop();
    await directory.close();
    await slapd.start();
  });

  it('tells a write that never started from one whose answer was lost', async () => {
    // Lets everything through until told to, then swallows what the server answers and hangs up.
    let cut = false;
    const lossy: Pipe = {
      unix: () => Promise.reject(new Error('not used')),
      tcp: async () => {
        const socket = connect(slapd.port, '127.0.0.1');
        const channel = new Duplex({
          read: () => undefined,
          write: (chunk, _, done) => socket.write(chunk, () => done()),
        });
        socket.on('data', (chunk) => (cut ? channel.destroy() : channel.push(chunk)));
        channel.on('close', () => socket.destroy());
        socket.on('close', () => channel.destroy());
        socket.on('error', () => channel.destroy());
        return channel;
      },
    };
    await using(openDirectory(tcp('none'), lossy, 'ldap1'), async (directory) => {
      cut = true;
      const values = ['written although nobody heard'];
      const lost = await directory
        .modify(suffix, [{ op: 'replace', attribute: 'description', values }])
        .catch((error: unknown) => error);
      expect(lost).toBeInstanceOf(TransportError);
      expect(lost).toMatchObject({ kind: 'lost', host: 'ldap1' });
      cut = false;
      expect((await directory.search({ base: suffix, scope: 'base' }))[0]?.attributes['description']).toEqual(
        values,
      );
      await slapd.stop();
      const never = await directory
        .modify(suffix, [{ op: 'replace', attribute: 'description', values: ['never'] }])
        .catch((error: unknown) => error);
      await slapd.start();
      expect(never).toMatchObject({ kind: 'not-started' });
    });
  });

  it('keeps the order of operations that are asked for at once', async () => {
    await using(openDirectory(tcp('none'), pipeTo(slapd)), async (directory) => {
      const dn = `cn=order,${suffix}`;
      const done = await Promise.all([
        directory.add(dn, { objectClass: ['organizationalRole'], cn: ['order'] }),
        directory.search({ base: dn, scope: 'base' }),
        directory.remove(dn),
        directory.search({ base: dn, scope: 'base' }),
      ]);
      expect([done[1], done[3]].map((entries) => entries.length)).toEqual([1, 0]);
    });
  });
});
