/** Data that is broken, and what leads to it: changes that are missing, old states, clocks. */
import type { Breakage } from './breakage.ts';
import {
  healthySite,
  MINUTE,
  NOW,
  SUFFIX,
  seen,
  serverOf,
  withContent,
  withCsns,
  withServer,
} from './site.ts';

const _GIB = 1024 ** 3;
const OF_1 = '20261126010000.000000Z#000000#001#000000';
const OF_2 = '20261125230000.000000Z#000000#002#000000';
const well = healthySite;

/** Nobody has written for long, and this server has not got the last change of ldap2. */
const behind = (since?: number) => {
  const site = withCsns(well(), 'ldap3', OF_1, '20261125200000.000000Z#000000#002#000000');
  return since === undefined ? site : { ...site, behindSince: new Map([['ldap3 002', NOW - since]]) };
};

export const BROKEN_DATA: readonly Breakage[] = [
  {
    code: 'sid-retired',
    when: 'contextCSN has the ID of a server that is gone, everywhere',
    site: () => everywhere('20250101000000.000000Z#000000#009#000000'),
    severity: 'info',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'SID 009 belongs to no server any more; its last change is of 2025-01-01, and every server',
  },
  {
    code: 'sid-retired',
    when: 'one server never got the last change of a server that is gone',
    site: () => withCsns(everywhere('20250101000000.000000Z#000000#009#000000'), 'ldap2', OF_1, OF_2),
    severity: 'warning',
    where: ['ldap2'],
    what: 'and ldap2 never got it',
  },
  {
    code: 'sid-zero-left',
    when: 'contextCSN has ID 0 from before',
    site: () => everywhere('20250101000000.000000Z#000000#000#000000'),
    severity: 'info',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'contextCSN has SID 000, last changed 2025-01-01',
  },
  {
    code: 'clock-skew',
    when: 'a clock is more than 1 s off',
    site: () => withServer(well(), 'ldap2', { clock: seen({ skewMs: -1_500, uncertaintyMs: 3 }) }),
    severity: 'critical',
    where: ['ldap2'],
    what: /^the clock of ldap2 is 150\d ms behind the others \(give or take 3 ms\)/,
  },
  {
    code: 'clock-skew',
    when: 'a clock is more than 100 ms off',
    site: () => withServer(well(), 'ldap2', { clock: seen({ skewMs: 250, uncertaintyMs: 3 }) }),
    severity: 'warning',
    where: ['ldap2'],
    what: 'ms ahead of the others',
  },
  {
    code: 'clock-ours',
    when: 'all servers agree and our own clock is off',
    site: () =>
      ['ldap1', 'ldap2', 'ldap3'].reduce(
        (site, host) => withServer(site, host, { clock: seen({ skewMs: 4_000, uncertaintyMs: 3 }) }),
        well(),
      ),
    severity: 'info',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'our own clock is 4000 ms behind that of the servers',
  },
  {
    code: 'restored-backup',
    when: 'a server lacks changes of its own that another one has',
    site: () => withCsns(well(), 'ldap2', OF_1, '20261120000000.000000Z#000000#002#000000'),
    severity: 'critical',
    where: ['ldap2'],
    what: /^ldap2 lacks changes of its own \(SID 002\): it has 20261120.*, ldap1 has 20261125/,
    fix: 'lockstep run openldap/reload -i hosts.yaml --set bad=ldap2 --set good=ldap1',
  },
  {
    code: 'csn-missing',
    when: 'a consumer has entries and no contextCSN',
    site: () => withContent(withCsns(well(), 'ldap3'), 'ldap3', { entries: 500 }),
    severity: 'critical',
    where: ['ldap3'],
    what: 'ldap3 has no contextCSN and 500 entries',
    fix: '--set bad=ldap3 --set good=ldap1',
  },
  {
    code: 'behind',
    when: 'it is seen for the first time, and nobody knows for how long it was so',
    site: () => behind(),
    severity: 'warning',
    where: ['ldap3'],
    what: 'ldap3 lacks changes of ldap2 (SID 002): it has those up to 2026-11-25 20:00:00 UTC, the newest is of 2026-11-25 23:00:00 UTC, seen so for the first time',
  },
  {
    code: 'behind',
    when: 'it is 10 min behind',
    site: () => behind(10 * MINUTE),
    severity: 'critical',
    where: ['ldap3'],
    what: 'changes of ldap2 (SID 002): it has those up to 2026-11-25 20:00:00 UTC, the newest is of 2026-11-25 23:00:00 UTC, seen so for 10m',
    fix: 'lockstep run openldap/converge',
  },
  {
    code: 'behind',
    when: 'it is 10 s behind',
    site: () => behind(10_000),
    severity: 'info',
    where: ['ldap3'],
    what: 'seen so for 10s',
  },
  {
    code: 'data-differs',
    when: 'an entry is on one server only',
    site: () => ({
      ...well(),
      gaps: [
        {
          uuid: 'u1',
          dn: `uid=b3,${SUFFIX}`,
          left: 'ldap1',
          right: 'ldap2',
          onLeft: OF_1,
          onRight: undefined,
        },
        { uuid: 'u2', dn: `uid=c,${SUFFIX}`, left: 'ldap1', right: 'ldap2', onLeft: OF_1, onRight: OF_2 },
      ],
    }),
    severity: 'critical',
    where: ['ldap1', 'ldap2'],
    what: `ldap1 and ldap2 differ: 1 entry only on ldap1 (uid=b3,${SUFFIX}); 1 entry not the same (uid=c,${SUFFIX})`,
    fix: '--set bad=ldap2 --set good=ldap1',
  },
  {
    code: 'counts-differ',
    when: 'contextCSN is equal and the numbers of entries are not',
    site: () => withContent(well(), 'ldap2', { entries: 702 }),
    severity: 'critical',
    where: ['ldap1', 'ldap2', 'ldap3'],
    what: 'ldap1 has 703 entries, ldap2 has 702 entries and ldap3 has 703 entries, with equal contextCSN',
  },
  {
    code: 'independent-data',
    when: 'the suffix has another entryUUID on one server',
    site: () => withContent(well(), 'ldap2', { suffixUuid: '6b1c0d8e-0000-1041-8000-0000000000ff' }),
    severity: 'critical',
    where: ['ldap1', 'ldap3', 'ldap2'],
    what: '-0000000000ff on ldap2',
    fix: '--set bad=ldap2 --set good=ldap1 --set force=true',
  },
  {
    code: 'glue-entries',
    when: 'a parent is missing',
    site: () => withContent(well(), 'ldap2', { entries: 703, glue: 2 }),
    severity: 'warning',
    where: ['ldap2'],
    what: 'ldap2 has 2 glue entries',
  },
  {
    code: 'canary-lost',
    when: 'a write was not seen elsewhere',
    site: () => ({
      ...well(),
      flights: [{ from: 'ldap1', to: 'ldap3', ms: undefined, why: 'not within 30s' }],
    }),
    severity: 'critical',
    where: ['ldap1', 'ldap3'],
    what: 'a write on ldap1 was not seen on ldap3: not within 30s',
  },
  {
    code: 'canary-slow',
    when: 'a write took 6 s',
    site: () => ({ ...well(), flights: [{ from: 'ldap1', to: 'ldap2', ms: 6_000 }] }),
    severity: 'warning',
    where: ['ldap1', 'ldap2'],
    what: 'a write on ldap1 was seen on ldap2 after 6s',
  },
];

/** A further value of contextCSN on all servers. */
function everywhere(csn: string) {
  const site = ['ldap1', 'ldap2', 'ldap3'].reduce(
    (before, host) => withCsns(before, host, OF_1, OF_2, csn),
    well(),
  );
  const { csns } = serverOf(site, 'ldap1');
  return { ...site, target: 'value' in csns ? csns.value : site.target };
}
