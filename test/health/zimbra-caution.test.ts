/** What rules must not say of Zimbra and Carbonio: of what was not seen, and of what is usual there. */
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { ServerFacts, SiteFacts } from '../../src/health/facts.ts';
import type { NodeFacts } from '../../src/health/node-facts.ts';
import {
  databaseOf,
  MINUTE,
  NOW,
  seen,
  serverOf,
  valueIn,
  withConfig,
  withContent,
  withCsns,
  withDatabase,
  withInstallation,
  withLog,
  withServer,
} from './site.ts';
import {
  carbonioSite,
  nodeIn,
  url,
  withKeys,
  withNode,
  zimbra24Site,
  zimbraAgreement,
  zimbraSite,
} from './zimbra-site.ts';

const codes = (site: SiteFacts) => diagnose(site).map(({ code }) => code);
const bad = (site: SiteFacts) =>
  diagnose(site).filter(({ severity }) => severity === 'critical' || severity === 'warning');
const unknown = { unknown: 'it was not looked at' };
const sites = [zimbraSite, zimbra24Site, carbonioSite] as const;

describe('what was not seen', () => {
  const parts = ['clock', 'installation', 'config', 'csns', 'content', 'monitor', 'log'] as const;
  const ofNodes = ['product', 'isDirectory', 'localconfig', 'logins'] as const;

  test.each(parts)('is never taken for a value: %s of a server', (part) => {
    for (const site of sites)
      for (const { host } of site().servers)
        expect(bad(withServer(site(), host, { [part]: unknown } as Partial<ServerFacts>))).toEqual([]);
  });

  test.each(ofNodes)('is never taken for a value: %s of a node', (part) => {
    for (const site of sites)
      for (const { host } of site().nodes ?? [])
        expect(bad(withNode(site(), host, { [part]: unknown } as Partial<NodeFacts>))).toEqual([]);
  });

  test('is told of a mailstore that cannot be reached as unknown, and of nothing else', () => {
    const all = Object.fromEntries(ofNodes.map((part) => [part, unknown])) as Partial<NodeFacts>;
    const site = withNode(zimbraSite(), 'store1', { ...all, unreachable: 'no route' });
    expect(diagnose(site).map(({ code, severity }) => [code, severity])).toEqual([
      ['node-unseen', 'unknown'],
    ]);
  });

  test('is told of a directory server that cannot be reached once', () => {
    const all = Object.fromEntries([...parts, ...ofNodes].map((part) => [part, unknown]));
    const lost = { unreachable: 'no route', ...all };
    const site = withNode(withServer(zimbraSite(), 'ldap2', { ...lost, trials: new Map() }), 'ldap2', lost);
    expect(codes(site)).toEqual(['host-unreachable']);
  });

  test('is no stranger to a list of URLs where only a part of the site was looked at', () => {
    const site = withKeys(zimbraSite(), 'store1', {
      ldap_master_url: `${url('ldap1')} ${url('ldap2')} ${url('ldap9')}`,
    });
    expect(codes(site)).toEqual(['url-stranger']);
    expect(codes({ ...site, isPart: true })).toEqual([]);
  });
});

describe('what is usual there', () => {
  test('an agreement with a slash at the end of its URL and one without are with the same peer', () => {
    for (const slash of ['', '/']) {
      const site = withDatabase(zimbraSite(), 'ldap1', {
        agreements: [zimbraAgreement(100, `${url('ldap2')}${slash}`)],
      });
      expect(codes(site)).toEqual([]);
    }
  });

  test('a single master has no server ID, no accesslog and no syncprov, and its nodes name it alone', () => {
    const { mailstore, site } = single();
    expect(codes(site)).toEqual([]);
    expect(codes(mailstore)).toEqual([]);
  });

  test('a single master with the accesslog for its replicas is no half one', () => {
    const log = valueIn(serverOf(zimbraSite(), 'ldap1').config).log;
    const { site } = single();
    const served = withConfig(site, 'ldap1', {
      log,
      databases: valueIn(serverOf(zimbraSite(), 'ldap1').config).databases,
      database: { ...databaseOf(zimbraSite(), 'ldap1'), agreements: [], multiProvider: false },
    });
    expect(codes(served)).toEqual([]);
  });

  test('two masters that were not joined yet do not name each other', () => {
    const first = single('ldap1').site;
    const second = single('ldap2').site;
    const both = {
      ...first,
      servers: [...first.servers, ...second.servers],
      nodes: [...(first.nodes ?? []), ...(second.nodes ?? [])],
    };
    expect(codes(both)).toEqual(['server-alone']);
  });

  test('a link may be silent for a minute after its peer was restarted, and a server behind for as long', () => {
    const csn = '20261126035900.000000Z#000000#001#000000';
    const target = new Map(zimbraSite().target).set(
      1,
      valueIn(serverOf(withCsns(zimbraSite(), 'ldap1', csn), 'ldap1').csns).get(1) as never,
    );
    const since = (ms: number): SiteFacts => ({
      ...zimbraSite(),
      target,
      behindSince: new Map([
        ['replica1 001', NOW - ms],
        ['ldap2 001', NOW - ms],
        ['ldap1 001', NOW - ms],
      ]),
    });
    const grades = (site: SiteFacts) =>
      diagnose(site)
        .filter(({ code }) => code === 'behind')
        .map(({ severity }) => severity);
    expect(new Set(grades(since(MINUTE)))).toEqual(new Set(['info']));
    expect(new Set(grades(since(1.5 * MINUTE)))).toEqual(new Set(['warning']));
  });

  test('changes from before the masters had IDs are on some servers and not on others, and nobody is behind', () => {
    const all = ['20261126010000.000000Z#000000#001#000000', '20261125230000.000000Z#000000#002#000000'];
    const site = withCsns(zimbraSite(), 'ldap1', ...all, '20261120000000.000000Z#000000#000#000000');
    expect(diagnose(site).map(({ code, severity, where }) => [code, severity, ...where])).toEqual([
      ['sid-zero-left', 'info', 'ldap1'],
    ]);
  });

  test('8.6 has no session log, and nobody misses it', () => {
    const syncprov = databaseOf(zimbra24Site(), 'ldap1').syncprov;
    if (!syncprov) throw new Error('no syncprov');
    const site = ['ldap1', 'ldap2'].reduce((before, host) => {
      const old = withDatabase(before, host, { syncprov: { ...syncprov, sessionLog: undefined } });
      return withInstallation(old, host, { product: { name: 'zimbra', release: '8.6.0', control: 'tool' } });
    }, zimbra24Site());
    expect(codes(site)).toEqual([]);
  });

  test('a master that has taken no change yet has none in its accesslog', () => {
    const only = '20261125230000.000000Z#000000#002#000000';
    const quiet = ['ldap1', 'ldap2', 'replica1'].reduce(
      (before, host) => withCsns(before, host, only),
      zimbraSite(),
    );
    const site = withNode({ ...quiet, target: valueIn(serverOf(quiet, 'ldap1').csns) }, 'ldap1', {
      logSids: seen([2]),
    });
    expect(codes(site)).toEqual([]);
  });
});

describe('what a finding tells to do on Zimbra', () => {
  const filling = (site: SiteFacts) =>
    withInstallation(site, 'ldap1', { dataBytes: seen(databaseOf(site, 'ldap1').mapBytes * 0.9) });
  const fixes = (site: SiteFacts) => diagnose(site).map(({ fix }) => fix);

  test('is a key of localconfig where zmconfigd would take back a change of cn=config', () => {
    expect(fixes(filling(zimbraSite()))).toEqual([
      "On ldap1: `su - zimbra -c 'zmlocalconfig -e ldap_db_maxsize=536870912'`, then `su - zimbra -c 'ldap restart'`; the others alike. By hand in cn=config it does not last: zmconfigd sets it back.",
    ]);
    expect(fixes(filling(carbonioSite()))[0]).toContain('`systemctl restart carbonio-openldap`');
  });

  test('starts slapd as the product does, and looks into its log', () => {
    const down = (site: SiteFacts) =>
      withInstallation(site, 'replica1', { running: false, startedAt: undefined });
    expect(fixes(down(zimbraSite()))[0]).toBe(
      "On replica1: `su - zimbra -c 'ldap start'`; if it does not stay up, `grep 'slapd\\[' /var/log/zimbra.log | tail -n 50` says why.",
    );
    expect(fixes(down(carbonioSite()))[0]).toContain('`systemctl start carbonio-openldap`');
  });

  test('is a runbook of the product, or a tool where it has none', () => {
    const differs = withContent(zimbraSite(), 'ldap2', { entries: 230 });
    expect(fixes(differs).join()).toContain('zimbra/reload');
    const strange = withDatabase(carbonioSite(), 'ldap1', {
      agreements: [zimbraAgreement(100, 'ldap://gone.lab.example:389/')],
    });
    expect(fixes(strange).join()).toContain('`lockstep run carbonio/delete-node`');
    for (const site of [differs, strange, withLog(zimbraSite(), 'ldap1', 'entryUUID is not unique')])
      expect(fixes(site).join()).not.toContain('openldap/');
  });
});

/** A master as it is set up: data in {2}, nothing that replicates, and the lists name it alone. */
function single(host = 'ldap1'): { site: SiteFacts; mailstore: SiteFacts } {
  const old = zimbraSite();
  const alone = withConfig(old, host, {
    serverIds: [],
    databases: [
      { name: '{-1}frontend' },
      { name: '{0}config' },
      { name: '{1}monitor' },
      { name: '{2}mdb', suffix: '' },
    ],
    log: undefined,
    database: {
      ...databaseOf(old, host),
      dn: 'olcDatabase={2}mdb,cn=config',
      agreements: [],
      multiProvider: false,
      overlays: ['dynlist', 'unique'],
      syncprov: undefined,
    },
  });
  const lists = (before: SiteFacts, node: string) =>
    withKeys(before, node, { ldap_url: url(host), ldap_master_url: url(host) });
  const listed = lists(lists(alone, host), 'store1');
  const { logSids: _, ...node } = nodeIn(listed, host);
  const csns = withCsns(listed, host, '20261126010000.000000Z#000000#000#000000');
  const facts = { ...serverOf(csns, host), trials: new Map(), monitor: seen(new Map()) };
  const site: SiteFacts = { ...csns, servers: [facts], nodes: [node], target: valueIn(facts.csns) };
  return { site, mailstore: { ...site, nodes: [node, nodeIn(listed, 'store1')] } };
}
