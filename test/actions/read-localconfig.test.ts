import { expect, test } from 'vitest';
import { readLocalconfigAction as action } from '../../src/actions/read-localconfig.ts';
import { scriptedPorts } from './ports.ts';

const xml = `<?xml version="1.0" encoding="UTF-8"?>

<localconfig>
  <key name="ldap_url">
    <value>ldap://ldap1.example.com:389 ldap://ldap2.example.com:389</value>
  </key>
</localconfig>
`;

test('keys are read as they stand in the file, with the place of the product', async () => {
  const ports = scriptedPorts([
    { probe: { as: 'root' }, gives: { stdout: `/opt/zextras/conf/localconfig.xml\n${xml}` } },
  ]);
  const facts = await action.read({ keys: ['ldap_url', 'ldap_is_master'] }, ports);
  ports.done();
  expect(action.result({ keys: ['ldap_url', 'ldap_is_master'] }, facts)).toEqual({
    file: '/opt/zextras/conf/localconfig.xml',
    home: '/opt/zextras',
    product: 'carbonio',
    values: { ldap_url: 'ldap://ldap1.example.com:389 ldap://ldap2.example.com:389', ldap_is_master: '' },
  });
});

test('a host without the product is an error that names the files', async () => {
  const ports = scriptedPorts([{ probe: { as: 'root' }, gives: { code: 44 } }]);
  await expect(action.read({ keys: ['ldap_url'] }, ports)).rejects.toThrow(
    'ldap1 has no /opt/zimbra/conf/localconfig.xml and no /opt/zextras/conf/localconfig.xml',
  );
});

test.each(['ldap_root_password', 'mysql_root_pwd', 'some_secret'])('%s is no key to capture', (key) => {
  const said = action.params.safeParse({ keys: [key] });
  expect(said.error?.issues[0]?.message).toContain('localconfig:KEY');
});
