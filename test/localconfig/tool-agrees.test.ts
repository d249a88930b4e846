import { expect, test } from 'vitest';
import type { Told } from '../../src/localconfig/mmr-tool-text.ts';
import { type Configured, howToolDiffers } from '../../src/localconfig/tool-agrees.ts';

const config: Configured = {
  serverIds: ['1'],
  multiProvider: true,
  agreements: [
    { rid: 100, provider: 'ldap://ldap2.example.com:389', starttls: 'critical' },
    { rid: 101, provider: 'ldap://ldap3.example.com:389/', starttls: '' },
  ],
};
const alone: Configured = { serverIds: [], multiProvider: false, agreements: [] };
const two = { rid: 100, provider: 'ldap://ldap2.example.com:389/', tls: 'critical' };
const three = { rid: 101, provider: 'ldap://ldap3.example.com:389', tls: '' };
const agreements = (
  serverId: number | undefined,
  ...list: readonly (typeof two | { rid: number; provider: string; tls: undefined })[]
): Told => ({
  kind: 'agreements',
  serverId,
  agreements: list,
});

test.each<[string, Told, Configured]>([
  ['whatever the order and the slash', agreements(1, three, two), config],
  ['without a server ID from the old tool', agreements(undefined, two, three), config],
  [
    'without TLS from the oldest',
    agreements(1, { ...two, tls: undefined }, { ...three, tls: undefined }),
    config,
  ],
  ['nothing and nothing', agreements(undefined), alone],
  ['a server without an ID', { kind: 'not-multi-master' }, alone],
  ['a replica', { kind: 'not-a-master' }, alone],
])('the tool agrees: %s', (_, told, found) => {
  expect(howToolDiffers(told, found)).toBeUndefined();
});

test.each<[Told, RegExp]>([
  [agreements(2, two, three), /sees server ID 2, cn=config has 1/],
  [agreements(1, two), /sees 1 agreements, cn=config has 2/],
  [
    agreements(1, two, { ...three, rid: 102 }),
    /sees rid 101 otherwise than cn=config, where it is from ldap:\/\/ldap3/,
  ],
  [agreements(1, two, { ...three, provider: 'ldap://ldap4' }), /sees rid 101 otherwise/],
  [agreements(1, { ...two, tls: '' }, three), /sees rid 100 otherwise/],
  [{ kind: 'not-multi-master' }, /sees no server ID/],
  [{ kind: 'not-a-master' }, /ldap_is_master is not true/],
  [{ kind: 'no-openldap' }, /sees no slapd/],
  [{ kind: 'unreadable', line: 'Bind: Invalid credentials' }, /says "Bind: Invalid credentials"/],
])('the tool differs: %j', (told, message) => {
  expect(howToolDiffers(told, config)).toMatch(message);
});
