/** `zimbra.agreements` on a real slapd; the tool is a program of this test that prints what the product's own prints. */
import { expect, test } from 'vitest';
import { zimbraAgreements } from '../../src/actions/zimbra-agreements.ts';
import type { CommandResult, ReadPorts } from '../../src/engine/ports.ts';
import { enableMmr, MAIN, rootServer, type ZimbraSlapd, zimbraSlapds } from '../zimbra-slapd.ts';

const peer = 'ldap://ldap2.example.com:389';

async function lookAt({ ports }: ZimbraSlapd, code: number, stdout = '') {
  const asked: unknown[] = [];
  const printing: ReadPorts = {
    ...ports,
    probe: async (command) => {
      asked.push(command.as);
      return {
        exit: { kind: 'exited', code },
        stdout,
        stderr: '',
        truncated: false,
        durationMs: 1,
      } satisfies CommandResult;
    },
  };
  const params = { server: rootServer, tool: true };
  const facts = await zimbraAgreements.read(params, printing);
  expect(asked).toEqual(['root']);
  const result = zimbraAgreements.result(params, facts) as Record<string, unknown>;
  expect(zimbraAgreements.lacking(params, facts) ?? '').toContain(result['tool_differs']);
  return result;
}

test('a fresh server has its tree in {2} and no partner, and the tool says so', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  const said = 'Error: No Server ID found.  This does not appear to be a multi-master server.';
  expect(await lookAt(ldap1, 0, `${said}\n`)).toEqual({
    server_ids: [],
    database: 'olcDatabase={2}mdb,cn=config',
    log: '',
    multi: false,
    replica: false,
    agreements: [],
    tool_differs: '',
    tool_said: said,
  });
});

test('a master of several has its log in {2} and its tree in {3}', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  await enableMmr(ldap1, { sid: 1, provider: `${peer}/` });
  const printed = `Master Server ID: 1\nMaster replication agreement: 1\nrid: 100 URI: ${peer}/ TLS: \n`;
  const found = await lookAt(ldap1, 0, printed);
  expect(found).toMatchObject({
    server_ids: ['1'],
    database: MAIN,
    log: 'olcDatabase={2}mdb,cn=config',
    multi: true,
    agreements: [{ rid: 100, provider: `${peer}/`, host: 'ldap2.example.com', port: 389, tls: 'none' }],
    tool_differs: '',
  });
  expect(JSON.stringify(found)).not.toContain('replica-of-zimbra');
  expect(
    await lookAt(ldap1, 0, 'Master Server ID: 1\nError: No sync replication entries found\n'),
  ).toMatchObject({
    tool_differs: 'the tool sees 0 agreements, cn=config has 1',
  });
});

test.each([4, 5])('a host without the tool (exit %i) is looked at all the same', async (code) => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  expect(await lookAt(ldap1, code)).toMatchObject({ tool_differs: '', tool_said: '' });
});

test('what a master lacks is told, with what there is', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  const lacks = async (params: Parameters<typeof zimbraAgreements.read>[0]) => {
    const facts = await zimbraAgreements.read({ server: rootServer, ...params }, ldap1.ports);
    return zimbraAgreements.lacking(params, facts);
  };
  expect(await lacks({ master: true, 'pulls-from': ['ldap2.example.com'] })).toBe(
    'cn=config of ldap1: there is no olcServerID; there is no database cn=accesslog; ' +
      'olcDatabase={2}mdb,cn=config has no overlay syncprov (it has none); ' +
      'olcDatabase={2}mdb,cn=config has no overlay accesslog (it has none); ' +
      'olcDatabase={2}mdb,cn=config has neither olcMirrorMode nor olcMultiProvider TRUE; ' +
      'no agreement with ldap2.example.com, and there are none',
  );
  await enableMmr(ldap1, { sid: 1, provider: `${peer}/` });
  expect(await lacks({ master: true, 'pulls-from': ['LDAP2.example.com'] })).toBeUndefined();
  expect(await lacks({ 'pulls-from': ['ldap3.example.com'] })).toBe(
    `cn=config of ldap1: no agreement with ldap3.example.com, and there is ${peer}/ (rid 100)`,
  );
});
