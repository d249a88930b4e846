import { describe, expect, test } from 'vitest';
import { diagnose, SEVERITIES } from '../../src/health/diagnose.ts';
import { RULES } from '../../src/health/rules/index.ts';
import { BROKEN_AGREEMENTS } from './broken-agreements.ts';
import { BROKEN_DATA } from './broken-data.ts';
import { BROKEN_LOGS } from './broken-logs.ts';
import { BROKEN_PROVIDERS } from './broken-providers.ts';
import { BROKEN_SERVERS } from './broken-servers.ts';
import { BROKEN_ZIMBRA } from './broken-zimbra.ts';
import { deltaSite, healthySite, PASSWORD } from './site.ts';
import { carbonioSite, zimbra24Site, zimbraSite } from './zimbra-site.ts';

const BREAKAGES = [
  ...BROKEN_SERVERS,
  ...BROKEN_DATA,
  ...BROKEN_AGREEMENTS,
  ...BROKEN_PROVIDERS,
  ...BROKEN_LOGS,
  ...BROKEN_ZIMBRA,
];

describe('a site that is well', () => {
  test.each([
    ['two masters and a replica', healthySite],
    ['two masters by their accesslogs', deltaSite],
    ['Zimbra 10 with slapd 2.5', zimbraSite],
    ['Zimbra 8.8 with slapd 2.4', zimbra24Site],
    ['Carbonio of 2024', carbonioSite],
  ])('has no findings: %s', (_, site) => {
    expect(diagnose(site())).toEqual([]);
  });
});

describe('a site that is broken', () => {
  test.each(
    BREAKAGES.map((breakage) => [`${breakage.code} is found when ${breakage.when}`, breakage] as const),
  )('%s', (_, { code, site, severity, where, what, fix }) => {
    const found = diagnose(site()).filter((finding) => finding.code === code);
    expect(found).toHaveLength(1);
    const [finding] = found;
    expect(finding?.severity).toBe(severity);
    expect(finding?.where).toEqual(where);
    if (typeof what === 'string') expect(finding?.what).toContain(what);
    else expect(finding?.what).toMatch(what);
    if (typeof fix === 'string') expect(finding?.fix).toContain(fix);
    else if (fix) expect(finding?.fix).toMatch(fix);
  });

  test('every code of every rule is broken by some', () => {
    const codes = RULES.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect([...new Set(BREAKAGES.map(({ code }) => code))].sort()).toEqual([...codes].sort());
  });

  test('every grade of every rule is met by some', () => {
    const met = new Set(BREAKAGES.map(({ code, severity }) => `${code} ${severity}`));
    const missing = RULES.flatMap(({ code, severities }) =>
      severities.map((severity) => `${code} ${severity}`).filter((one) => !met.has(one)),
    );
    expect(missing).toEqual([]);
  });
});

describe('findings', () => {
  const all = BREAKAGES.flatMap(({ site }) => diagnose(site()));

  test('are graded as their rule says', () => {
    const allowed = new Set(
      RULES.flatMap(({ code, severities }) => severities.map((one) => `${code} ${one}`)),
    );
    expect(all.filter(({ code, severity }) => !allowed.has(`${code} ${severity}`))).toEqual([]);
  });

  test('say what, why and what mends it, each in its form', () => {
    for (const { code, where, what, why, fix } of all) {
      expect(what, code).not.toMatch(/\.$|^\s*$|undefined|NaN/);
      expect(why, code).not.toMatch(/\.$|^\s*$/);
      expect(fix, code).toMatch(/[.`]$/);
      expect(fix, code).not.toMatch(/undefined|NaN|INVENTORY/);
      expect(where.length, code).toBeGreaterThan(0);
    }
  });

  test('name hosts of the site only', () => {
    const sites = BREAKAGES.map(({ site }) => site());
    for (const site of sites) {
      const hosts = [...site.servers, ...(site.nodes ?? [])].map(({ host }) => host);
      expect(diagnose(site).flatMap(({ where }) => where.filter((host) => !hosts.includes(host)))).toEqual(
        [],
      );
    }
  });

  test('come the worst first', () => {
    for (const { site } of BREAKAGES) {
      const grades = diagnose(site()).map(({ severity }) => SEVERITIES.indexOf(severity));
      expect(grades).toEqual([...grades].sort((a, b) => a - b));
    }
  });

  test('hold no password', () => {
    expect(JSON.stringify(all)).not.toContain(PASSWORD);
  });
});
