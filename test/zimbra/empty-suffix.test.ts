/** Everything that reads or writes a tree, on real slapds whose tree has no name, paired as Zimbra's tools pair them. */
import { describe, expect, test } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapCanary } from '../../src/actions/ldap-canary.ts';
import { ldapCompare } from '../../src/actions/ldap-compare.ts';
import { ldapFirstLog } from '../../src/actions/ldap-first-log.ts';
import { waitConverged } from '../../src/actions/wait-converged.ts';
import { waitDrained } from '../../src/actions/wait-drained.ts';
import type { ReadPorts } from '../../src/engine/ports.ts';
import { readCsns } from '../../src/ldap/read-csns.ts';
import { evaluate } from '../../src/runbook/expression.ts';
import { localPorts } from '../actions/local-ports.ts';
import { valueAt, within } from '../one-slapd.ts';
import { scope } from '../runbook/sample.ts';
import { awaitGate, carryOut } from '../slapd-ports.ts';
import {
  addAccesslog,
  enableMmr,
  MAIN,
  REPLICATION_PASSWORD,
  REPLICATOR,
  rootServer,
  syncreplOf,
  twoMasters,
  type ZimbraSlapd,
  zimbraSlapds,
} from '../zimbra-slapd.ts';

const servers = [{ name: 'ldap1' }, { name: 'ldap2' }];
const tree = { suffix: '', server: rootServer };
/** All below the root: two of cn=zimbra, the replicator, two domains, two people. */
const ENTRIES = 7;

describe('two masters of a tree without a suffix', () => {
  test('converge, and a write on each reaches the other', { timeout: 40_000 }, async () => {
    const { ldap1 } = await twoMasters();
    const { result } = await awaitGate(waitConverged, { ...tree, servers }, ldap1.ports);
    expect(result).toMatchObject({ entries: ENTRIES, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const canary = { ...tree, servers, 'config-server': rootServer, parent: 'cn=zimbra' };
    const sent = await carryOut(ldapCanary, canary, ldap1.ports);
    expect(sent.changes.map(({ what }) => what)).toEqual(['cn=lockstep-canary-ldap2,cn=zimbra']);
    const since = Date.now();
    const again = await carryOut(ldapCanary, { ...canary, since }, ldap1.ports);
    expect(again.written.result).toMatchObject({ roundTrips: [{ from: 'ldap1' }, { from: 'ldap2' }] });
    const after = await awaitGate(waitConverged, { ...tree, servers }, ldap1.ports);
    expect(after.result).toMatchObject({ entries: ENTRIES });
  });

  test('take a canary right below the root where no parent is given', { timeout: 40_000 }, async () => {
    const { ldap1 } = await twoMasters();
    const sent = await carryOut(ldapCanary, { ...tree, servers, 'config-server': rootServer }, ldap1.ports);
    expect(sent.changes.map(({ what }) => what)).toEqual(['cn=lockstep-canary-ldap2']);
  });

  test('are compared entry by entry, past their logs and their configuration', {
    timeout: 40_000,
  }, async () => {
    const { ldap1, ldap2 } = await twoMasters();
    const look = async () =>
      (
        await awaitGate(
          ldapCompare,
          { ...tree, left: { name: 'ldap1' }, right: { name: 'ldap2' } },
          ldap1.ports,
        )
      ).result;
    expect(await look()).toMatchObject({ same: true, why: '', only_left: 0, only_right: 0 });
    await ldap2.slapd.stop();
    await ldap1.root.remove('uid=anna,dc=example,dc=com');
    await ldap1.slapd.stop();
    await ldap2.slapd.start();
    await ldap2.root.remove('uid=berta,dc=example,dc=com');
    // Neither may reach the other: what they hold apart is the point.
    for (const one of [ldap1, ldap2]) {
      if (one === ldap1) await one.slapd.start();
      await one.root.modify(MAIN, [
        { op: 'replace', attribute: 'olcSyncrepl', values: [syncreplOf('ldap://127.0.0.1:9')] },
      ]);
    }
    const apart = (await look()) as { readonly same: boolean };
    expect(apart.same).toBe(false);
  });
});

describe('contextCSN of a tree without a suffix', () => {
  test('stands on the root DSE, which has no entryUUID', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    expect(await readCsns(ldap1.root, '')).toEqual(new Map());
    await addAccesslog(ldap1.root, ldap1.slapd);
    await ldap1.root.modify('dc=com', [{ op: 'replace', attribute: 'o', values: ['y'] }]);
    expect([...(await readCsns(ldap1.root, '')).keys()]).toEqual([0]);
    expect(await valueAt(ldap1.root, '', 'entryUUID')).toBeUndefined();
    expect(await valueAt(ldap1.root, 'cn=zimbra', 'entryUUID')).toHaveLength(1);
  });

  test('is missing on a server that was set up and has no tree', async () => {
    const { ldap2 } = await zimbraSlapds('ldap1', 'ldap2');
    expect(await readCsns(ldap2.root, '')).toEqual(new Map());
  });
});

test('a search below the root finds the tree alone, and neither log nor configuration', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  await addAccesslog(ldap1.root, ldap1.slapd);
  await ldap1.root.modify('dc=com', [{ op: 'replace', attribute: 'o', values: ['y'] }]);
  const found = await ldap1.root.search({ base: '', attributes: ['1.1'], manageDsaIt: true });
  expect(found).toHaveLength(ENTRIES);
  expect(await ldap1.root.search({ base: 'cn=accesslog', attributes: ['1.1'] })).not.toEqual([]);
});

test('a log that is empty gets its first change from an entry that is there', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  await addAccesslog(ldap1.root, ldap1.slapd);
  await ldap1.restart();
  const first = { server: rootServer, log: 'cn=accesslog', entry: 'cn=admins,cn=zimbra' };
  const { changes } = await carryOut(ldapFirstLog, first, ldap1.ports);
  expect(changes).toHaveLength(1);
});

describe('a server that clients have left', () => {
  const params = { suffix: '', server: rootServer, peers: [{ name: 'ldap1' }], for: '1s' };

  async function drained(meanwhile: (one: ZimbraSlapd) => Promise<void>) {
    const { ldap1 } = await zimbraSlapds('ldap1');
    await ldap1.root.modify('cn=config', [{ op: 'add', attribute: 'olcServerID', values: ['1'] }]);
    await addAccesslog(ldap1.root, ldap1.slapd);
    await ldap1.root.modify('dc=com', [{ op: 'replace', attribute: 'o', values: ['y'] }]);
    const { probe } = localPorts();
    const ports: ReadPorts = {
      ...ldap1.ports,
      probe,
      on: () => ldap1.ports,
      sleep: async (ms) => {
        await meanwhile(ldap1);
        await ldap1.ports.sleep(ms);
      },
    };
    return waitDrained.lacking(params, await waitDrained.read(params, ports));
  }

  test('is drained', async () => {
    expect(await drained(async () => {})).toBeUndefined();
  });

  test('is not while it takes changes of its own', async () => {
    const write = ({ root }: ZimbraSlapd) =>
      root.modify('dc=com', [{ op: 'replace', attribute: 'o', values: [String(Math.random())] }]);
    expect(await drained(write)).toMatch(/^it took a change of its own within 1s: .*#001#/);
  });
});

test('expressions read an agreement that a tool of Zimbra has made', () => {
  const value = `{0}${syncreplOf('ldap://ldap2.example.com:389/')}`;
  const read = (expression: string) => evaluate(expression, scope({ result: { value } }));
  expect(read('agreement(result.value).host + ":" + agreement(result.value).port')).toBe(
    'ldap2.example.com:389',
  );
  expect(read('agreement(result.value).searchbase == "" && agreement(result.value).rid == "100"')).toBe(true);
  expect(read('agreement(result.value).logfilter')).toBe('(&(objectClass=auditWriteObject)(reqResult=0))');
  expect(read('"credentials" in agreement(result.value)')).toBe(false);
});

describe('an agreement that a tool of Zimbra has made', () => {
  const peer = 'ldap://peer.example.com:389';
  const params = { server: rootServer, database: MAIN, provider: peer, 'keep-words': true };
  const stored = async (root: Parameters<typeof valueAt>[0]) =>
    (await valueAt(root, MAIN, 'olcSyncrepl')) ?? [];

  async function paired(provider: string) {
    const { ldap1 } = await zimbraSlapds('ldap1');
    await enableMmr(ldap1, { sid: 1, provider });
    return ldap1;
  }

  test.each([`${peer}/`, peer, 'ldap://PEER.example.com'])(
    'is found by its provider, written %s',
    async (spelling) => {
      const ldap1 = await paired(spelling);
      const { changes } = await carryOut(ldapAgreement, params, ldap1.ports);
      expect(changes).toEqual([]);
    },
  );

  test('keeps its words, their order and their spelling when one of them changes', async () => {
    const ldap1 = await paired(`${peer}/`);
    const before = await stored(ldap1.root);
    await carryOut(ldapAgreement, { ...params, keepalive: '60:5:10' }, ldap1.ports);
    const wanted = before.map((value) => value.replace('240:10:30', '60:5:10').replace(`${peer}/`, peer));
    expect(await stored(ldap1.root)).toEqual(wanted);
  });

  test('moves to another provider and keeps the rest, its RID included', async () => {
    const ldap1 = await paired(`${peer}/`);
    const before = await stored(ldap1.root);
    const other = 'ldap://other.example.com:389/';
    await carryOut(ldapAgreement, { ...params, provider: other, was: peer }, ldap1.ports);
    expect(await stored(ldap1.root)).toEqual(before.map((value) => value.replace(`${peer}/`, other)));
  });

  test('gets StartTLS at the end, and loses nothing by it', async () => {
    const ldap1 = await paired(`${peer}/`);
    await carryOut(ldapAgreement, { ...params, starttls: 'critical' as const }, ldap1.ports);
    const [value = ''] = await stored(ldap1.root);
    expect(value).toMatch(/^\{0\}rid=100 .* keepalive=240:10:30 starttls=critical$/);
    expect(value).toContain(`credentials=${REPLICATION_PASSWORD} filter="(objectclass=*)" searchbase="" `);
  });

  test('goes alone: the other one stays as it is, and multi-provider with it', async () => {
    const ldap1 = await paired(`${peer}/`);
    await ldap1.root.modify(MAIN, [
      { op: 'add', attribute: 'olcSyncrepl', values: [syncreplOf('ldap://third.example.com:389', 101)] },
    ]);
    await carryOut(ldapAgreement, { ...params, state: 'absent' as const, 'keep-last': true }, ldap1.ports);
    expect(await stored(ldap1.root)).toEqual([`{0}${syncreplOf('ldap://third.example.com:389', 101)}`]);
    expect(await valueAt(ldap1.root, MAIN, 'olcMultiProvider')).toEqual(['TRUE']);
  });

  test('does not go where it is the last one and the step keeps that', async () => {
    const ldap1 = await paired(`${peer}/`);
    const gone = { ...params, state: 'absent' as const, 'keep-last': true };
    await expect(carryOut(ldapAgreement, gone, ldap1.ports)).rejects.toThrow(
      `ldap1: the agreement with ${peer} is the last one there`,
    );
    expect(await stored(ldap1.root)).toHaveLength(1);
  });

  test('can be made by lockstep with the same words', async () => {
    const { ldap1 } = await zimbraSlapds('ldap1');
    await ldap1.root.modify('cn=config', [{ op: 'add', attribute: 'olcServerID', values: ['1'] }]);
    await addAccesslog(ldap1.root, ldap1.slapd);
    const made = {
      ...params,
      'keep-words': false,
      rid: 100,
      'bind-dn': REPLICATOR,
      credentials: REPLICATION_PASSWORD,
      retry: '60 +',
      timeout: 0,
      'network-timeout': 0,
      schemachecking: false,
      extra: {
        filter: '(objectclass=*)',
        logfilter: '(&(objectClass=auditWriteObject)(reqResult=0))',
        logbase: 'cn=accesslog',
        scope: 'sub',
        syncdata: 'accesslog',
        tls_cacertdir: '/opt/zimbra/conf/ca',
      },
    };
    await carryOut(ldapAgreement, made, ldap1.ports);
    const words = (value: string) =>
      [...value.replace(/^\{0\}/, '').matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(String).sort();
    const [value = ''] = await stored(ldap1.root);
    expect(words(value)).toEqual(words(syncreplOf(peer, 100, '60 +')));
    expect(await within(2000, async () => (await stored(ldap1.root)).length === 1)).toBe(true);
  });
});
