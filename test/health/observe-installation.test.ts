/** What a host says about slapd: as RHEL, Symas and Debian print it, and as it cannot be read. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/engine/ports.ts';
import { parseInstallation, readInstallation } from '../../src/health/observe/installation.ts';

const suffix = 'dc=my-domain,dc=com';

/** slapd 2.6 of EPEL 9: three databases, of which the third is the one. */
const RHEL = `version=2.6.8
conf=/etc/openldap/slapd.d
listeners=ldap:/// ldaps:/// ldapi:///
owner=ldap:ldap
unit=slapd
fqdn=ldap1.example.com
names=ldap1 192.0.2.11 2001:db8::11
started=4501762 100 1795621878 1795667294.250000000 45415.75
db=53248:10737418240:olcSuffix: cn=accesslog
db=1830912:10737418240:olcSuffix: dc=My-Domain, dc=com
log=olcAccessLogDB: cn=accesslog
`;

function printed(stdout: string, code = 0, stderr = ''): () => Promise<CommandResult> {
  return async () => ({ exit: { kind: 'exited', code }, stdout, stderr, truncated: false, durationMs: 1 });
}

describe('an installation', () => {
  test('of RHEL: its paths, listeners, owner, and the database among several', () => {
    expect(parseInstallation(RHEL, suffix)).toEqual({
      version: '2.6.8',
      running: true,
      startedAt: Math.round((1795667294.25 - 45415.75 + 45017.62) * 1000),
      listeners: ['ldap:///', 'ldaps:///', 'ldapi:///'],
      conf: '/etc/openldap/slapd.d',
      unit: 'slapd',
      owner: 'ldap:ldap',
      fqdn: 'ldap1.example.com',
      names: ['ldap1', '192.0.2.11', '2001:db8::11'],
      edited: [],
      certificate: undefined,
      dataBytes: { value: 1_830_912 },
      logBytes: { value: 53_248 },
      freeBytes: { value: 10_737_418_240 },
    });
  });

  test('of Symas, with a unit and paths of its own', () => {
    const text = RHEL.replace('/etc/openldap/slapd.d', '/opt/symas/etc/openldap/slapd.d').replace(
      'unit=slapd',
      'unit=symas-openldap-servers',
    );
    expect(parseInstallation(text, suffix)).toMatchObject({
      conf: '/opt/symas/etc/openldap/slapd.d',
      unit: 'symas-openldap-servers',
    });
  });

  test('that does not run has no start, and its files are read all the same', () => {
    const text = RHEL.replace(/^started=.*\n/m, '').replace(/^listeners=.*/m, 'listeners=');
    expect(parseInstallation(text, suffix)).toMatchObject({
      running: false,
      startedAt: undefined,
      listeners: [],
      dataBytes: { value: 1_830_912 },
    });
  });

  test('in a container that counts its own uptime: the start is told by whole seconds', () => {
    const text = RHEL.replace(/ 45415\.75$/m, ' 12.00');
    expect(parseInstallation(text, suffix).startedAt).toBe((1795621878 + 45017.62) * 1000);
  });

  test('whose suffix is not ASCII comes in base64', () => {
    const name = 'dc=münchen,dc=de';
    const text = `${RHEL}db=4096:1:olcSuffix:: ${Buffer.from(name).toString('base64')}\n`;
    expect(parseInstallation(text, name).dataBytes).toEqual({ value: 4096 });
  });

  test('that somebody has edited by hand names each file once', () => {
    const file = '/etc/openldap/slapd.d/cn=config/olcDatabase={2}mdb.ldif';
    expect(parseInstallation(`${RHEL}edited=${file}\nedited=${file}\n`, suffix).edited).toEqual([file]);
  });

  test('of which a part cannot be read says which, and why', () => {
    const unread = parseInstallation(RHEL.replace('db=1830912', 'db='), suffix);
    expect(unread.dataBytes).toEqual({ unknown: 'the size of data.mdb could not be read' });
    expect(unread.freeBytes).toEqual({ value: 10_737_418_240 });
    const none = parseInstallation(RHEL, 'dc=elsewhere');
    expect(none.dataBytes).toEqual({ unknown: 'no database on disk has the suffix' });
    const broken = parseInstallation(
      `${RHEL.replace(/^db=.*\n/gm, '')}catalogue=65a0 bad configuration directory!\n`,
      suffix,
    );
    expect(broken.dataBytes).toEqual({
      unknown: 'slapcat could not read cn=config: 65a0 bad configuration directory!',
    });
  });

  test('with a certificate tells until when it holds, and when its file was changed', () => {
    const pem = readFileSync(new URL('./certificate.pem', import.meta.url), 'utf8');
    const text = `${RHEL}certificate=1795000000:/etc/openldap/certs/server.pem\n${pem}`;
    expect(parseInstallation(text, suffix).certificate).toEqual({
      value: {
        path: '/etc/openldap/certs/server.pem',
        changedAt: 1_795_000_000_000,
        certificate: {
          subject: 'CN=ldap1.example.com',
          issuer: 'CN=ldap1.example.com',
          names: ['ldap1.example.com', '192.0.2.11'],
          notBefore: Date.UTC(2020, 0, 1),
          notAfter: Date.UTC(2021, 0, 1),
        },
      },
    });
    const gone = parseInstallation(`${RHEL}certificate=:/etc/openldap/certs/gone.pem\n`, suffix);
    expect(gone.certificate).toEqual({
      unknown: '/etc/openldap/certs/gone.pem is not there or cannot be read',
    });
    const odd = parseInstallation(`${RHEL}certificate=1795000000:/etc/openldap/certs/odd.pem\n`, suffix);
    expect(odd.certificate).toEqual({ unknown: expect.stringContaining('holds no PEM certificate') });
  });

  test('that is not there is told in the words of the script', async () => {
    const probe = printed('', 1, 'slapd is not installed\n');
    await expect(readInstallation({ probe })).rejects.toThrow(/^slapd is not installed$/);
    await expect(readInstallation({ probe: printed('', 127) })).rejects.toThrow('exited 127');
  });
});
