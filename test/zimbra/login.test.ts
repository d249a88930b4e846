/** How lockstep logs in to the slapd of Zimbra and Carbonio: over their own sockets, by the password in localconfig.xml. */
import { describe, expect, test } from 'vitest';
import type { DirectoryAddress } from '../../src/engine/ports.ts';
import { openDirectory, type Pipe } from '../../src/ldap/directory.ts';
import { PRODUCTS } from '../../src/localconfig/products.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { pipeTo } from '../slapd-ports.ts';
import { ROOT_PASSWORD, type ZimbraSlapd, zimbraSlapds } from '../zimbra-slapd.ts';

const SOCKETS = PRODUCTS.flatMap(({ name, sockets }) => sockets.map((socket) => [name, socket] as const));

/** A host on which slapd answers at one socket alone; what was asked of it is kept. */
function hostOf({ slapd }: ZimbraSlapd, socket: string, passwords: readonly string[]) {
  const asked: string[] = [];
  let at = 0;
  const pipe: Pipe = {
    ...pipeTo(slapd),
    unix(path, as) {
      asked.push(`${path} as ${as}`);
      return path === socket ? pipeTo(slapd).unix(path) : Promise.reject(new Error('no such file'));
    },
    async rootPassword({ name }, refused) {
      asked.push(`password of ${name}${refused ? ' again' : ''}`);
      if (refused) at = Math.min(at + 1, passwords.length - 1);
      return new Secret('ldap_root_password', passwords[at] ?? '');
    },
  };
  return { pipe, asked };
}

async function whoReads(pipe: Pipe, address: DirectoryAddress = { kind: 'ldapi', path: 'auto' }) {
  const directory = await openDirectory(address, pipe, 'ldap1');
  const [entry] = await directory.search({
    base: 'olcDatabase={2}mdb,cn=config',
    scope: 'base',
    attributes: ['olcRootDN'],
  });
  await directory.close();
  return entry?.attributes['olcRootDN'];
}

describe('the well-known sockets', () => {
  test.each(SOCKETS)('of %s are logged in to as cn=config: %s', async (product, socket) => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe, asked } = hostOf(ldap1, socket, [ROOT_PASSWORD]);
    expect(await whoReads(pipe)).toEqual(['cn=config']);
    expect(asked.slice(-2)).toEqual([`${socket} as root`, `password of ${product}`]);
    // Of no other socket was a password asked for: nobody answered there.
    expect(asked.filter((line) => line.startsWith('password'))).toHaveLength(1);
  });

  test('of the products are logged in to when one is named, too', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    for (const [, path] of SOCKETS)
      expect(await whoReads(hostOf(ldap1, path, [ROOT_PASSWORD]).pipe, { kind: 'ldapi', path })).toEqual([
        'cn=config',
      ]);
  });

  test('are named once with what they have in common where nobody answers', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe } = hostOf(ldap1, '/nowhere', [ROOT_PASSWORD]);
    const message = await whoReads(pipe).catch((error: Error) => error.message);
    expect(message).toMatch(
      /^ldap1 · no ldapi socket answers: \/var\/run\/slapd\/ldapi, .* \(no such file\)$/,
    );
    expect(String(message).match(/no such file/g)).toHaveLength(1);
  });

  test('of others are left to SASL EXTERNAL', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe, asked } = hostOf(ldap1, '/run/slapd/ldapi', [ROOT_PASSWORD]);
    await expect(whoReads(pipe)).rejects.toThrow('cn=config is hidden from this account');
    expect(asked.filter((line) => line.startsWith('password'))).toEqual([]);
  });
});

describe('a password that slapd refuses', () => {
  const [[, socket] = ['', '']] = SOCKETS;

  test('is read anew, and the new one taken', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe } = hostOf(ldap1, socket, ['of yesterday', ROOT_PASSWORD]);
    expect(await whoReads(pipe)).toEqual(['cn=config']);
  });

  test('twice is told with file and host, and never shown', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe, asked } = hostOf(ldap1, socket, ['of yesterday']);
    const failure = await whoReads(pipe).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'refused',
      host: 'ldap1',
      message: 'ldap_root_password in /opt/zimbra/conf/localconfig.xml of ldap1 is not the one slapd has',
      next: expect.stringMatching(/./),
    });
    expect(JSON.stringify(failure)).not.toContain('of yesterday');
    expect(asked.filter((line) => line.startsWith('password'))).toHaveLength(2);
  });
});

describe('ldapi with a name and a password', () => {
  test('binds as that, and asks for no other password', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe, asked } = hostOf(ldap1, '/run/slapd/ldapi', []);
    expect(
      await whoReads(pipe, { kind: 'ldapi', path: 'auto', bindDn: 'cn=config', password: ROOT_PASSWORD }),
    ).toEqual(['cn=config']);
    expect(asked.filter((line) => line.startsWith('password'))).toEqual([]);
  });

  test('that are wrong is an error of the bind', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    const { pipe } = hostOf(ldap1, '/run/slapd/ldapi', []);
    const wrong: DirectoryAddress = { kind: 'ldapi', path: 'auto', bindDn: 'cn=config', password: 'guess' };
    await expect(whoReads(pipe, wrong)).rejects.toThrow('ldap1 · bind "cn=config": invalidCredentials (49)');
  });
});
