import { expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { SiteFacts } from '../../src/health/facts.ts';
import { healthJson } from '../../src/reporters/health-json.ts';
import {
  deltaSite,
  healthySite,
  MINUTE,
  NOW,
  PASSWORD,
  withCsns,
  withServer,
  withTrial,
} from '../health/site.ts';

const json = (site: SiteFacts) => JSON.parse(JSON.stringify(healthJson(site, diagnose(site))));
const OF_1 = '20261126010000.000000Z#000000#001#000000';

test('a site as a value for machines', () => {
  const { servers, changes, agreements, ...rest } = json(healthySite());
  expect(rest).toEqual({
    format: 'lockstep-status/1',
    suffix: 'dc=example,dc=org',
    at: '2026-11-26T04:00:00.000Z',
    verdict: { word: 'ok', code: 0 },
    nodes: null,
    flights: null,
    gaps: null,
    findings: [],
  });
  expect(servers[1]).toEqual({
    name: 'ldap2',
    address: '10.0.0.2',
    role: 'master',
    reachable: true,
    running: true,
    version: '2.5.13',
    sid: 2,
    started: '2026-11-23T04:00:00.000Z',
    entries: 703,
    glue: 0,
    clock: { 'skew-ms': 2, 'uncertainty-ms': 2 },
    map: { bytes: 134217728, of: 1073741824 },
    'free-bytes': 20971520000,
    certificate: {
      path: '/etc/ldap/tls/cert.pem',
      names: ['ldap2.example.org', 'ldap2'],
      until: '2027-06-14T04:00:00.000Z',
      days: 200,
    },
    'context-csn': { '001': OF_1, '002': '20261125230000.000000Z#000000#002#000000' },
    unknown: {},
  });
  expect(changes[0]).toEqual({
    sid: 1,
    kind: 'claimed',
    owners: ['ldap1'],
    newest: OF_1,
    servers: { ldap1: { state: 'in sync' }, ldap2: { state: 'in sync' }, ldap3: { state: 'in sync' } },
  });
  expect(agreements[0]).toEqual({
    consumer: 'ldap1',
    provider: 'ldap2',
    url: 'ldap://ldap2:389',
    rid: '001',
    mode: 'persist',
    accesslog: false,
    tls: 'starttls',
    state: 'connected',
    from: 'monitor',
    'last-contact': '2026-11-26T03:59:56.000Z',
    'next-try': null,
    'last-error': null,
    trial: { kind: 'ok', entries: 703, limited: false, passwords: true },
  });
});

test('who is behind, since when, and what is not known', () => {
  const late = withCsns(healthySite(), 'ldap3', OF_1);
  const { changes, servers, verdict, findings } = json({
    ...withServer(late, 'ldap1', { clock: { unknown: 'no date' } }),
    behindSince: new Map([['ldap3 002', NOW - MINUTE]]),
  });
  expect(changes[1].servers.ldap3).toEqual({ state: 'behind', has: null, since: '2026-11-26T03:59:00.000Z' });
  expect(servers[0]).toMatchObject({ clock: null, unknown: { clock: 'no date' } });
  expect(verdict).toEqual({ word: 'warning', code: 1 });
  expect(findings[0]).toEqual({
    code: 'behind',
    severity: 'warning',
    where: ['ldap3'],
    what: expect.stringContaining('ldap3 lacks changes of ldap2'),
    why: expect.any(String),
    fix: expect.any(String),
  });
});

test('a host that cannot be reached has one reason, and no values', () => {
  const unknown = { unknown: 'no route' };
  const site = withServer(healthySite(), 'ldap2', {
    unreachable: 'no route',
    installation: unknown,
    config: unknown,
    csns: unknown,
    content: unknown,
    clock: unknown,
  });
  expect(json(site).servers[1]).toMatchObject({
    reachable: false,
    running: null,
    role: 'unknown',
    entries: null,
    unknown: { host: 'no route' },
  });
});

test('no secret is in it', () => {
  const refused = withTrial(deltaSite(), 'ldap2', '001', { kind: 'refused', code: 49, why: 'x' });
  for (const site of [healthySite(), deltaSite(), refused])
    expect(JSON.stringify(json(site))).not.toContain(PASSWORD);
});
