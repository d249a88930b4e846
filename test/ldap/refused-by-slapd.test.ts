/** What slapd itself refuses, so that lockstep has nothing to refuse; and what a refusal may leave behind. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { openDirectory } from '../../src/ldap/directory.ts';
import { certificates } from '../certificates.ts';
import {
  accesslog,
  add,
  database,
  gone,
  inOrder,
  load,
  modify,
  newDatabase,
  type OneSlapd,
  oneSlapd,
  overlay,
  put,
  type RawWrite,
  suffix,
  syncrepl,
  valueAt,
} from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut, pipeTo } from '../slapd-ports.ts';

beforeAll(obtainSlapd, 300_000);

const modules = 'cn=module{0},cn=config';
const refusals: readonly (readonly [string, RawWrite, RegExp])[] = [
  ['a module whose file is missing', load('nonsense'), /<olcModuleLoad> handler exited/],
  [
    'that a module is unloaded',
    modify(modules, gone('olcModuleLoad', '{0}back_mdb')),
    /cannot delete olcModuleLoad/,
  ],
  ['another module path', modify(modules, put('olcModulePath', '/tmp')), /cannot delete olcModulePath/],
  [
    'olcMultiProvider before olcSyncrepl',
    modify(database, put('olcMultiProvider', 'TRUE'), add('olcSyncrepl', syncrepl('001'))),
    /database is not a shadow/,
  ],
  [
    'olcUpdateRef without olcSyncrepl',
    modify(database, add('olcUpdateRef', 'ldap://a')),
    /must appear after syncrepl/,
  ],
  ['RID 1000', modify(database, add('olcSyncrepl', syncrepl('1000'))), /out of range/],
  [
    'a retry list of one number',
    modify(database, add('olcSyncrepl', syncrepl('001').replace('5 +', '5'))),
    /incomplete syncrepl retry list/,
  ],
  [
    'a searchbase outside the suffix',
    modify(database, add('olcSyncrepl', syncrepl('001').replace(suffix, 'dc=com'))),
    /not within the database naming context/,
  ],
  ['server ID 4096', modify('cn=config', add('olcServerID', '4096')), /illegal server ID/],
  [
    'two plain server IDs',
    modify('cn=config', add('olcServerID', '1', '2')),
    /unqualified server ID not allowed/,
  ],
  [
    'a database in a folder that is missing',
    newDatabase('cn=a', { olcDbDirectory: ['/nonexistent'] }),
    /invalid path: No such file or directory/,
  ],
  [
    'a database in a folder that is missing, later',
    modify(database, put('olcDbDirectory', '/nonexistent')),
    /invalid path: No such file or directory/,
  ],
  [
    'an accesslog without a database',
    overlay('accesslog', 'olcAccessLogConfig', {
      olcAccessLogDB: ['cn=nowhere'],
      olcAccessLogOps: ['writes'],
    }),
    /no matching backend found for suffix/,
  ],
  [
    'that an accesslog logs itself',
    overlay('accesslog', 'olcAccessLogConfig', { olcAccessLogDB: [suffix], olcAccessLogOps: ['writes'] }),
    /points to itself/,
  ],
  ['syncprov twice', overlay('syncprov', 'olcSyncProvConfig'), /overlay "syncprov" already in list/],
  [
    'that a schema entry is deleted',
    ({ raw }) => raw.remove('cn={2}inetorgperson,cn=schema,cn=config'),
    /unwillingToPerform/,
  ],
];

describe('slapd refuses', () => {
  it('by itself what these would break, and starts afterwards', async () => {
    const server = await oneSlapd();
    await inOrder(load('syncprov', 'accesslog'), overlay('syncprov', 'olcSyncProvConfig'))(server);
    for (const [what, write, words] of refusals) await expect(write(server), what).rejects.toThrow(words);
    await server.restart();
    expect(await valueAt(server.raw, suffix, 'dc')).toEqual(['example']);
  });

  it('syncprov over a database without lastmod, which the reverse order would have brought about', async () => {
    const server = await oneSlapd();
    await inOrder(load('syncprov'), modify(database, put('olcLastMod', 'FALSE')))(server);
    await expect(overlay('syncprov', 'olcSyncProvConfig')(server)).rejects.toThrow(
      /<olcOverlay> failed startup/,
    );
  });

  it('nothing of the old name of the switch, nor of both session logs: no trap either', async () => {
    const server = await oneSlapd();
    await inOrder(load('syncprov'), accesslog, overlay('syncprov', 'olcSyncProvConfig'))(server);
    await modify(database, add('olcSyncrepl', syncrepl('001')), put('olcMirrorMode', 'TRUE'))(server);
    const logs = { olcSpSessionlog: '100', olcSpSessionlogSource: 'cn=accesslog' };
    await carryOut(ldapModify, { dn: `olcOverlay={1}syncprov,${database}`, add: logs }, server.ports);
    const wish = { dn: database, replace: { olcMultiProvider: true } };
    expect((await carryOut(ldapModify, wish, server.ports)).changes).toEqual([]);
    await server.restart();
    expect(await valueAt(server.raw, database, 'olcMultiProvider')).toEqual(['TRUE']);
  });
});

describe('TLS files that slapd cannot use', () => {
  /** Rejects where a new connection cannot begin TLS. */
  async function greets({ slapd }: OneSlapd, ca: string): Promise<void> {
    const address = { kind: 'tcp', host: 'localhost', port: 389, tls: 'starttls', ca } as const;
    await (await openDirectory(address, pipeTo(slapd))).close();
  }

  it('are refused whatever is wrong with them, and TLS is gone from then on until a restart', async () => {
    const files = certificates();
    files.authority('ca');
    files.sign('good', 'ca', { san: 'DNS:localhost' });
    files.sign('other', 'ca', { san: 'DNS:localhost' });
    const server = await oneSlapd();
    const tls = (certificate: string, key: string, ca = 'ca.pem') =>
      modify(
        'cn=config',
        put('olcTLSCACertificateFile', files.path(ca)),
        put('olcTLSCertificateFile', files.path(certificate)),
        put('olcTLSCertificateKeyFile', files.path(key)),
      )(server);
    await tls('good.pem', 'good.key');
    await greets(server, files.text('ca.pem'));
    for (const [certificate, key, ca] of [
      ['good.pem', 'other.key', 'ca.pem'],
      ['missing.pem', 'good.key', 'ca.pem'],
      ['good.pem', 'missing.key', 'ca.pem'],
      ['good.pem', 'good.key', 'missing.pem'],
    ] as const)
      await expect(tls(certificate, key, ca), `${certificate} ${key} ${ca}`).rejects.toThrow(/other \(80\)/);
    expect(await valueAt(server.raw, 'cn=config', 'olcTLSCertificateKeyFile')).toEqual([
      files.path('good.key'),
    ]);
    await expect(greets(server, files.text('ca.pem'))).rejects.toThrow();
    await server.restart();
    await greets(server, files.text('ca.pem'));
  });
});
