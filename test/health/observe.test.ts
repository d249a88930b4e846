/** A look at two real masters, and at what may be wrong with them. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SiteFacts, Trial } from '../../src/health/facts.ts';
import { flyAll } from '../../src/health/observe/flights.ts';
import { lookAtSite, type SiteAsk } from '../../src/health/observe/site.ts';
import type { Slapd } from '../slapd.ts';
import { type SlapdHosts, slapdHosts } from './slapd-hosts.ts';
import { access, agreement, database, limits, link, replicator, suffix, twoSlapds } from './slapd-pool.ts';

const PEOPLE = 600;
/** The suffix, ou=people, the people and the replicator. */
const ENTRIES = PEOPLE + 3;

let slapds: { ldap1: Slapd; ldap2: Slapd };
let hosts: SlapdHosts;

beforeAll(async () => {
  const [ldap1, ldap2] = await twoSlapds(PEOPLE);
  slapds = { ldap1, ldap2 };
  await Promise.all([ldap1.start(), ldap2.start()]);
  hosts = await slapdHosts({ ...slapds });
  await link(hosts.on, { ...slapds });
  await settled();
}, 60_000);

afterAll(async () => {
  await hosts?.close();
  await Promise.all(Object.values(slapds ?? {}).map((slapd) => slapd.dispose()));
});

/** Both are on loopback: the port tells who is meant. */
function follow({ port }: { readonly port: number }): string | undefined {
  return Object.entries(slapds).find(([, slapd]) => slapd.port === port)?.[0];
}

function look(ask: Partial<SiteAsk> = {}): Promise<SiteFacts> {
  const behindSince = () => new Map<string, number>();
  return lookAtSite({ hosts: ['ldap1', 'ldap2'], deep: false, behindSince, follow, ...ask }, hosts);
}

/** Both hold all, and both agreements are open. */
function settled(): Promise<void> {
  return vi.waitFor(
    async () => {
      const site = await look();
      expect(entriesOf(site)).toEqual([ENTRIES, ENTRIES]);
      for (const { monitor } of site.servers) expect(value(monitor).get('001')?.phase).toBe('Persist');
    },
    { timeout: 20_000, interval: 200 },
  );
}

function server(site: SiteFacts, host: string) {
  const found = site.servers.find((one) => one.host === host);
  if (!found) throw new Error(`no ${host} in ${site.servers.map((one) => one.host)}`);
  return found;
}

function value<T>(seen: { readonly value: T } | { readonly unknown: string } | undefined): T {
  if (!seen || 'unknown' in seen) throw new Error(seen?.unknown ?? 'not there');
  return seen.value;
}

function entriesOf({ servers }: SiteFacts): readonly (number | undefined)[] {
  return servers.map(({ content }) => ('value' in content ? content.value.entries : undefined));
}

async function modify(host: string, attribute: string, ...values: readonly string[]): Promise<void> {
  const config = await hosts.on(host).directory({ kind: 'ldapi', path: 'auto' });
  await config.modify(database, [{ op: 'replace', attribute, values }]);
}

/** What the trial of ldap2's agreement with ldap1 comes to, with other words in it. */
async function trialWith(value: string): Promise<Trial | undefined> {
  await modify('ldap2', 'olcSyncrepl', value);
  try {
    return server(await look(), 'ldap2').trials.get('001');
  } finally {
    await modify('ldap2', 'olcSyncrepl', agreement(1, slapds.ldap1));
  }
}

describe('of servers that are well it tells', () => {
  test('what is installed, without asking slapd', async () => {
    const site = await look();
    const facts = value(server(site, 'ldap1').installation);
    expect(facts.version).toMatch(/^2\.\d+\.\d+$/);
    expect(facts).toMatchObject({
      running: true,
      conf: `${slapds.ldap1.dir}/config`,
      edited: [],
      unit: 'slapd',
    });
    expect(facts.listeners[0]).toBe(`ldap://127.0.0.1:${slapds.ldap1.port}/`);
    expect(Math.abs((facts.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(value(facts.dataBytes)).toBeGreaterThan(100_000);
    expect(value(facts.dataBytes)).toBeLessThan(100_000_000);
    expect(value(facts.freeBytes)).toBeGreaterThan(0);
    expect(facts.certificate).toBeUndefined();
  });

  test('their configuration, with credentials that do not show', async () => {
    const heard: string[] = [];
    const site = await look({
      heard: (secret) => void heard.push(secret.equals(replicator) ? 'it' : 'another'),
    });
    const { serverIds, modules, sizeLimit, schema, database: facts } = value(server(site, 'ldap2').config);
    expect({ serverIds, modules, sizeLimit }).toEqual({
      serverIds: ['2'],
      modules: ['back_mdb', 'syncprov'],
      sizeLimit: '500',
    });
    expect(schema.names).toEqual(['core', 'cosine', 'inetorgperson']);
    expect(schema.digest).toBe(value(server(site, 'ldap1').config).schema.digest);
    expect(facts).toMatchObject({
      dn: database,
      suffix,
      rootDn: `cn=admin,${suffix}`,
      readOnly: false,
      lastMod: true,
      mapBytes: 1_073_741_824,
      directory: `${slapds.ldap2.dir}/data`,
      multiProvider: true,
      overlays: ['syncprov'],
      limits: [limits.slice(3)],
      syncprov: { checkpoint: '100 10', sessionLog: undefined, noPresent: false },
    });
    expect(facts.access[0]).toBe(access.slice(3));
    expect(JSON.stringify(facts.agreements)).toContain('"$secret"');
    expect(JSON.stringify(facts.agreements)).not.toContain('secret of the replicator');
    expect(heard).toEqual(['it', 'it']);
  });

  test('what they hold, past a limit of 500 entries that root has over ldapi', async () => {
    const site = await look({ deep: true });
    const [one, two] = site.servers.map(({ content }) => value(content));
    expect(one).toMatchObject({ entries: ENTRIES, glue: 0 });
    expect(one?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(two?.digest).toBe(one?.digest);
    expect(two?.suffixUuid).toBe(one?.suffixUuid);
    expect(
      one?.stamps?.some(({ dn, csn }) => dn === `uid=u42,ou=people,${suffix}` && csn.includes('#')),
    ).toBe(true);
    expect(site.gaps).toEqual([]);
    expect((await look()).gaps).toBeUndefined();
  });

  test('the same by a search where root has no limit', async () => {
    const dumped = value(server(await look({ deep: true }), 'ldap1').content);
    await modify(
      'ldap1',
      'olcLimits',
      limits,
      `{1}dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth" size=unlimited`,
    );
    hosts.asked.length = 0;
    const searched = value(server(await look({ deep: true }), 'ldap1').content);
    await modify('ldap1', 'olcLimits', limits);
    expect(
      hosts.asked.some(
        ({ host, command }) => host === 'ldap1' && command.env?.['LOCKSTEP_SUFFIX'] === suffix,
      ),
    ).toBe(false);
    expect(searched.digest).toBe(dumped.digest);
    expect(new Map(searched.stamps?.map(({ uuid, dn }) => [uuid, dn]))).toEqual(
      new Map(dumped.stamps?.map(({ uuid, dn }) => [uuid, dn])),
    );
  });

  test('how their agreements fare in cn=monitor, and when they are tried', async () => {
    const site = await look();
    for (const host of ['ldap1', 'ldap2']) {
      const { monitor, trials } = server(site, host);
      expect(value(monitor).get('001')).toMatchObject({
        phase: 'Persist',
        connection: expect.stringContaining('127.0.0.1'),
      });
      expect(trials.get('001')).toEqual({ kind: 'ok', entries: ENTRIES, limited: false, passwords: true });
    }
  });

  test('the only suffix that replicates, where none is named', async () => {
    expect((await look()).suffix).toBe(suffix);
    const other = await look({ suffix: 'dc=other' });
    expect(server(other, 'ldap1').config).toEqual({ unknown: 'no database has the suffix dc=other' });
  });

  test('by walking from one to the other', async () => {
    const site = await look({ hosts: ['ldap2'] });
    expect(site.servers.map(({ host }) => host)).toEqual(['ldap2', 'ldap1']);
    const blind = await look({ hosts: ['ldap2'], follow: () => undefined, deep: true });
    const [, outsider] = blind.servers;
    expect(outsider).toMatchObject({ host: `127.0.0.1:${slapds.ldap1.port}`, through: 'ldap2' });
    expect(value(outsider?.content)).toMatchObject({ entries: ENTRIES, glue: 0 });
    expect(value(outsider?.csns)).toEqual(value(blind.servers[0]?.csns));
    expect(blind.gaps).toEqual([]);
  });
});

describe('a trial finds', { timeout: 60_000 }, () => {
  test('a wrong password', async () => {
    const value = agreement(1, slapds.ldap1).replace('secret of the replicator', 'wrong');
    expect(await trialWith(value)).toEqual({ kind: 'refused', code: 49, why: 'invalidCredentials' });
  });

  test('the limit at which the provider stops it, and how many it got', async () => {
    await modify('ldap1', 'olcLimits');
    const trial = server(await look(), 'ldap2').trials.get('001');
    await modify('ldap1', 'olcLimits', limits);
    expect(trial).toEqual({ kind: 'ok', entries: 500, limited: true, passwords: true });
  });

  test('passwords that the provider hides, and its own does not count', async () => {
    const before = server(await look(), 'ldap1');
    const { access: rules } = value(before.config).database;
    const hidden = rules.map((rule) => rule.replace(/^to \* by dn\.exact="cn=replicator[^"]*" read/, 'to *'));
    await modify('ldap1', 'olcAccess', ...hidden.map((rule, at) => `{${at}}${rule}`));
    const trial = server(await look(), 'ldap2').trials.get('001');
    await modify('ldap1', 'olcAccess', ...rules.map((rule, at) => `{${at}}${rule}`));
    expect(trial).toMatchObject({ kind: 'ok', entries: ENTRIES, passwords: false });
  });

  test('nobody who listens', async () => {
    const trial = await trialWith(agreement(1, slapds.ldap1).replace(`:${slapds.ldap1.port}`, ':1'));
    expect(trial).toEqual({ kind: 'no-connection', why: expect.stringContaining('ECONNREFUSED') });
  });

  test('no TLS where it is critical, and goes on in clear where it is not', async () => {
    expect(await trialWith(agreement(1, slapds.ldap1, 'starttls=critical'))).toMatchObject({
      kind: 'no-tls',
    });
    expect(await trialWith(agreement(1, slapds.ldap1, 'starttls=yes'))).toMatchObject({
      kind: 'ok',
      entries: ENTRIES,
    });
  });

  test('an accesslog that is hidden from it', async () => {
    const words = 'logbase="cn=accesslog" logfilter="(objectClass=auditWriteObject)" syncdata=accesslog';
    expect(await trialWith(agreement(1, slapds.ldap1, words))).toMatchObject({ kind: 'ok', log: false });
  });

  test('what cannot be tried from outside of slapd, with the reason', async () => {
    const sasl = agreement(1, slapds.ldap1).replace(/bindmethod=.*/, 'bindmethod=sasl saslmech=EXTERNAL');
    expect(await trialWith(sasl)).toEqual({ kind: 'untried', why: expect.stringContaining('EXTERNAL') });
  });
});

test('a slapd that is down leaves what its files say, and the others are looked at', async () => {
  await slapds.ldap2.stop();
  const site = await look();
  await slapds.ldap2.start();
  const down = server(site, 'ldap2');
  expect(down.unreachable).toBeUndefined();
  // Its folder is no well-known one: only the arguments of a slapd that runs tell it. This machine may have one that is.
  const { installation } = down;
  if ('unknown' in installation) expect(installation.unknown).toContain('configuration directory');
  else expect(installation.value).toMatchObject({ running: false, conf: '/etc/ldap/slapd.d' });
  for (const seen of [down.config, down.csns, down.content]) expect(seen).toHaveProperty('unknown');
  expect(value(server(site, 'ldap1').content).entries).toBe(ENTRIES);
  expect(server(site, 'ldap1').trials.get('001')).toMatchObject({ kind: 'no-connection' });
});

test('canaries are seen each way, and gone afterwards', async () => {
  await settled();
  const site = await look();
  const flights = await flyAll(site, hosts.on);
  expect(flights).toEqual([
    { from: 'ldap1', to: 'ldap2', ms: expect.any(Number) },
    { from: 'ldap2', to: 'ldap1', ms: expect.any(Number) },
  ]);
  expect(entriesOf(await look())).toEqual([ENTRIES, ENTRIES]);
});
