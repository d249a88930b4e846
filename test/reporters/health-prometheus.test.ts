import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { SiteFacts } from '../../src/health/facts.ts';
import { healthPrometheus } from '../../src/reporters/health-prometheus.ts';
import { BROKEN_DATA } from '../health/broken-data.ts';
import { BROKEN_SERVERS } from '../health/broken-servers.ts';
import { healthySite, MINUTE, NOW, withCsns, withMonitor, withServer } from '../health/site.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Strict: throws at what the text exposition format 0.0.4 does not have. */
function parse(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples: Sample[] = [];
  const done = new Set<string>();
  let family = '';
  let told: 'HELP' | 'TYPE' | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (head) {
      const [, word, name = '', rest] = head;
      if (word === 'HELP') {
        if (done.has(name)) throw new Error(`${name} comes twice`);
        done.add(name);
        family = name;
      } else if (told !== 'HELP' || name !== family || rest !== 'gauge') throw new Error(line);
      told = word as 'HELP' | 'TYPE';
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(
        line,
      );
    if (!sample || sample[1] !== family || told !== 'TYPE') throw new Error(line);
    const labels = [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, key = '', value = '']) => [
        key,
        value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
      ],
    );
    samples.push({ name: sample[1] ?? '', labels: Object.fromEntries(labels), value: Number(sample[3]) });
  }
  return samples;
}

const samplesOf = (site: SiteFacts) => parse(healthPrometheus(site, diagnose(site)));
const gauge = (samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>) =>
  samples.find(
    (sample) =>
      sample.name === `lockstep_ldap_${name}` &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
const OF_1 = '20261126010000.000000Z#000000#001#000000';

describe('the text', () => {
  test('can be read back, and no sample comes twice', () => {
    for (const site of [healthySite(), ...[...BROKEN_SERVERS, ...BROKEN_DATA].map(({ site }) => site())]) {
      const keys = samplesOf(site).map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.every((key) => key.startsWith('lockstep_ldap_'))).toBe(true);
    }
  });

  test('escapes what a name may hold', () => {
    const host = 'a"b\\c\nd';
    const site = withServer(healthySite(), 'ldap1', { host });
    expect(gauge(samplesOf(site), 'entries', { server: host })).toBe(703);
  });
});

test('a site that is well', () => {
  const samples = samplesOf(healthySite());
  expect(gauge(samples, 'verdict', { suffix: 'dc=example,dc=org' })).toBe(0);
  expect(gauge(samples, 'up', { server: 'ldap1' })).toBe(1);
  expect(
    gauge(samples, 'server_info', { server: 'ldap2', role: 'master', version: '2.5.13', sid: '2' }),
  ).toBe(1);
  expect(gauge(samples, 'clock_skew_seconds', { server: 'ldap2' })).toBe(0.002);
  expect(gauge(samples, 'certificate_expiry_timestamp_seconds', { server: 'ldap2' })).toBe(1812945600);
  expect(gauge(samples, 'context_csn_timestamp_seconds', { server: 'ldap2', sid: '001' })).toBe(1795654800);
  expect(gauge(samples, 'behind_seconds', { server: 'ldap3', sid: '002' })).toBe(0);
  expect(gauge(samples, 'agreement_up', { consumer: 'ldap3', provider: 'ldap1', rid: '001' })).toBe(1);
  expect(gauge(samples, 'look_timestamp_seconds', {})).toBe(NOW / 1000);
  expect(samples.filter(({ name }) => name === 'lockstep_ldap_finding')).toEqual([]);
});

test('a site that is not', () => {
  const late = withCsns(healthySite(), 'ldap3', OF_1);
  const cut = withMonitor(late, 'ldap3', '001', { connection: undefined });
  const flights = [
    { from: 'ldap1', to: 'ldap2', ms: 120 },
    { from: 'ldap1', to: 'ldap3', ms: undefined },
  ];
  const samples = samplesOf({ ...cut, flights, behindSince: new Map([['ldap3 002', NOW - 2 * MINUTE]]) });
  expect(gauge(samples, 'verdict', {})).toBe(2);
  expect(gauge(samples, 'behind', { server: 'ldap3', sid: '002' })).toBe(1);
  expect(gauge(samples, 'behind_seconds', { server: 'ldap3', sid: '002' })).toBe(120);
  expect(gauge(samples, 'agreement_up', { consumer: 'ldap3' })).toBe(0);
  expect(gauge(samples, 'canary_seconds', { from: 'ldap1', to: 'ldap2' })).toBe(0.12);
  expect(gauge(samples, 'canary_seconds', { to: 'ldap3' })).toBeUndefined();
  expect(gauge(samples, 'canary_arrived', { to: 'ldap3' })).toBe(0);
  expect(gauge(samples, 'finding', { code: 'agreement-down', severity: 'critical' })).toBe(1);
  expect(gauge(samples, 'findings', { severity: 'critical' })).toBe(2);
});

test('what is not known has no sample', () => {
  const unknown = { unknown: 'x' };
  const site = withServer(healthySite(), 'ldap2', {
    clock: unknown,
    content: unknown,
    csns: unknown,
    installation: unknown,
  });
  const samples = samplesOf(site).filter(({ labels }) => labels['server'] === 'ldap2');
  expect(samples.map(({ name }) => name.replace('lockstep_ldap_', ''))).toEqual([
    'server_info',
    'map_size_bytes',
  ]);
});
