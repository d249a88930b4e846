/** Which consumers slapd really runs after an agreement was taken away, as cn=monitor tells. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import type { DirectoryWriter } from '../../src/engine/ports.ts';
import { withAgreementsWhole } from '../../src/ldap/whole-agreements.ts';
import { reveal } from '../../src/secrets/secret.ts';
import { makeSlapd, type Slapd } from '../slapd.ts';
import { carryOut, type SlapdPorts, slapdPorts } from '../slapd-ports.ts';

let slapd: Slapd | undefined;
let ports: SlapdPorts | undefined;
let directory: DirectoryWriter;

const agreement = (rid: number) =>
  `rid=00${rid} provider=ldap://127.0.0.1:100${rid} bindmethod=simple searchbase="dc=example,dc=org" type=refreshAndPersist retry="1 +"`;

beforeAll(async () => {
  await (await makeSlapd()).dispose();
});

async function withFour(): Promise<Slapd> {
  slapd = await makeSlapd({ monitor: true, global: ['olcServerID: 1'] });
  await slapd.start();
  ports = slapdPorts({ ldap1: slapd });
  directory = await ports.on('ldap1').directory({ kind: 'ldapi', path: 'auto' });
  for (const rid of [1, 2, 3, 4])
    await directory.modify(slapd.databaseDn, [
      { op: 'add', attribute: 'olcSyncrepl', values: [agreement(rid)] },
    ]);
  await expect.poll(running, { timeout: 5000 }).toEqual(['001', '002', '003', '004']);
  return slapd;
}

afterEach(async () => {
  await ports?.close();
  await slapd?.dispose();
});

/** RIDs of the consumers that slapd runs. */
async function running(): Promise<readonly string[]> {
  const filter = '(objectClass=olmSyncReplInstance)';
  const found = await directory.search({ base: 'cn=Databases,cn=Monitor', filter, attributes: ['cn'] });
  return found.map(({ dn }) => /^cn=Consumer (\d+)/i.exec(dn)?.[1] ?? dn).sort();
}

/** RIDs in cn=config. */
async function configured(databaseDn: string): Promise<readonly string[]> {
  const [entry] = await directory.search({ base: databaseDn, scope: 'base', attributes: ['olcSyncrepl'] });
  return (entry?.attributes.olcSyncrepl ?? []).map((value) => /rid=(\d+)/.exec(value)?.[1] ?? value);
}

test('slapd ends another consumer than the one whose agreement is deleted by its position', async () => {
  const { databaseDn } = await withFour();
  await directory.modify(databaseDn, [{ op: 'delete', attribute: 'olcSyncrepl', values: ['{2}'] }]);
  expect(await configured(databaseDn)).toEqual(['001', '002', '004']);
  // Another one is told, and stays.
  await expect.poll(running, { timeout: 5000 }).toEqual(['001', '002', '003']);
});

test('ldap.agreement ends that consumer and no other', async () => {
  const { databaseDn } = await withFour();
  const params = { database: databaseDn, provider: 'ldap://127.0.0.1:1003', state: 'absent' as const };
  await carryOut(ldapAgreement, params, (ports as SlapdPorts).on('ldap1'));
  expect(await configured(databaseDn)).toEqual(['001', '002', '004']);
  await expect.poll(running, { timeout: 5000 }).toEqual(['001', '002', '004']);
});

test('ldap.modify ends those consumers and no other', async () => {
  const { databaseDn } = await withFour();
  const params = { dn: databaseDn, delete: { olcSyncrepl: [agreement(1), agreement(4)] } };
  await carryOut(ldapModify, params, (ports as SlapdPorts).on('ldap1'));
  expect(await configured(databaseDn)).toEqual(['002', '003']);
  await expect.poll(running, { timeout: 5000 }).toEqual(['002', '003']);
});

test('what else a modify holds stays in it, and the switch comes last', () => {
  const whole = withAgreementsWhole(
    [
      { op: 'delete', attribute: 'olcSyncrepl', values: ['{1}'] },
      { op: 'delete', attribute: 'olcSyncrepl', values: ['{0}'] },
      { op: 'replace', attribute: 'olcMirrorMode', values: [] },
      { op: 'replace', attribute: 'olcUpdateRef', values: [] },
    ],
    ['{0}rid=001 credentials=one', '{1}rid=002 credentials=two'],
  );
  expect(whole.map(({ op, attribute, values }) => [op, attribute, values.map(reveal)])).toEqual([
    ['replace', 'olcSyncrepl', []],
    ['replace', 'olcUpdateRef', []],
    ['replace', 'olcMirrorMode', []],
  ]);
  expect(String(withAgreementsWhole([], ['{0}rid=001 credentials=one'])[0]?.values[0])).not.toContain('one');
});
