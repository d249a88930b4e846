import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import { doctorText } from '../../src/reporters/doctor-text.ts';
import { BROKEN_AGREEMENTS } from '../health/broken-agreements.ts';
import { BROKEN_PROVIDERS } from '../health/broken-providers.ts';
import { BROKEN_SERVERS } from '../health/broken-servers.ts';
import { healthySite, withConfig, withInstallation } from '../health/site.ts';

const plain = { colour: false, ascii: false };

test('each finding is told with what was seen, why it bites and what mends it; a long command stands by itself', () => {
  const site = withInstallation(withConfig(healthySite(), 'ldap2', { serverIds: ['0x1'] }), 'ldap3', {
    edited: ['a.ldif'],
  });
  const findings = diagnose(site).filter(({ code }) => ['sid-duplicate', 'config-edited'].includes(code));
  expect(doctorText(findings, { columns: 80, ...plain })).toBe(`\
✘ critical  sid-duplicate  ldap1 ldap2
  ldap1 and ldap2 have the same server ID 1.
  why  after an interruption the changes of the one hide those of the other:
       entries are missing, contextCSN is equal, and no log says so.
  fix  On ldap2:
       $ printf '%s\\n' 'dn: cn=config' 'changetype: modify' 'replace: olcServerID' 'olcServerID: 4' | ldapmodify -Q -Y EXTERNAL -H ldapi:///
       an ID that no change carries yet. Then
       $ lockstep run openldap/converge -i hosts.yaml --set pool=ldap1,ldap2
       tells whether entries are missing, and openldap/reload brings them back.

⚑ warning  config-edited  ldap3
  on ldap3 somebody has edited a.ldif.
  why  slapd does not see the edit until it is restarted, and writes over it
       when that entry is changed.
  fix  Restart slapd if the edit is meant; change cn=config with ldapmodify,
       which also writes the right CRC.
`);
});

test('nothing found is said so', () => {
  expect(doctorText([], { columns: 80, ...plain })).toBe('Nothing is wrong, as far as was looked.\n');
});

test.each([60, 80, 120])('no line but a command is wider than %i columns', (columns) => {
  const findings = [...BROKEN_SERVERS, ...BROKEN_AGREEMENTS, ...BROKEN_PROVIDERS].flatMap(({ site }) =>
    diagnose(site()),
  );
  for (const ascii of [false, true])
    for (const line of doctorText(findings, { columns, colour: false, ascii }).split('\n'))
      if (!/^ {2}(?:fix| {3}) {2}\$ /.test(line))
        expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
});

test('without Unicode it is ASCII', () => {
  const findings = BROKEN_SERVERS.flatMap(({ site }) => diagnose(site()));
  expect(doctorText(findings, { columns: 80, colour: false, ascii: true })).toMatch(/^[\n\u0020-\u007e]*$/);
});

test('a command can be pasted as it is', () => {
  const site = withConfig(healthySite(), 'ldap2', { serverIds: ['1'] });
  const text = doctorText(diagnose(site), { columns: 40, ...plain });
  expect(text).toContain(
    `$ printf '%s\\n' 'dn: cn=config' 'changetype: modify' 'replace: olcServerID' 'olcServerID: 4' | ldapmodify -Q -Y EXTERNAL -H ldapi:///\n`,
  );
});
