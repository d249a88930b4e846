/** What a status of Zimbra shows more than one of OpenLDAP: its nodes, and where they look for their directory. */
import { expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { SiteFacts } from '../../src/health/facts.ts';
import { nagiosLine } from '../../src/health/verdict.ts';
import { healthJson } from '../../src/reporters/health-json.ts';
import { healthText } from '../../src/reporters/health-text.ts';
import { withLocalconfig, withNode, zimbraSite } from '../health/zimbra-site.ts';

const shown = (site: SiteFacts) =>
  healthText(site, diagnose(site), { columns: 120, colour: false, ascii: true });

test('a table has each node, and its lists by the names of the nodes', () => {
  expect(shown(zimbraSite())).toContain(`
node      kind          release  ldap_url              ldap_master_url
ldap1     master        10.1.0   ldap1 ldap2           ldap1 ldap2
ldap2     master        10.1.0   ldap2 ldap1           ldap2 ldap1
replica1  replica       10.1.0   replica1 ldap1 ldap2  ldap1 ldap2
store1    no directory  10.1.0   replica1 ldap1 ldap2  ldap2 ldap1
`);
});

test('the product stands where a suffix would be that there is none of', () => {
  expect(shown(zimbraSite())).toMatch(/^Zimbra 10\.1\.0 /);
  expect(nagiosLine(zimbraSite(), [])).toMatch(
    /^LDAP OK: 3 servers of Zimbra 10\.1\.0, nothing to complain of \|/,
  );
});

test('a node that was not seen has question marks, and one that was never set up says so', () => {
  const unknown = { unknown: 'x' };
  const lost = withNode(zimbraSite(), 'store1', {
    product: unknown,
    isDirectory: unknown,
    localconfig: unknown,
    unreachable: 'no route',
  });
  expect(shown(lost)).toMatch(/^store1 +unreachable +\? +\? +\?$/m);
  expect(shown(withLocalconfig(zimbraSite(), 'store1', { values: {} }))).toMatch(
    /^store1 +bare +10\.1\.0 +- +-$/m,
  );
});

test('JSON has the nodes with their plain keys, and no fingerprint', () => {
  const site = zimbraSite();
  const { nodes } = healthJson(site, diagnose(site));
  expect(nodes?.[3]).toEqual({
    name: 'store1',
    address: 'store1.lab.example',
    kind: 'client',
    product: 'zimbra',
    release: '10.1.0',
    localconfig: expect.objectContaining({
      ldap_is_master: 'false',
      zimbra_server_hostname: 'store1.lab.example',
    }),
    unknown: {},
  });
  expect(JSON.stringify(nodes)).not.toContain('password');
});
