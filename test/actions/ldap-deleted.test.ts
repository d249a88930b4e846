import { beforeAll, describe, expect, it } from 'vitest';
import { ldapDeleted } from '../../src/actions/ldap-deleted.ts';
import { fakeDirectory, fakePorts } from '../ldap/fake-directory.ts';
import { accesslog, modify, type OneSlapd, oneSlapd, provider, put, suffix } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

const params = { suffix, log: 'cn=accesslog', since: 0 };

describe('ldap.deleted', () => {
  it('does not guess whose deletions are its own where the server ID is a URL', async () => {
    const directory = fakeDirectory({ 'cn=config': { olcServerID: ['1 ldap://a/', '2 ldap://b/'] } });
    await expect(ldapDeleted.read(params, fakePorts({ ldap1: directory }))).rejects.toThrow(
      'ldap1: olcServerID has the URL form',
    );
  });
});

describe('on a real slapd', () => {
  beforeAll(obtainSlapd, 300_000);

  async function master(): Promise<OneSlapd> {
    const server = await oneSlapd();
    await provider(server);
    await accesslog(server);
    return server;
  }

  const dnOf = (name: string) => `ou=${name},${suffix}`;
  const make = async (server: OneSlapd, name: string) =>
    (await server.asRoot()).add(dnOf(name), {
      objectClass: ['organizationalUnit'],
      ou: [`${name.split(',')[0]}`],
    });
  const remove = async (server: OneSlapd, name: string) => (await server.asRoot()).remove(dnOf(name));
  const isThere = async (server: OneSlapd, name: string) =>
    (await (await server.asRoot()).search({ base: suffix, scope: 'sub', filter: `(ou=${name})` })).length ===
    1;

  /** Deleted by a client, then there again as it was, as replication brings it. */
  async function bringBack(server: OneSlapd, ...names: string[]): Promise<void> {
    const directory = await server.asRoot();
    const entries = [];
    for (const name of names) {
      const attributes = ['objectClass', 'ou', 'structuralObjectClass', 'entryUUID', 'entryCSN'];
      const [entry] = await directory.search({ base: dnOf(name), scope: 'base', attributes });
      const lines = Object.entries(entry?.attributes ?? {}).flatMap(([key, values]) =>
        values.map((one) => `${key}: ${one}`),
      );
      entries.unshift(`dn: ${dnOf(name)}\n${lines.join('\n')}\n`);
      await directory.remove(dnOf(name));
    }
    await server.slapd.stop();
    await server.slapd.slapadd(entries.join('\n'));
    await server.slapd.start();
  }

  const withRoot = ({ slapd }: OneSlapd) => ({
    ...params,
    server: { url: 'ldap://localhost', 'bind-dn': slapd.rootDn, password: slapd.rootPassword },
  });
  /** cn=config is root's, the log its own administrator's: so by two accounts, as one may read neither. */
  async function readable(server: OneSlapd): Promise<void> {
    await modify(
      'olcDatabase={0}config,cn=config',
      put('olcAccess', `to * by dn.exact="${server.slapd.rootDn}" manage`),
    )(server);
  }

  it('deletes again what came back, children first, and has nothing to do then', async () => {
    const server = await master();
    await readable(server);
    await make(server, 'returned');
    await make(server, 'below,ou=returned');
    expect((await carryOut(ldapDeleted, withRoot(server), server.ports)).changes).toEqual([]);
    await bringBack(server, 'below,ou=returned', 'returned');
    expect([await isThere(server, 'returned'), await isThere(server, 'below')]).toEqual([true, true]);
    const { changes, result } = await carryOut(ldapDeleted, withRoot(server), server.ports);
    expect(changes.map(({ what }) => what)).toEqual([dnOf('below,ou=returned'), dnOf('returned')]);
    expect(changes[0]?.lines[0]?.text).toMatch(
      /^a client deleted it at \d{14}Z, and replication brought it back$/,
    );
    expect(result).toEqual({ returned: [] });
    expect([await isThere(server, 'returned'), await isThere(server, 'below')]).toEqual([false, false]);
  });

  it('leaves alone what was added anew, what was written to since, and what was deleted before', async () => {
    const server = await master();
    await readable(server);
    for (const name of ['anew', 'written', 'before']) await make(server, name);
    await bringBack(server, 'written', 'before');
    await (await server.asRoot()).modify(dnOf('written'), [
      { op: 'replace', attribute: 'description', values: ['x'] },
    ]);
    await remove(server, 'anew');
    await make(server, 'anew');
    const later = { ...withRoot(server), since: Date.now() + 60_000 };
    expect((await carryOut(ldapDeleted, later, server.ports)).changes).toEqual([]);
    const { changes } = await carryOut(ldapDeleted, withRoot(server), server.ports);
    expect(changes.map(({ what }) => what)).toEqual([dnOf('before')]);
  });

  it('leaves to the others what they have deleted', async () => {
    const server = await master();
    await make(server, 'returned');
    await bringBack(server, 'returned');
    await modify('cn=config', put('olcServerID', '2'))(server);
    await readable(server);
    expect((await carryOut(ldapDeleted, withRoot(server), server.ports)).changes).toEqual([]);
  });
});
