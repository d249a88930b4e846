import { describe, expect, test } from 'vitest';
import { parseMmrTool } from '../../src/localconfig/mmr-tool-text.ts';

describe('zmldapmmrtool -q since 8.7', () => {
  test('tells the server ID and each agreement, TLS or none', () => {
    const printed = `Master Server ID: 1
Master replication agreement: 1
rid: 100 URI: ldap://ldap2.example.com:389/ TLS: critical
Master replication agreement: 2
rid: 101 URI: ldap://ldap3.example.com:389 TLS: \n`;
    expect(parseMmrTool(printed)).toEqual({
      kind: 'agreements',
      serverId: 1,
      agreements: [
        { rid: 100, provider: 'ldap://ldap2.example.com:389/', tls: 'critical' },
        { rid: 101, provider: 'ldap://ldap3.example.com:389', tls: '' },
      ],
    });
  });

  test('tells a server with an ID and no agreement', () => {
    const printed = 'Master Server ID: 3\nError: No sync replication entries found\n';
    expect(parseMmrTool(printed)).toEqual({ kind: 'agreements', serverId: 3, agreements: [] });
  });

  test('tells a server that is alone', () => {
    const printed = 'Error: No Server ID found.  This does not appear to be a multi-master server.\n';
    expect(parseMmrTool(printed)).toEqual({ kind: 'not-multi-master' });
  });

  test('prints its usage where ldap_is_master is not true', () => {
    const printed =
      '  zmldapmmrtool [-q] [-d] [-u] [-o RID] [-r RID] [-m masterURI] [-t critical|off]\nWhere:\n';
    expect(parseMmrTool(printed)).toEqual({ kind: 'not-a-master' });
  });
});

describe('zmldapmmrtool -q of 8.0.7 to 8.6', () => {
  test('tells the agreements, and no server ID', () => {
    const printed = `Master replication information
Master replica 1
rid: 100 URI: ldap://ldap2.example.com:389/ TLS: critical
Master replica 2
rid: 101 URI: ldap://ldap3.example.com:389/ TLS: \n`;
    expect(parseMmrTool(printed)).toEqual({
      kind: 'agreements',
      serverId: undefined,
      agreements: [
        { rid: 100, provider: 'ldap://ldap2.example.com:389/', tls: 'critical' },
        { rid: 101, provider: 'ldap://ldap3.example.com:389/', tls: '' },
      ],
    });
  });

  test('prints nothing where there is no agreement', () => {
    expect(parseMmrTool('')).toEqual({ kind: 'agreements', serverId: undefined, agreements: [] });
  });
});

describe('zmldapquery-mmr of 8.0.0 to 8.0.6', () => {
  test('tells the server ID and the agreements, and nothing of TLS', () => {
    const printed = `Server information
ServerID: 1

Master replication information
Master replica 1
rid: 100 URI: ldap://ldap2.example.com:389/
`;
    expect(parseMmrTool(printed)).toEqual({
      kind: 'agreements',
      serverId: 1,
      agreements: [{ rid: 100, provider: 'ldap://ldap2.example.com:389/', tls: undefined }],
    });
  });

  test.each([
    ['Error: Not a multi-master.\n', 'not-multi-master'],
    ['Not a master.\n', 'not-a-master'],
  ])('says %j', (printed, kind) => {
    expect(parseMmrTool(printed)).toEqual({ kind });
  });
});

test('a host without slapd is told', () => {
  expect(parseMmrTool('ERROR: openldap does not appear to be installed - exiting\n')).toEqual({
    kind: 'no-openldap',
  });
});

test('what is not understood is told by its line, whatever stood before it', () => {
  const printed =
    'Master Server ID: 1\nconnect: Connection refused at /opt/zimbra/libexec/zmldapmmrtool line 99.\n';
  expect(parseMmrTool(printed)).toEqual({
    kind: 'unreadable',
    line: 'connect: Connection refused at /opt/zimbra/libexec/zmldapmmrtool line 99.',
  });
  expect(parseMmrTool('Bind: Invalid credentials\n').kind).toBe('unreadable');
});
