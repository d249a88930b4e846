/** Every action that writes cn=config refuses what slapd would not survive, whichever way it is asked for. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapDatabase } from '../../src/actions/ldap-database.ts';
import { ldapEntry } from '../../src/actions/ldap-entry.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { ldapOverlay } from '../../src/actions/ldap-overlay.ts';
import { ldapRestore } from '../../src/actions/ldap-restore.ts';
import type { ChangeAction } from '../../src/engine/action.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { add, modify, oneSlapd, put, suffix, syncrepl, valueAt } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';
const log = 'olcDatabase={2}mdb,cn=config';
const replica = (provider: string, at = 0) =>
  `{${at}}rid=00${at + 1} provider=${provider} searchbase="dc=example,dc=org"`;

/** A master with an accesslog. */
const tree = (more: Record<string, readonly string[]> = {}): Tree => ({
  ...configTree({ olcSyncrepl: [replica('ldap://a')], olcMultiProvider: ['TRUE'], ...more }),
  [log]: { objectClass: ['olcDatabaseConfig'], olcDatabase: ['{2}mdb'], olcSuffix: ['cn=accesslog'] },
  [`olcOverlay={0}accesslog,${database}`]: {
    objectClass: ['olcOverlayConfig'],
    olcOverlay: ['{0}accesslog'],
    olcAccessLogDB: ['cn=accesslog'],
  },
});

// biome-ignore lint/suspicious/noExplicitAny: a table of calls of several actions.
type Row = readonly [string, ChangeAction<any, any>, object, RegExp];
const rows: readonly Row[] = [
  [
    'ldap.modify',
    ldapModify,
    { dn: database, delete: { olcSyncrepl: 'all' } },
    /^ldap\.modify olcDatabase.*: olcMulti/,
  ],
  [
    'ldap.entry, exactly',
    ldapEntry,
    { dn: database, exact: true, attributes: { olcSyncrepl: [] } },
    /^ldap\.entry olcDatabase=\{1\}mdb,cn=config: olcMultiProvider would be TRUE/,
  ],
  [
    'ldap.entry, a new one',
    ldapEntry,
    { dn: 'olcDatabase={3}mdb,cn=config', attributes: { olcDatabase: 'mdb', olcMultiProvider: true } },
    /^ldap\.entry olcDatabase=\{3\}mdb,cn=config: olcMultiProvider would be TRUE/,
  ],
  [
    'ldap.entry, one that goes',
    ldapEntry,
    { dn: log, state: 'absent' },
    /^ldap1: olcOverlay=\{0\}accesslog.* would write to cn=accesslog/,
  ],
  [
    'ldap.database, one that is there',
    ldapDatabase,
    { suffix, directory: '/srv', 'root-dn': 'cn=admin,dc=example,dc=org', attributes: { olcSyncrepl: [] } },
    /^ldap\.database olcDatabase=\{1\}mdb,cn=config: olcMultiProvider would be TRUE/,
  ],
  [
    'ldap.database, a new one',
    ldapDatabase,
    {
      suffix: 'dc=com',
      directory: '/srv',
      'root-dn': 'cn=x',
      attributes: { olcRootPW: new Secret('root', 'sesame') },
    },
    /^ldap\.database olcDatabase=mdb,cn=config: olcRootPW would be there without an olcRootDN/,
  ],
  [
    'ldap.overlay, a new one',
    ldapOverlay,
    { database, overlay: 'syncprov', attributes: { olcSpSessionlogSource: 'cn=accesslog' } },
    /^ldap\.overlay olcOverlay=syncprov,.*: olcSpSessionlogSource would come together/,
  ],
  [
    'ldap.overlay, one that is there',
    ldapOverlay,
    { database, overlay: 'accesslog', attributes: { olcAccessLogDB: 'cn=nowhere' } },
    /^ldap1: olcOverlay=\{0\}accesslog.* would write to cn=nowhere/,
  ],
  [
    'ldap.restore, values',
    ldapRestore,
    { dn: database, attributes: { olcSyncrepl: [] } },
    /^ldap\.restore olcDatabase=\{1\}mdb,cn=config: olcMultiProvider would be TRUE/,
  ],
  [
    'ldap.restore, an entry that goes',
    ldapRestore,
    { dn: log, state: 'absent', written: tree()[log] },
    /^ldap1: .* would write to cn=accesslog/,
  ],
  [
    'ldap.agreement',
    ldapAgreement,
    { database, provider: 'ldap://b', extra: { syncdata: 'accesslog' } },
    /^ldap1: the agreement rid 002 from ldap:\/\/b has syncdata=accesslog without a logbase/,
  ],
];

describe('a change of cn=config that slapd would not survive', () => {
  it.each(rows)('is refused by %s, before anything is written', async (_, action, params, message) => {
    const directory = fakeDirectory(tree());
    const done = carryOut(action, params, fakePorts({ ldap1: directory }));
    await expect(done).rejects.toThrow(message);
    await expect(done).rejects.toMatchObject({
      name: 'ActionError',
      next: expect.stringMatching(/^[A-Z].*\.$/),
    });
    await expect(done).rejects.not.toThrow(/sesame/);
    expect(directory.log).toEqual([]);
  });

  it('is not looked for in data: nobody reads cn=config for an entry there', async () => {
    const directory = fakeDirectory({ 'cn=a,dc=x': { objectClass: ['role'], cn: ['a'] } });
    const bases: string[] = [];
    const watched = {
      ...directory,
      search: (one: Parameters<typeof directory.search>[0]) => {
        bases.push(one.base);
        return directory.search(one);
      },
    };
    const wish = { dn: 'cn=a,dc=x', attributes: { olcMultiProvider: true, olcDatabase: 'x' } };
    await carryOut(ldapEntry, wish, fakePorts({ ldap1: watched }));
    expect(new Set(bases)).toEqual(new Set(['cn=a,dc=x']));
  });

  it('is seen by the whole server at the time of the write, not when it was shown', async () => {
    const directory = fakeDirectory(tree({ olcSubordinate: ['FALSE'] }));
    const ports = fakePorts({ ldap1: directory });
    const wish = { dn: database, replace: { olcLastMod: false } };
    const changes = ldapModify.diff(wish, await ldapModify.read(wish, ports));
    directory.tree[`olcOverlay={1}syncprov,${database}`] = {
      objectClass: ['olcOverlayConfig'],
      olcOverlay: ['{1}syncprov'],
    };
    await expect(ldapModify.write(wish, changes, ports)).rejects.toThrow(/which has syncprov/);
    expect(directory.log).toEqual([]);
  });
});

describe('ldap.agreement, the last one gone', () => {
  const absent = { database, provider: 'ldap://a', state: 'absent' as const };

  it('takes the referral of a read-only consumer with it, in one modify', async () => {
    const directory = fakeDirectory(tree({ olcMultiProvider: [], olcUpdateRef: ['ldap://a'] }));
    const { changes } = await carryOut(ldapAgreement, absent, fakePorts({ ldap1: directory }));
    expect(changes[0]?.lines.at(-1)).toEqual({ op: '-', text: 'olcUpdateRef: ldap://a' });
    expect(directory.log).toEqual([`modify ${database}`]);
    expect(directory.tree[database]).not.toHaveProperty('olcUpdateRef');
  });

  it('takes the switch with it where only one with itself is left, which slapd passes over', async () => {
    const directory = fakeDirectory(
      tree({ olcSyncrepl: [replica('ldap://a'), replica('ldap://10.0.0.1', 1)] }),
    );
    await carryOut(ldapAgreement, absent, fakePorts({ ldap1: directory }));
    expect(directory.tree[database]).not.toHaveProperty('olcMultiProvider');
    expect(directory.tree[database]?.['olcSyncrepl']).toHaveLength(1);
  });

  it('leaves a referral alone where another agreement is left, or none was taken away', async () => {
    const more = { olcSyncrepl: [replica('ldap://a'), replica('ldap://b', 1)], olcMultiProvider: [] };
    const directory = fakeDirectory(tree({ ...more, olcUpdateRef: ['ldap://a'] }));
    await carryOut(ldapAgreement, absent, fakePorts({ ldap1: directory }));
    expect(directory.tree[database]?.['olcUpdateRef']).toEqual(['ldap://a']);
    const none = fakeDirectory(configTree({ olcUpdateRef: ['ldap://a'], olcUpdateDN: ['cn=x'] }));
    expect((await carryOut(ldapAgreement, absent, fakePorts({ ldap1: none }))).changes).toEqual([]);
  });
});

describe('on a real slapd', () => {
  beforeAll(obtainSlapd, 300_000);

  const gone = { database, provider: 'ldap://127.0.0.1:9', state: 'absent' as const };

  it('a consumer with a referral whose agreement is taken away starts', async () => {
    const server = await oneSlapd();
    await modify(database, add('olcSyncrepl', syncrepl('001')), add('olcUpdateRef', 'ldap://other'))(server);
    await carryOut(ldapAgreement, gone, server.ports);
    await server.restart();
    expect(await valueAt(server.raw, suffix, 'dc')).toEqual(['example']);
  });

  it('a master whose agreements are with itself only, since the other was taken away, starts', async () => {
    const server = await oneSlapd({ monitor: true });
    const itself = syncrepl('002', `ldap://127.0.0.1:${server.slapd.port}/`);
    await modify(
      database,
      add('olcSyncrepl', syncrepl('001'), itself),
      put('olcMultiProvider', 'TRUE'),
    )(server);
    await carryOut(ldapAgreement, gone, server.ports);
    await server.restart();
    expect(await valueAt(server.raw, suffix, 'dc')).toEqual(['example']);
  });
});
