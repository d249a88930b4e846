/** What rules must not say: of what was not seen, of what is still on its way, of what another rule tells already. */
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { ServerFacts, SiteFacts } from '../../src/health/facts.ts';
import {
  DAY,
  databaseOf,
  deltaSite,
  healthySite,
  MINUTE,
  NOW,
  position,
  REPLICATOR,
  SUFFIX,
  seen,
  serverOf,
  withConfig,
  withContent,
  withCsns,
  withDatabase,
  withInstallation,
  withLog,
  withLogDatabase,
  withMonitor,
  withServer,
  withTrial,
  withWords,
} from './site.ts';

const codes = (site: SiteFacts) => diagnose(site).map(({ code }) => code);
const OF_1 = '20261126010000.000000Z#000000#001#000000';
const unknown = { unknown: 'it was not looked at' };
const SEEN = { kind: 'ok', entries: 703, limited: false, passwords: true } as const;

describe('what was not seen', () => {
  const parts = ['clock', 'installation', 'config', 'csns', 'content', 'monitor', 'log'] as const;
  const sites = [healthySite, deltaSite] as const;

  test.each(parts)('is never taken for a value: %s', (part) => {
    for (const site of sites)
      for (const { host } of site().servers) {
        const findings = diagnose(withServer(site(), host, { [part]: unknown } as Partial<ServerFacts>));
        expect(findings.filter(({ severity }) => severity === 'critical' || severity === 'warning')).toEqual(
          [],
        );
      }
  });

  test('is never taken for a value: a whole host, but for that it cannot be reached', () => {
    for (const site of sites)
      for (const { host } of site().servers) {
        const all = Object.fromEntries(parts.map((part) => [part, unknown])) as Partial<ServerFacts>;
        const lost = withServer(site(), host, { ...all, trials: new Map(), unreachable: 'no route' });
        const told = diagnose(lost).filter(
          ({ severity }) => severity === 'critical' || severity === 'warning',
        );
        expect(told.map(({ code }) => code)).toEqual(['host-unreachable']);
      }
  });

  test('is never taken for a value: nothing was tried', () => {
    const site = healthySite().servers.reduce(
      (before, { host }) => withServer(before, host, { trials: new Map() }),
      healthySite(),
    );
    expect(codes(site)).toEqual([]);
  });

  test('is told of a server outside of the inventory as what it is, and no more', () => {
    const all = Object.fromEntries(parts.map((part) => [part, unknown])) as Partial<ServerFacts>;
    const { csns, content } = serverOf(healthySite(), 'ldap2');
    const site = withServer(healthySite(), 'ldap2', {
      ...all,
      csns,
      content,
      trials: new Map(),
      through: 'ldap1',
    });
    expect(codes(site)).toEqual(['server-outside']);
  });
});

describe('what is on its way', () => {
  const busy = (site: SiteFacts): SiteFacts =>
    withCsns(
      site,
      'ldap1',
      '20261126035958.000000Z#000000#001#000000',
      '20261125230000.000000Z#000000#002#000000',
    );

  test('is no difference while clients write', () => {
    expect(codes(withContent(busy(healthySite()), 'ldap2', { entries: 702 }))).not.toContain('counts-differ');
    expect(codes(withTrial(busy(healthySite()), 'ldap2', '001', { ...SEEN, entries: 702 }))).not.toContain(
      'entries-hidden',
    );
  });

  test('is no difference of counts on a server that is behind', () => {
    const late = withCsns(healthySite(), 'ldap3', OF_1, '20261125200000.000000Z#000000#002#000000');
    expect(codes(withContent(late, 'ldap3', { entries: 702 }))).not.toContain('counts-differ');
  });

  test('is nothing to complain of when what the server has last is seconds old', () => {
    const target = new Map(healthySite().target);
    const csn = { second: '20261126035959', micros: 0, count: 0, sid: 1, mod: 0 };
    const newest = {
      ...withCsns(healthySite(), 'ldap1', '20261126035959.000000Z#000000#001#000000'),
      target: target.set(1, csn),
    };
    const late = withCsns(
      newest,
      'ldap3',
      '20261126035950.000000Z#000000#001#000000',
      '20261125230000.000000Z#000000#002#000000',
    );
    expect(diagnose(late).find(({ where }) => where.includes('ldap3'))).toMatchObject({
      code: 'behind',
      severity: 'info',
    });
  });

  test('is no restored backup: a change between the two readings', () => {
    const ahead = withCsns(healthySite(), 'ldap1', OF_1, '20261126035959.000000Z#000000#002#000000');
    expect(codes(ahead)).not.toContain('restored-backup');
  });
});

test('servers that stand alone are not behind each other', () => {
  const apart = ['ldap1', 'ldap2', 'ldap3'].reduce(
    (site, host) =>
      withServer(withDatabase(site, host, { agreements: [], multiProvider: false }), host, {
        monitor: seen(new Map()),
      }),
    withCsns(healthySite(), 'ldap2', '20261125230000.000000Z#000000#002#000000'),
  );
  expect(codes(apart)).toEqual(['server-alone']);
});

test('what is seen behind for the first time is so for no time that anybody knows', () => {
  const late = withCsns(healthySite(), 'ldap3', OF_1, '20261125200000.000000Z#000000#002#000000');
  const site = { ...late, behindSince: new Map([['ldap3 002', NOW]]) };
  expect(diagnose(site)[0]).toMatchObject({
    code: 'behind',
    severity: 'warning',
    what: expect.stringContaining('seen so for the first time'),
  });
});

describe('what another rule tells', () => {
  const down = withInstallation(healthySite(), 'ldap1', { running: false, startedAt: undefined });

  test('is not told again: consumers of a server that does not run', () => {
    const cut = withMonitor(down, 'ldap2', '001', { connection: undefined });
    const tried = withTrial(cut, 'ldap2', '001', { kind: 'no-connection', why: 'refused' });
    expect(codes(tried)).toEqual(['slapd-down']);
  });

  test('is not told again: an agreement that is down by a password that its trial has shown wrong', () => {
    const cut = withMonitor(healthySite(), 'ldap2', '001', { connection: undefined });
    const tried = withTrial(cut, 'ldap2', '001', { kind: 'refused', code: 49, why: '' });
    expect(codes(tried)).toEqual(['replicator-refused']);
  });

  test('is not told again: limits that a trial has met', () => {
    const site = withDatabase(healthySite(), 'ldap1', { limits: [] });
    const met = withTrial(site, 'ldap2', '001', { ...SEEN, entries: 500, limited: true });
    const findings = diagnose(withTrial(met, 'ldap3', '001', { ...SEEN, entries: 500, limited: true }));
    expect(findings).toMatchObject([{ code: 'replicator-limited', where: ['ldap2', 'ldap1', 'ldap3'] }]);
    expect(findings[0]?.what).toContain('(ldap2 rid 001 and ldap3 rid 001)');
  });
});

describe('what is in order', () => {
  test.each([
    ['limits that a trial has proven not to be there', withDatabase(healthySite(), 'ldap1', { limits: [] })],
    [
      'no limits for the rootDN',
      withWords(
        withServer(withDatabase(healthySite(), 'ldap1', { limits: [], rootDn: REPLICATOR }), 'ldap2', {
          trials: new Map(),
        }),
        'ldap2',
        {},
      ),
    ],
    [
      'a certificate name that a trial has proven',
      withWords(healthySite(), 'ldap3', { provider: 'ldap://10.0.0.1' }),
    ],
    [
      'an agreement with itself that slapd passes over',
      withDatabase(healthySite(), 'ldap3', {
        agreements: [
          ...databaseOf(healthySite(), 'ldap3').agreements,
          {
            words: [
              { key: 'rid', value: '002' },
              { key: 'provider', value: 'ldap://ldap3.example.org' },
              { key: 'searchbase', value: SUFFIX },
            ],
          },
        ],
      }),
    ],
    [
      'a filter that explains fewer entries',
      withTrial(withWords(healthySite(), 'ldap3', { filter: '(objectClass=person)' }), 'ldap3', '001', {
        ...SEEN,
        entries: 10,
      }),
    ],
    [
      'another rootDN of the log since 2.6.11',
      ['ldap1', 'ldap2'].reduce(
        (site, host) =>
          withLogDatabase(withInstallation(site, host, { version: '2.6.11' }), host, {
            rootDn: 'cn=accesslog',
          }),
        deltaSite(),
      ),
    ],
    [
      'a replica that serves changes of its own accord',
      withDatabase(healthySite(), 'ldap3', { overlays: ['syncprov', 'accesslog'] }),
    ],
    ['lines of the log that are older than a day', oldLines(healthySite())],
    [
      'a change that comes by two ways',
      withLog(mesh(), 'ldap3', 'do_syncrep2: rid=001 CSN too old, ignoring x'),
    ],
    [
      'clocks of two that agree with each other',
      withServer(
        withServer(healthySite(), 'ldap1', { clock: seen({ skewMs: 90, uncertaintyMs: 5 }) }),
        'ldap2',
        { clock: seen({ skewMs: 104, uncertaintyMs: 5 }) },
      ),
    ],
    [
      'a clock that may be right, as uncertain as its measurement is',
      withServer(healthySite(), 'ldap2', { clock: seen({ skewMs: 300, uncertaintyMs: 250 }) }),
    ],
    [
      'memberOf that is left out',
      withWords(
        ['ldap1', 'ldap2', 'ldap3'].reduce(
          (site, host) =>
            withWords(
              withDatabase(site, host, {
                overlays: host === 'ldap3' ? ['memberof'] : ['syncprov', 'memberof'],
              }),
              host,
              { exattrs: 'memberOf' },
            ),
          healthySite(),
        ),
        'ldap3',
        { exattrs: 'memberOf,x' },
      ),
    ],
  ] as const)('is not told: %s', (_, site) => {
    expect(codes(site as SiteFacts)).toEqual([]);
  });

  test('a consumer that pulls now and then needs no keepalive', () => {
    const polling = withWords(healthySite(), 'ldap3', { type: 'refreshOnly', keepalive: undefined });
    expect(codes(polling)).toEqual([]);
  });
});

test('a password that is wrong everywhere is one finding', () => {
  const refused = { kind: 'refused', code: 49, why: '' } as const;
  const site = ['ldap1', 'ldap2', 'ldap3'].reduce(
    (before, host) => withTrial(before, host, '001', refused),
    healthySite(),
  );
  expect(diagnose(site)).toMatchObject([
    {
      code: 'replicator-refused',
      where: ['ldap1', 'ldap2', 'ldap3'],
      what: expect.stringContaining(
        'is refused by ldap2 and ldap1 (ldap1 rid 001, ldap2 rid 001 and ldap3 rid 001)',
      ),
    },
  ]);
});

test('of two clocks that disagree, the one that also disagrees with ours is off', () => {
  const two = { ...healthySite(), servers: healthySite().servers.slice(0, 2) };
  const off = withServer(two, 'ldap1', { clock: seen({ skewMs: 5_000, uncertaintyMs: 1 }) });
  expect(
    diagnose(off)
      .filter(({ code }) => code === 'clock-skew')
      .map(({ where }) => where),
  ).toEqual([['ldap1']]);
});

test('of clocks that are off by twos, those are off that disagree with ours', () => {
  const off = ['ldap1', 'ldap2'].reduce(
    (site, host) => withServer(site, host, { clock: seen({ skewMs: 5_000, uncertaintyMs: 1 }) }),
    healthySite(),
  );
  const late = ['ldap1', 'ldap2'].reduce(
    (site, host) => withServer(site, host, { clock: seen({ skewMs: -5_000, uncertaintyMs: 1 }) }),
    healthySite(),
  );
  for (const site of [off, late])
    expect(diagnose(site).map(({ code, where }) => [code, where])).toEqual([
      ['clock-skew', ['ldap1']],
      ['clock-skew', ['ldap2']],
    ]);
});

test('a server ID of the past that is not everywhere is told once, as that', () => {
  const old = '20250101000000.000000Z#000000#009#000000';
  const target = position(OF_1, '20261125230000.000000Z#000000#002#000000', old);
  expect(codes({ ...healthySite(), target })).toEqual(['sid-retired']);
});

test('ID 0 in contextCSN is not that of a replica which was given none', () => {
  const old = '20250101000000.000000Z#000000#000#000000';
  const site = ['ldap1', 'ldap2', 'ldap3'].reduce(
    (before, host) => withCsns(before, host, OF_1, '20261125230000.000000Z#000000#002#000000', old),
    withConfig(healthySite(), 'ldap3', { serverIds: [] }),
  );
  expect(codes({ ...site, target: position(OF_1, old) })).toEqual(['sid-zero-left']);
});

test('a provider that nobody has looked at may be the way that seems to be missing', () => {
  expect(codes(withWords(healthySite(), 'ldap3', { provider: 'ldap://ldap9' }))).toEqual([
    'provider-foreign',
  ]);
});

test('a new server ID is none that any change carries, nor one of another server', () => {
  const retired = ['ldap1', 'ldap2', 'ldap3'].reduce(
    (site, host) => withCsns(site, host, OF_1, '20250101000000.000000Z#000000#004#000000'),
    healthySite(),
  );
  const twins = withConfig(retired, 'ldap2', { serverIds: ['1'] });
  // 2 is what it has written with until now.
  expect(diagnose(twins).find(({ code }) => code === 'sid-duplicate')?.fix).toContain("'olcServerID: 5'");
});

function oldLines(site: SiteFacts): SiteFacts {
  return withServer(site, 'ldap2', { log: seen([{ at: NOW - DAY - MINUTE, text: 'MDB_MAP_FULL' }]) });
}

/** The replica pulls from both masters. */
function mesh(): SiteFacts {
  const agreements = [...databaseOf(healthySite(), 'ldap3').agreements];
  const second = {
    words: [
      { key: 'rid', value: '002' },
      ...(agreements[0]?.words ?? []).filter(({ key }) => key !== 'rid' && key !== 'provider'),
      { key: 'provider', value: 'ldap://ldap2' },
    ],
  };
  const site = withDatabase(healthySite(), 'ldap3', { agreements: [...agreements, second] });
  return withServer(site, 'ldap3', {
    trials: new Map([
      ['001', SEEN],
      ['002', SEEN],
    ]),
  });
}
