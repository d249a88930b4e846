import { actions } from '../../src/actions/index.ts';
import type { Host } from '../../src/engine/ports.ts';
import { Unknown, type Value } from '../../src/engine/value.ts';
import type { Scope } from '../../src/runbook/expression.ts';
import { type ParsedRunbook, parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { Secret } from '../../src/secrets/secret.ts';

/** A runbook around some steps (YAML, not indented), with inputs and a secret to refer to. */
export function runbookWith(steps: string, extra = ''): string {
  return `format: lockstep/1
name: test/sample
version: 1.0.0
title: A sample
inputs:
  pool: { type: hosts, default: masters }
  newcomer: { type: host }
  suffix: { type: dn, default: "dc=example" }
  count: { type: int, default: 3 }
secrets:
  root: { from: ["env:ROOT"] }
${extra}steps:
${steps.trim().replaceAll(/^/gm, '  ')}
`;
}

export function parse(text: string, parts: Readonly<Record<string, string>> = {}): ParsedRunbook {
  const sources = Object.entries(parts).map(([path, part]) => [path, { file: path, text: part }]);
  const texts = { main: { file: 'a.yaml', text }, path: 'a.yaml', parts: Object.fromEntries(sources) };
  return parseRunbook(texts, actions);
}

/** What lint says of steps: `path: message | hint`. */
export function said(steps: string, extra = ''): string[] {
  return parse(runbookWith(steps, extra)).problems.map(
    (each) => `${each.path}: ${each.message} | ${each.hint}`,
  );
}

export function host(name: string): Host {
  return {
    name,
    address: `${name}.example.com`,
    platform: 'openldap',
    groups: ['masters'],
    vars: { sid: 1 },
  };
}

export const hosts = { ldap1: host('ldap1'), ldap2: host('ldap2'), ldap3: host('ldap3') };

/** On ldap1; sid is captured on ldap1 (1) and ldap2 (2). */
export function scope(change: Partial<Scope> = {}): Scope {
  const sids: Readonly<Record<string, Value>> = { ldap1: 1, ldap2: 2 };
  return {
    inputs: {
      pool: [hosts.ldap1, hosts.ldap2],
      newcomer: hosts.ldap3,
      suffix: 'dc=example',
      count: 3,
      share: 2.5,
    },
    inventory: { vars: { site: 'north' }, hosts },
    run: { id: '7f3a', started: '2026-11-22T01:45:00Z' },
    host: hosts.ldap1,
    secrets: (name) => (name === 'later' ? new Unknown('secret later') : new Secret(name, `clear-${name}`)),
    captured: (name, key) => (key === 'sid' ? sids[name] : undefined),
    ...change,
  };
}
