import { describe, expect, test } from 'vitest';
import type { SiteFacts } from '../../src/health/facts.ts';
import { poolOf } from '../../src/health/pool.ts';
import { isWhole, type Link } from '../../src/health/topology.ts';
import {
  agreement,
  healthySite,
  SUFFIX,
  withConfig,
  withDatabase,
  withInstallation,
  withServer,
  withWords,
} from './site.ts';

function link(site: SiteFacts, host = 'ldap3'): Link {
  const found = poolOf(site).links.find(({ consumer }) => consumer.name === host);
  if (!found) throw new Error(`${host} has no agreement`);
  return found;
}

const providerAs = (provider: string, site = healthySite()) => {
  const { provider: meant } = link(withWords(site, 'ldap3', { provider }));
  return meant.kind === 'server' ? meant.server.name : meant.kind;
};

describe('a provider is the server', () => {
  test.each([
    ['ldap://10.0.0.1', 'ldap1', 'of that address'],
    ['ldap://LDAP1:389/', 'ldap1', 'of that name'],
    ['ldap://ldap1.example.org.', 'ldap1', 'of that full name'],
    ['ldap://ldap1:636', 'foreign', 'but not at a port where it does not listen'],
    ['ldap://other.example.org', 'foreign', 'of no other name'],
    ['not a url', 'foreign', 'of no URL that cannot be read'],
    ['ldap://ldap3.example.org', 'itself', 'that the consumer is itself'],
    ['ldap://10.0.0.3', 'itself', 'that the consumer is itself, though slapd does not know it'],
  ])('%s: %s, %s', (url, expected) => {
    expect(providerAs(url)).toBe(expected);
  });

  test('by one of its further names', () => {
    const site = withInstallation(healthySite(), 'ldap2', { names: ['directory.example.org', '192.0.2.2'] });
    expect(providerAs('ldap://directory.example.org', site)).toBe('ldap2');
    expect(providerAs('ldap://192.0.2.2', site)).toBe('ldap2');
  });

  test('that was found by walking, at its own port only', () => {
    const site = withServer(healthySite(), 'ldap1', {
      host: '10.0.0.9:3389',
      address: '10.0.0.9',
      installation: { unknown: 'not of the inventory' },
    });
    expect(providerAs('ldap://10.0.0.9:3389', site)).toBe('10.0.0.9:3389');
    expect(providerAs('ldap://10.0.0.9', site)).toBe('foreign');
  });

  test('whose listeners are not known, whatever the port', () => {
    const site = withServer(healthySite(), 'ldap1', { installation: { unknown: 'no ps' } });
    expect(providerAs('ldap://ldap1:3389', site)).toBe('ldap1');
  });

  test('passes over an agreement with a URL that slapd knows for its own, and no other', () => {
    expect(link(withWords(healthySite(), 'ldap3', { provider: 'ldap://localhost' })).provider).toEqual({
      kind: 'itself',
      ignored: true,
    });
    expect(link(withWords(healthySite(), 'ldap3', { provider: 'ldap://10.0.0.3' })).provider).toEqual({
      kind: 'itself',
      ignored: false,
    });
  });
});

describe('the role of a server', () => {
  const rolesOf = (site: SiteFacts) => Object.fromEntries(poolOf(site).roles);

  test('is master, replica, alone, or not known', () => {
    expect(rolesOf(healthySite())).toEqual({ ldap1: 'master', ldap2: 'master', ldap3: 'replica' });
    expect(rolesOf(withDatabase(healthySite(), 'ldap3', { agreements: [] }))).toMatchObject({
      ldap3: 'alone',
    });
    expect(rolesOf(withServer(healthySite(), 'ldap3', { config: { unknown: 'x' } }))).toMatchObject({
      ldap3: 'unknown',
    });
  });

  test('is master for a single provider of replicas too', () => {
    const single = withDatabase(healthySite(), 'ldap1', { agreements: [], multiProvider: false });
    const site = withDatabase(single, 'ldap2', { multiProvider: false });
    expect(rolesOf(site)).toEqual({ ldap1: 'master', ldap2: 'replica', ldap3: 'replica' });
  });
});

test('an agreement is whole unless scope, filter, attributes or base leave something out', () => {
  const whole = (words: Readonly<Record<string, string>>) =>
    isWhole(link(withWords(healthySite(), 'ldap3', words)), SUFFIX);
  expect(whole({ scope: 'sub', filter: '(objectClass=*)', attrs: '*, +' })).toBe(true);
  expect(whole({ searchbase: 'dc=org' })).toBe(true);
  expect(whole({ searchbase: `ou=people,${SUFFIX}` })).toBe(false);
  expect(whole({ scope: 'one' })).toBe(false);
  expect(whole({ filter: '(objectClass=person)' })).toBe(false);
  expect(whole({ attrs: 'cn,sn' })).toBe(false);
});

describe('server IDs of contextCSN', () => {
  const kindsOf = (site: SiteFacts) =>
    Object.fromEntries(poolOf(site).sids.map(({ sid, kind }) => [sid, kind]));
  const old = '20250101000000.000000Z#000000#009#000000';

  test('are claimed by servers, or retired when every server is known to have another', () => {
    expect(kindsOf(healthySite())).toEqual({ 1: 'claimed', 2: 'claimed' });
    const site = withCsn(healthySite(), old);
    expect(kindsOf(site)).toMatchObject({ 9: 'retired' });
    expect(kindsOf(withServer(site, 'ldap2', { config: { unknown: 'x' } }))).toMatchObject({ 9: 'unclear' });
    expect(kindsOf(withConfig(site, 'ldap2', { serverIds: ['9'] }))).toMatchObject({
      9: 'claimed',
      2: 'retired',
    });
  });

  test('a master that has never written is there, with nothing to have', () => {
    const site = withConfig(healthySite(), 'ldap2', { serverIds: ['5'] });
    const state = poolOf(site).sids.find(({ sid }) => sid === 5);
    expect(state?.owners.map(({ name }) => name)).toEqual(['ldap2']);
    expect([...(state?.at.values() ?? [])].map(({ kind }) => kind)).toEqual([
      'nothing',
      'nothing',
      'nothing',
    ]);
  });

  test('what a server has cannot be told where its contextCSN was not read', () => {
    const site = withServer(healthySite(), 'ldap2', { csns: { unknown: 'no such object' } });
    expect(poolOf(site).sids[0]?.at.get('ldap2')).toEqual({ kind: 'unknown', why: 'no such object' });
  });

  function withCsn(site: SiteFacts, csn: string): SiteFacts {
    const [, sid = ''] = /#([0-9a-f]{3})#/.exec(csn) ?? [];
    const value = { second: csn.slice(0, 14), micros: 0, count: 0, sid: Number.parseInt(sid, 16), mod: 0 };
    return { ...site, target: new Map([...site.target, [value.sid, value]]) };
  }
});

test('an agreement without a readable RID is shown as such', () => {
  const site = withDatabase(healthySite(), 'ldap3', {
    agreements: [{ words: agreement(1, 'ldap1').words.slice(1) }],
  });
  expect(link(site).rid).toBe('---');
});
