/** The first look at a host, and trials, where something does not answer: recorded facts and fakes. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type CommandResult,
  type DirectoryAddress,
  type ReadPorts,
  TransportError,
} from '../../src/engine/ports.ts';
import { sightOf } from '../../src/health/observe/sight.ts';
import { lookAtSite } from '../../src/health/observe/site.ts';
import { onlySuffix } from '../../src/health/observe/suffix.ts';
import { enterAgreement } from '../../src/health/observe/trial.ts';
import { LdapError } from '../../src/ldap/ldap-error.ts';
import { parseSyncrepl } from '../../src/ldap/syncrepl.ts';
import { configTree, fakeDirectory, fakeHost, type Tree } from '../ldap/fake-directory.ts';

afterEach(() => void vi.useRealTimers());

const RHEL = `version=2.6.8
conf=/etc/openldap/slapd.d
listeners=ldap:/// ldapi://%2Fsrv%2Fldap%2Fldapi/
owner=ldap:ldap
unit=slapd
fqdn=ldap1.example.com
names=ldap1 192.0.2.11
started=100 100 1795621878 0 0
db=4096:8192:olcSuffix: dc=example,dc=org
`;

const result = (stdout: string, code = 0): CommandResult => {
  return { exit: { kind: 'exited', code }, stdout, stderr: '', truncated: false, durationMs: 1 };
};

function portsOf(fakes: Partial<ReadPorts> = {}): ReadPorts {
  const refuse = () => Promise.reject(new Error('not asked for here'));
  return {
    host: fakeHost('ldap1'),
    probe: async ({ script = '' }) => result(script.includes('-VV') ? RHEL : ''),
    directory: refuse,
    reaches: refuse,
    on: () => portsOf(fakes),
    clockSkew: async () => ({ skewMs: 3, uncertaintyMs: 1 }),
    now: () => 0,
    sleep: async () => undefined,
    signal: new AbortController().signal,
    note: () => undefined,
    ...fakes,
  };
}

/** cn=config of RHEL: the database is the third, behind the monitor, and modules come with path and suffix. */
function rhelTree(): Tree {
  const { 'olcDatabase={1}mdb,cn=config': mdb = {}, ...rest } = configTree({
    olcSyncrepl: [
      '{0}rid=001 provider=ldap://ldap2 searchbase="dc=example,dc=org" bindmethod=simple binddn="cn=r,dc=example,dc=org" credentials="secret"',
    ],
    olcMirrorMode: ['TRUE'],
  });
  return {
    ...rest,
    'cn=config': { objectClass: ['olcGlobal'], olcServerID: ['0x1f'], olcSizeLimit: ['1000'] },
    'cn=module{0},cn=config': { olcModuleLoad: ['{0}/usr/lib64/openldap/syncprov.la', '{1}accesslog.so.2'] },
    'olcDatabase={1}monitor,cn=config': { olcDatabase: ['{1}monitor'] },
    'olcDatabase={2}mdb,cn=config': { ...mdb, olcDatabase: ['{2}mdb'], olcDbDirectory: ['/var/lib/ldap'] },
    'olcOverlay={1}accesslog,olcDatabase={2}mdb,cn=config': {
      olcOverlay: ['{1}accesslog'],
      olcAccessLogDB: ['cn=accesslog'],
      olcAccessLogPurge: ['07+00:00 01+00:00'],
    },
    'olcOverlay={0}syncprov,olcDatabase={2}mdb,cn=config': {
      olcOverlay: ['{0}syncprov'],
      olcSpSessionlog: ['100'],
    },
    'olcDatabase={3}mdb,cn=config': {
      olcSuffix: ['cn=accesslog'],
      olcRootDN: ['cn=admin,dc=example,dc=org'],
    },
    'olcOverlay={0}syncprov,olcDatabase={3}mdb,cn=config': {
      olcOverlay: ['{0}syncprov'],
      olcSpNoPresent: ['TRUE'],
      olcSpReloadHint: ['TRUE'],
    },
    'dc=example,dc=org': { contextCSN: ['20261122010000.000000Z#000000#01f#000000'], entryUUID: ['u'] },
  };
}

const notThere = (path: string) =>
  new TransportError('not-started', 'ldap1', `ldap1 · no LDAP over ldapi ${path}: ENOENT`, 'Check it.');

describe('a look at a host', () => {
  test('of RHEL finds the socket that slapd was started with, where no well-known one answers', async () => {
    const asked: DirectoryAddress[] = [];
    const directory: ReadPorts['directory'] = async (address) => {
      asked.push(address);
      if (address.kind === 'ldapi' && address.path === '/srv/ldap/ldapi') return fakeDirectory(rhelTree());
      throw notThere(address.kind === 'ldapi' ? address.path : '');
    };
    const ports = portsOf({ directory, reaches: async () => 'connection refused' });
    const site = await lookAtSite(
      { hosts: ['ldap1'], deep: false, behindSince: () => new Map() },
      { ...ports, on: () => ports },
    );
    expect(asked.slice(0, 2)).toEqual([
      { kind: 'ldapi', path: 'auto' },
      { kind: 'ldapi', path: '/srv/ldap/ldapi' },
    ]);
    expect(site.suffix, 'the log of delta-sync is no tree of anybody').toBe('dc=example,dc=org');
    expect(site.servers[0]).toMatchObject({
      installation: {
        value: { conf: '/etc/openldap/slapd.d', owner: 'ldap:ldap', dataBytes: { value: 4096 } },
      },
      config: {
        value: {
          serverIds: ['0x1f'],
          sizeLimit: '1000',
          modules: ['syncprov', 'accesslog'],
          database: {
            dn: 'olcDatabase={2}mdb,cn=config',
            multiProvider: true,
            mapBytes: 10_485_760,
            overlays: ['syncprov', 'accesslog'],
            syncprov: { sessionLog: '100', noPresent: false },
          },
          log: {
            suffix: 'cn=accesslog',
            rootDn: 'cn=admin,dc=example,dc=org',
            purge: '07+00:00 01+00:00',
            syncprov: { noPresent: true, reloadHint: true },
          },
        },
      },
      monitor: { unknown: expect.stringContaining('there is no cn=monitor') },
      trials: new Map([['001', { kind: 'no-connection', why: 'connection refused' }]]),
    });
  });

  test('that cannot be reached says so once, and asks nothing more', async () => {
    const sight = await sightOf(
      portsOf({
        probe: () =>
          Promise.reject(new TransportError('refused', 'ldap1', 'ldap1 · the key is refused', 'Check it.')),
      }),
    );
    expect(sight.unreachable).toBe('the key is refused');
    expect(sight.installation).toEqual({ unknown: 'the host cannot be reached' });
  });

  test('on which slapd does not run says that, and not which sockets were tried', async () => {
    const stopped = RHEL.replace(/^started=.*\n/m, '');
    const sight = await sightOf(
      portsOf({
        probe: async ({ script = '' }) => result(script.includes('-VV') ? stopped : ''),
        directory: () => Promise.reject(notThere('/run/ldapi')),
      }),
    );
    expect(sight.catalogue).toEqual({ unknown: 'slapd does not run' });
  });

  test('on which slapd takes connections and answers nothing ends after some seconds', async () => {
    vi.useFakeTimers();
    const looking = sightOf(portsOf({ directory: () => new Promise(() => undefined) }));
    await vi.advanceTimersByTimeAsync(8_000);
    expect((await looking).catalogue).toEqual({ unknown: 'slapd over ldapi: no answer within 8 s' });
  });
});

describe('a trial', () => {
  const words =
    'rid=001 provider=ldap://ldap2:389 searchbase="dc=example,dc=org" bindmethod=simple binddn="cn=r,dc=example,dc=org" credentials="secret"';
  const enter = (fakes: Partial<ReadPorts>, more = '') =>
    enterAgreement(
      parseSyncrepl(`${words} ${more}`),
      portsOf(fakes),
      { entries: [], schemas: [] },
      { listeners: ['ldap:///'], names: ['ldap1.example.com'] },
    );

  test('in a network that swallows everything costs no more than three seconds', async () => {
    vi.useFakeTimers();
    const silent = enter({ reaches: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await silent).toEqual({ kind: 'no-connection', why: 'connecting: no answer within 1.5 s' });
    const mute = enter({ reaches: async () => true, directory: () => new Promise(() => undefined) });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await mute).toEqual({ kind: 'no-connection', why: 'the bind: no answer within 1.5 s' });
  });

  test('goes to the port and by the TLS that the agreement says, with its own credentials', async () => {
    const asked: DirectoryAddress[] = [];
    const fakes: Partial<ReadPorts> = {
      reaches: async () => true,
      directory: async (address) => {
        asked.push(address);
        return fakeDirectory({});
      },
    };
    await enter(fakes);
    await enter(fakes, 'starttls=critical tls_reqcert=never');
    const ldaps = words.replace('ldap://ldap2:389', 'ldaps://ldap2');
    await enterAgreement(
      parseSyncrepl(ldaps),
      portsOf(fakes),
      { entries: [], schemas: [] },
      { listeners: [] },
    );
    const base = { kind: 'tcp', host: 'ldap2', bindDn: 'cn=r,dc=example,dc=org' };
    expect(asked).toMatchObject([
      { ...base, port: 389, tls: 'none' },
      { ...base, port: 389, tls: 'starttls', verify: false },
      { ...base, port: 636, tls: 'ldaps' },
    ]);
    expect(asked.map((address) => JSON.stringify(address))).not.toContainEqual(
      expect.stringContaining('"secret"'),
    );
  });

  test('trusts whom its own words name, else whom slapd trusts', async () => {
    const read: unknown[] = [];
    const probe: ReadPorts['probe'] = async ({ env }) => {
      read.push(env?.['LOCKSTEP_CA']);
      return result('PEM');
    };
    const asked: DirectoryAddress[] = [];
    const directory: ReadPorts['directory'] = async (address) => {
      asked.push(address);
      return fakeDirectory({});
    };
    const fakes = { probe, directory, reaches: async () => true as const };
    await enter(fakes, 'starttls=critical tls_cacert=/etc/own.pem');
    const catalogue = {
      entries: [{ dn: 'cn=config', attributes: { olcTLSCACertificateFile: ['/etc/slapd.pem'] } }],
      schemas: [],
    };
    await enterAgreement(parseSyncrepl(`${words} starttls=yes`), portsOf(fakes), catalogue, {
      listeners: [],
    });
    expect(read).toEqual(['/etc/own.pem', '/etc/slapd.pem']);
    expect(asked).toMatchObject([{ ca: 'PEM' }, { ca: 'PEM' }]);
  });

  test('with itself is no trial, by whichever of its names', async () => {
    for (const url of ['ldap://ldap1', 'ldap://LDAP1.example.com:389/', 'ldap://localhost'])
      expect(
        await enterAgreement(
          parseSyncrepl(words.replace('ldap://ldap2:389', url)),
          portsOf(),
          { entries: [], schemas: [] },
          { listeners: ['ldap:///'], names: ['ldap1.example.com'] },
        ),
        url,
      ).toEqual({ kind: 'itself' });
  });

  test('that the provider refuses before TLS is begun is none of its password', async () => {
    const directory = () =>
      Promise.reject(
        new LdapError({
          host: 'ldap1',
          operation: 'connect',
          dn: '',
          code: 2,
          diagnostic: 'unsupported extended operation',
        }),
      );
    expect(await enter({ reaches: async () => true, directory }, 'starttls=critical')).toEqual({
      kind: 'no-tls',
      why: 'connect: protocolError (2), unsupported extended operation',
    });
  });
});

test('which suffix is meant cannot be told from servers that replicate none, or two', async () => {
  const seeing = async (tree: Tree) => sightOf(portsOf({ directory: async () => fakeDirectory(tree) }));
  const lost = await sightOf(portsOf({ probe: () => Promise.reject(new Error('no route')) }));
  expect(() => onlySuffix([lost])).toThrow('cn=config could be read nowhere; ldap1: no route');
  const plain = await seeing(configTree());
  expect(() => onlySuffix([plain])).toThrow(
    'which suffix to look at is not known: no server has syncprov or an agreement',
  );
  const both = await seeing({
    ...rhelTree(),
    'olcDatabase={4}mdb,cn=config': {
      olcSuffix: ['dc=two'],
      olcSyncrepl: ['{0}rid=002 provider=ldap://ldap2'],
    },
  });
  expect(() => onlySuffix([both])).toThrow('dc=example,dc=org | dc=two');
});
