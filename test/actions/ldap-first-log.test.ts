import { beforeAll, describe, expect, it } from 'vitest';
import { ldapFirstLog } from '../../src/actions/ldap-first-log.ts';
import { fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import {
  accesslog,
  add,
  database,
  logDatabase,
  modify,
  type OneSlapd,
  oneSlapd,
  overlay,
  provider,
  suffix,
  syncrepl,
  valueAt,
  within,
} from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

const log = 'cn=accesslog';
const params = { log, entry: suffix };

function server(tree: Tree) {
  const directory = fakeDirectory(tree);
  return { directory, ports: fakePorts({ ldap1: directory }) };
}

describe('ldap.first-log', () => {
  const data: Tree = { [suffix]: { objectClass: ['dcObject', 'organization'], dc: ['example'] } };

  it('writes an entry with the values it has, and says so', async () => {
    const { directory, ports } = server(structuredClone(data));
    const facts = await ldapFirstLog.read(params, ports);
    const changes = ldapFirstLog.diff(params, facts);
    expect(changes.map(({ what, lines }) => [what, lines])).toEqual([
      [
        suffix,
        [{ op: '+', text: 'written with the values it has, so that cn=accesslog gets a first change' }],
      ],
    ]);
    await ldapFirstLog.write(params, changes, ports);
    expect(directory.modifications).toEqual([
      [{ op: 'replace', attribute: 'objectClass', values: ['dcObject', 'organization'] }],
    ]);
    expect(directory.tree).toEqual(data);
    expect(ldapFirstLog.undo?.inverse(params, changes, facts)).toEqual({ calls: [], cannot: [] });
  });

  const csn = '20261122010000.000000Z#000000#001#000000';
  const change = { [`reqStart=1,${log}`]: { objectClass: ['auditModify'], entryCSN: [csn] } };

  it('leaves a log alone that has a change', async () => {
    const { directory, ports } = server({
      ...data,
      [log]: { contextCSN: [csn.replace('#001#', '#002#'), csn] },
      ...change,
    });
    expect((await carryOut(ldapFirstLog, params, ports)).changes).toEqual([]);
    expect(directory.log).toEqual([]);
  });

  it('is not content with a contextCSN of which the log has no change: it was made up, or all has been purged', async () => {
    const { ports } = server({ ...data, [log]: { contextCSN: [csn.replace('#001#', '#002#')] }, ...change });
    expect(ldapFirstLog.diff(params, await ldapFirstLog.read(params, ports))).toHaveLength(1);
  });

  describe('with peers', () => {
    const own = '20261122020000.000000Z#000000#002#000000';
    const ofTheLog = '20261122015959.000000Z#000000#002#000000';
    const here = (more: Tree = {}): Tree => ({
      'cn=config': { olcServerID: ['2'] },
      [suffix]: { objectClass: ['dcObject'], contextCSN: [csn, own] },
      [log]: { contextCSN: [csn, ofTheLog] },
      ...change,
      ...more,
    });
    const there = (...csns: string[]): Tree => ({ [suffix]: { contextCSN: [csn, ...csns] } });
    const asked = { ...params, suffix, peers: [{ name: 'ldap2' }] };
    const changesOn = async (own: Tree, peer: Tree) => {
      const ports = fakePorts({ ldap1: fakeDirectory(own), ldap2: fakeDirectory(peer) });
      return ldapFirstLog.diff(asked, await ldapFirstLog.read(asked, ports));
    };

    it.each([
      ['knows nothing of this server', there()],
      ['knows what was made up for the log alone', there(ofTheLog)],
    ])('writes where no change has the newest CSN of its own, and a peer %s', async (_, peer) => {
      const [change] = await changesOn(here(), peer);
      expect(change?.lines[0]?.text).toContain('so that ldap2 gets a change made here');
    });

    it.each<[string, Tree, Tree]>([
      ['an entry has it: it is on its way', here({ [`ou=x,${suffix}`]: { entryCSN: [own] } }), there()],
      ['the log has it', here({ [`reqStart=2,${log}`]: { entryCSN: [own] } }), there()],
      ['the peers have it', here(), there(own)],
    ])('leaves all as it is where %s', async (_, server, peer) => {
      expect(await changesOn(server, peer)).toEqual([]);
    });
  });

  it('is not done as long as the log shows none, as for an account that may not read it', async () => {
    const { ports } = server(structuredClone(data));
    await expect(carryOut(ldapFirstLog, params, ports)).rejects.toThrow('ldap.first-log left');
  });

  it.each([
    ['is not there', {}],
    ['shows no objectClass', { [suffix]: { dc: ['example'] } }],
  ])('names the entry that %s', async (_, tree: Tree) => {
    const { directory, ports } = server(tree);
    const done = carryOut(ldapFirstLog, params, ports);
    await expect(done).rejects.toThrow(`ldap.first-log: there is no entry ${suffix} to write`);
    await expect(done).rejects.toMatchObject({ next: expect.stringContaining('the suffix of the tree') });
    expect(directory.log).toEqual([]);
  });
});

describe('on a real slapd', () => {
  beforeAll(obtainSlapd, 300_000);

  /** A master with an accesslog in which nothing stands yet, and whose contextCSN is made up: it has been restarted. */
  async function master(): Promise<OneSlapd> {
    const server = await oneSlapd();
    await provider(server);
    await (await server.asRoot()).modify(suffix, [
      { op: 'replace', attribute: 'description', values: ['x'] },
    ]);
    await accesslog(server);
    const log = { olcSpNoPresent: ['TRUE'], olcSpReloadHint: ['TRUE'] };
    await overlay('syncprov', 'olcSyncProvConfig', log, logDatabase)(server);
    await server.restart();
    return server;
  }

  const asRoot = ({ slapd }: OneSlapd) => ({
    ...params,
    server: { url: 'ldap://localhost', 'bind-dn': slapd.rootDn, password: slapd.rootPassword },
  });

  it('gives the log its change, leaves the entry as it is, and has nothing to do then', async () => {
    const server = await master();
    const directory = await server.asRoot();
    const entry = async () => (await directory.search({ base: suffix, scope: 'base' }))[0]?.attributes;
    const before = await entry();
    expect(await valueAt(directory, log, 'contextCSN')).toEqual([expect.stringContaining('#001#')]);
    expect((await carryOut(ldapFirstLog, asRoot(server), server.ports)).changes).toHaveLength(1);
    expect(await entry()).toEqual(before);
    expect(await directory.search({ base: log, scope: 'one' })).toHaveLength(1);
    expect((await carryOut(ldapFirstLog, asRoot(server), server.ports)).changes).toEqual([]);
  });

  it('says that root over ldapi may read the data, and no more', async () => {
    const server = await master();
    await expect(carryOut(ldapFirstLog, params, server.ports)).rejects.toThrow(
      /insufficientAccessRights \(50\)/,
    );
  });

  it.each([
    ['with it a consumer of the log comes to Persist', true],
    ['without it none does, and 2.5.13 may die of it', false],
  ])('%s', async (_, first) => {
    const server = await master();
    if (first) await carryOut(ldapFirstLog, asRoot(server), server.ports);
    const consumer = await oneSlapd({ people: 'not even a suffix', monitor: true });
    await consumer.slapd.stop();
    // As from a dump of the provider: it has a cookie to begin with.
    await consumer.slapd.slapadd(await server.slapd.slapcat());
    await consumer.slapd.start();
    const bind = `type=refreshAndPersist binddn="cn=admin,${suffix}" credentials="admin-password"`;
    const byLog = `logbase="${log}" logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" syncdata=accesslog`;
    const value = syncrepl('001', `ldap://127.0.0.1:${server.slapd.port}`, ` ${bind} ${byLog}`);
    await modify(database, add('olcSyncrepl', value.replace('"5 +"', '"1 +"')))(consumer);
    const monitor = 'cn=Consumer 001,cn=Database 1,cn=Databases,cn=Monitor';
    const persists = async () => (await valueAt(consumer.raw, monitor, 'olmSRSyncPhase'))?.[0] === 'Persist';
    expect(await within(first ? 8000 : 2500, persists)).toBe(first);
  });
});
