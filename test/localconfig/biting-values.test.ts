import { expect, test } from 'vitest';
import { biteOf } from '../../src/localconfig/biting-values.ts';
import { Secret } from '../../src/secrets/secret.ts';

test.each([
  ['ldap_url', 'ldap://a:389'],
  ['ldap_url', 'ldap://a.example.com:389 ldaps://b:636 ldap://c'],
  ['ldap_master_url', 'ldap://a:389 ldap://b:389'],
  ['ldap_is_master', 'true'],
  ['ldap_is_master', 'false'],
  ['ldap_replication_password', 'Aa1!#$%&()*+,-./:;<=>?@[]^_`{|}~'],
  ['ldap_root_password', 'with "double" quotes \\ and blanks'],
  ['ldap_overlay_accesslog_logpurge', '01+00:00  00+04:00'],
  ['mailboxd_java_options', "-Dx='y'"],
  ['postfix_note', ''],
])('%s may be %s', (key, value) => {
  expect(biteOf(key, value)).toBeUndefined();
});

test.each([
  ['ldap_url', 'ldap://a:389  ldap://b:389', /more blanks than one/],
  ['ldap_url', 'ldap://a:389 ', /more blanks than one/],
  ['ldap_url', ' ldap://a:389', /more blanks than one/],
  ['ldap_url', '', /holds "", which is no URL/],
  ['ldap_url', 'ldap://a:389,ldap://b:389', /is no URL of a server/],
  ['ldap_url', 'ldap://a:389 b', /holds "b", which is no URL/],
  ['ldap_master_url', 'http://a', /holds "http:\/\/a", which is no URL/],
  ['ldap_master_url', 'ldap://', /which is no URL/],
  ['ldap_master_url', 'ldapi:///', /which is no URL/],
  ['ldap_url', 'ldap://a:389\nldap://b:389', /line break/],
  ['ldap_url', 'ldap://a:389 \\\nldap://b:389', /line break/],
  ['anything', 'a\rb', /line break/],
  ['anything', 'a\u0000b', /control character/],
  ['ldap_is_master', 'TRUE', /neither true nor false/],
  ['ldap_is_master', '', /neither true nor false/],
  ['ldap_root_password', "it's", /holds a ', which is lost/],
  ['mailboxd_truststore_password', "it's", /holds a '/],
  ['ldap_postfix_password', ' lead', /begins or ends with a blank/],
  ['ldap_postfix_password', 'trail ', /begins or ends with a blank/],
  ['ldap_nginx_password', '', /is empty/],
  ['ldap_replication_password', 'two words', /stored broken in olcSyncrepl/],
  ['ldap_replication_password', 'dou"ble', /stored broken/],
  ['ldap_replication_password', 'back\\slash', /stored broken/],
  ['ldap_replication_password', "sing'le", /holds a '/],
])('%s may not be %j', (key, value, fact) => {
  const bite = biteOf(key, value);
  expect(bite?.fact).toMatch(fact);
  expect(bite?.next).toMatch(/\.$/);
  // A secret is judged like a text, and never told.
  const told = biteOf(key, new Secret('mine', value));
  expect(told).toEqual(bite);
  if (/password/.test(key) && value !== '') expect(JSON.stringify(told)).not.toContain(value.trim());
});
