import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { SiteFacts } from '../../src/health/facts.ts';
import { healthText } from '../../src/reporters/health-text.ts';
import { BROKEN_AGREEMENTS } from '../health/broken-agreements.ts';
import { BROKEN_DATA } from '../health/broken-data.ts';
import { BROKEN_SERVERS } from '../health/broken-servers.ts';
import {
  databaseOf,
  healthySite,
  MINUTE,
  NOW,
  position,
  seen,
  serverOf,
  withConfig,
  withCsns,
  withDatabase,
  withInstallation,
  withMonitor,
  withServer,
  withTrial,
} from '../health/site.ts';

const text = (site: SiteFacts, columns: number, more = {}) =>
  healthText(site, diagnose(site), { columns, colour: false, ascii: false, ...more });
const OF_1 = '20261126010000.000000Z#000000#001#000000';

test('a site that is well, at 80 columns', () => {
  expect(text(healthySite(), 80)).toBe(`\
dc=example,dc=org                                        2026-11-26 04:00:00 UTC
✔ ok: 3 servers

server  role     slapd   sid  entries  clock  map  cert  up  001  002
ldap1   master   2.5.13    1      703   +1ms  13%  200d  3d    ✔    ✔
ldap2   master   2.5.13    2      703   +2ms  13%  200d  3d    ✔    ✔
ldap3   replica  2.5.13    3      703   +3ms  13%  200d  3d    ✔    ✔

sid  changes of  newest
001  ldap1       3h ago  all have it
002  ldap2       5h ago  all have it

consumer  provider  rid  state      tls       heard
ldap1     ldap2     001  connected  starttls     4s
ldap2     ldap1     001  connected  starttls     4s
ldap3     ldap1     001  connected  starttls     4s
`);
});

/** One is behind for long, one refuses the replicator, and one cannot be reached. */
function troubled(): SiteFacts {
  const late = withCsns(healthySite(), 'ldap3', OF_1, '20261125200000.000000Z#000000#002#000000');
  const refused = withTrial(late, 'ldap3', '001', { kind: 'refused', code: 49, why: 'Invalid credentials' });
  const cut = withMonitor(refused, 'ldap3', '001', { connection: undefined, nextConnect: NOW + 12_000 });
  return { ...cut, behindSince: new Map([['ldap3 002', NOW - 7 * MINUTE]]) };
}

test('a site that is not, at 80 columns', () => {
  expect(text(troubled(), 80)).toBe(`\
dc=example,dc=org                                        2026-11-26 04:00:00 UTC
✘ critical: 2 critical

server  role     slapd   sid  entries  clock  map  cert  up  001  002
ldap1   master   2.5.13    1      703   +1ms  13%  200d  3d    ✔    ✔
ldap2   master   2.5.13    2      703   +2ms  13%  200d  3d    ✔    ✔
ldap3   replica  2.5.13    3      703   +3ms  13%  200d  3d    ✔   7m

sid  changes of  newest
001  ldap1       3h ago  all have it
002  ldap2       5h ago  ldap3 is behind for 7m

consumer  provider  rid  state      tls       heard
ldap1     ldap2     001  connected  starttls     4s
ldap2     ldap1     001  connected  starttls     4s
ldap3     ldap1     001  down       starttls     4s  Invalid credentials

✘ replicator-refused
    cn=replicator,dc=example,dc=org is refused by ldap1 (ldap3 rid 001): the
    password of the replicator is wrong (49, Invalid credentials)
✘ behind
    ldap3 lacks changes of ldap2 (SID 002): it has those up to 2026-11-25
    20:00:00 UTC, the newest is of 2026-11-25 23:00:00 UTC, seen so for 7m

lockstep doctor tells why each of these bites, and what mends it.
`);
});

test('without Unicode it says the same in ASCII', () => {
  const plain = text(troubled(), 80, { ascii: true });
  expect(plain).toMatch(/^[\n\u0020-\u007e]*$/);
  expect(plain).toContain('critical: 2 critical\n');
  expect(plain).toContain('ldap3   replica  2.5.13    3      703   +3ms  13%  200d  3d   ok   7m\n');
  expect(plain).toContain('X replicator-refused\n');
});

describe('width', () => {
  /** Twelve masters with long names, that all pull from each other. */
  function wide(): SiteFacts {
    const first = serverOf(healthySite(), 'ldap1');
    const hosts = Array.from({ length: 12 }, (_, at) => `directory-${at + 1}.berlin.example.org`);
    const csns = hosts.map(
      (_, at) => `20261126010000.000000Z#000000#${(at + 1).toString(16).padStart(3, '0')}#000000`,
    );
    const servers = hosts.map((host) => ({ ...first, host, address: host }));
    const many = hosts.reduce<SiteFacts>(
      (site, host, at) => {
        const own = withCsns(withConfig(site, host, { serverIds: [String(at + 1)] }), host, ...csns);
        const [template] = databaseOf(own, host).agreements;
        const agreements = hosts.flatMap((other, rid) =>
          other === host
            ? []
            : [
                {
                  words: (template?.words ?? []).map((word) =>
                    word.key === 'provider'
                      ? { key: 'provider', value: `ldap://${other}` }
                      : word.key === 'rid'
                        ? { key: 'rid', value: String(rid + 1).padStart(3, '0') }
                        : word,
                  ),
                },
              ],
        );
        const installed = withInstallation(withDatabase(own, host, { agreements }), host, { fqdn: host });
        return installed;
      },
      { ...healthySite(), servers },
    );
    return { ...many, target: position(...csns) };
  }

  test.each([60, 80, 100, 120, 200])('no line is wider than %i columns', (columns) => {
    const sites = [
      wide(),
      ...[...BROKEN_SERVERS, ...BROKEN_DATA, ...BROKEN_AGREEMENTS].map(({ site }) => site()),
    ];
    for (const site of sites)
      for (const ascii of [false, true])
        for (const line of text(site, columns, { ascii }).split('\n'))
          expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  });

  test('at 80 columns a large pool has one column for all server IDs, with room for each it has them all', () => {
    const [, , head = ''] = text(wide(), 80).split('\n\n')[1]?.split('\n') ?? [];
    expect(text(wide(), 80).split('\n\n')[1]?.split('\n')[0]).toMatch(/^server +role +slapd +sid .* sync$/);
    expect(head).toMatch(/ ✔$/);
    expect(text(wide(), 160).split('\n\n')[1]?.split('\n')[0]).toMatch(/ 001 +002 .* 00b +00c$/);
  });

  test('names stand without the domain that all have', () => {
    for (const columns of [80, 120]) expect(text(wide(), columns)).toMatch(/^directory-12 +master/m);
  });

  test('names of several domains stand whole', () => {
    const site = withServer(withServer(healthySite(), 'ldap1', { host: 'a.x.org' }), 'ldap2', {
      host: 'b.y.org',
    });
    expect(text(site, 120)).toMatch(/^a\.x\.org +master/m);
    const addresses = withServer(withServer(healthySite(), 'ldap1', { host: '10.0.0.1' }), 'ldap2', {
      host: '11.0.0.1',
    });
    const two = { ...addresses, servers: addresses.servers.slice(0, 2) };
    expect(text(two, 120)).toMatch(/^10\.0\.0\.1 +master/m);
  });

  test('where there is little room, what matters less is left out', () => {
    const [title = '', first = ''] = text(wide(), 60).split('\n\n')[1]?.split('\n') ?? [];
    expect(title).toMatch(/^server +role +slapd +sid .* sync$/);
    expect(title).not.toContain('up');
    expect(first).toMatch(/^directory-1 +master .* ✔$/);
  });

  test('of many agreements those that work are counted', () => {
    expect(text(wide(), 80)).toContain('\n\n132 agreements connected\n\n');
    const cut = withMonitor(wide(), 'directory-2.berlin.example.org', '001', { connection: undefined });
    expect(text(cut, 80)).toMatch(
      /^directory-2 +directory-1 +001 {2}down .*\n131 more agreements connected\n/m,
    );
  });
});

test('colour changes no letter', () => {
  const coloured = text(troubled(), 80, { colour: true });
  expect(coloured).toContain('\u001b[31m');
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(text(troubled(), 80));
});

test('nothing that a host has written drives the terminal', () => {
  const evil = withTrial(healthySite(), 'ldap2', '001', {
    kind: 'no-connection',
    why: 'x\u001b[2Jy\u202ez\nw',
  });
  expect(text(evil, 120)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('a server that is down, one that is not known, and what should be restarted, each look so', () => {
  const unknown = { unknown: 'x' };
  const down = withInstallation(healthySite(), 'ldap1', { running: false, startedAt: undefined });
  const lost = withServer(down, 'ldap2', {
    unreachable: 'no route',
    installation: unknown,
    config: unknown,
    clock: unknown,
    csns: unknown,
    content: unknown,
  });
  const told = text(withConfig(lost, 'ldap3', { changedAt: NOW - MINUTE }), 80);
  expect(told).toMatch(/^ldap1 +down /m);
  expect(told).toMatch(/^ldap2 +unreachable +\? +\? +\? /m);
  expect(told).toMatch(/^ldap3 .* 3d! /m);
});

test('flights are shown with the time they took', () => {
  const flights = [
    { from: 'ldap1', to: 'ldap2', ms: 120 },
    { from: 'ldap1', to: 'ldap3', ms: undefined, why: 'not within 30s' },
  ];
  expect(text({ ...healthySite(), flights }, 80)).toContain(`\
written on  seen on     after
ldap1       ldap2       120ms
ldap1       ldap3    not seen  not within 30s
`);
});

test('an unsigned clock is never shown as none', () => {
  const site = withServer(healthySite(), 'ldap1', { clock: seen({ skewMs: -45_000, uncertaintyMs: 1 }) });
  expect(text(site, 80)).toContain('-45s');
});
