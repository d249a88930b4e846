import { describe, expect, test } from 'vitest';
import type { Finding, Severity } from '../../src/health/finding.ts';
import { nagiosLine, verdictOf } from '../../src/health/verdict.ts';
import { healthySite, withServer } from './site.ts';

const finding = (severity: Severity, what = 'something'): Finding => ({
  code: 'some-code',
  severity,
  where: ['ldap1'],
  what,
  why: 'because',
  fix: 'Mend it.',
});

describe('the verdict', () => {
  test.each([
    [[], 0, 'OK'],
    [['info'], 0, 'OK'],
    [['unknown', 'info'], 3, 'UNKNOWN'],
    [['unknown', 'warning'], 1, 'WARNING'],
    [['unknown', 'warning', 'critical'], 2, 'CRITICAL'],
  ] as const)('of %j is %i', (severities, code, word) => {
    expect(verdictOf(severities.map((severity) => finding(severity)))).toEqual({ code, word });
  });
});

describe('the line for Nagios', () => {
  test('says that all is well, and how many servers were seen', () => {
    expect(nagiosLine(healthySite(), [])).toMatch(
      /^LDAP OK: 3 servers of dc=example,dc=org, nothing to complain of \| servers=3;;;0 unreachable=0;;;0 behind=0;;;0 /,
    );
  });

  test('tells the first finding and counts the rest, without notes', () => {
    const line = nagiosLine(healthySite(), [
      finding('critical', 'ldap1 is down'),
      finding('warning'),
      finding('info'),
    ]);
    expect(line).toMatch(/^LDAP CRITICAL: some-code: ldap1 is down \(and 1 more\) \| /);
  });

  test('is one line with one bar, whatever a host has written', () => {
    const line = nagiosLine(healthySite(), [finding('critical', 'a | b\nc\u0007d')]);
    expect(line).toContain('some-code: a / b c d |');
    expect(line.split('|')).toHaveLength(2);
    expect(line).not.toMatch(/\p{Cc}/u);
  });

  test('has numbers with their limits, and none of what is not known', () => {
    const site = withServer(healthySite(), 'ldap1', { clock: { unknown: 'x' } });
    const numbers = nagiosLine(site, []).split(' | ')[1] ?? '';
    expect(numbers).toContain("'ldap2 clock'=2ms;-100:100;-1000:1000");
    expect(numbers).toContain("'ldap1 map'=134217728B;858993459;1020054733;0;1073741824");
    expect(numbers).toContain("'ldap1 certificate days'=200;30:;7:");
    expect(numbers).not.toContain('ldap1 clock');
    // Every one as the guidelines have it: 'label'=value[unit];[warning];[critical];[least];[most]
    const form = /^(?:'[^'=]+'|\w+)=-?[\d.]+(?:ms|B)?(?:;[-\d.:]*){0,4}$/;
    for (const number of numbers.match(/(?:'[^']*'|\S)+/g) ?? []) expect(number).toMatch(form);
  });
});
