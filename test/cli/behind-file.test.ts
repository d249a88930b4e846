import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepBehind, loadBehind } from '../../src/cli/behind-file.ts';
import { latestPerSid } from '../../src/ldap/csn.ts';
import { serverFacts, siteFacts } from '../health/observed.ts';

const state = mkdtempSync(join(tmpdir(), 'lockstep-behind-'));
afterAll(() => rmSync(state, { recursive: true }));
const env = { LOCKSTEP_STATE: state };

const csn = (second: number) => `202611220000${second}.000000Z#000000#001#000000`;
const site = siteFacts({
  at: 1000,
  target: latestPerSid([csn(20)]),
  servers: [serverFacts('ldap2', { csns: { value: latestPerSid([csn(10)]) } })],
});

test('since when a server is behind survives the process, for this inventory and this tree', () => {
  expect(loadBehind('hosts.yaml', site.suffix, env)).toEqual(new Map());
  keepBehind('hosts.yaml', site, env);
  const kept = loadBehind('hosts.yaml', 'DC=example, DC=org', env);
  expect(kept).toEqual(new Map([['ldap2 001', 1000]]));
  keepBehind('hosts.yaml', { ...site, at: 2000, behindSince: kept }, env);
  expect(loadBehind('hosts.yaml', site.suffix, env)).toEqual(kept);
  expect(loadBehind('other.yaml', site.suffix, env)).toEqual(new Map());
  expect(loadBehind('hosts.yaml', 'dc=other', env)).toEqual(new Map());
});

test('the file is nobody else’s business, and one that cannot be read is as none', () => {
  const [name = ''] = readdirSync(join(state, 'health'));
  const file = join(state, 'health', name);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(state, 'health'))).toEqual([name]);
  writeFileSync(file, '{"ldap2 001": "yesterday", "ldap3 001": 7}');
  expect(loadBehind('hosts.yaml', site.suffix, env)).toEqual(new Map([['ldap3 001', 7]]));
  writeFileSync(file, 'torn');
  expect(loadBehind('hosts.yaml', site.suffix, env)).toEqual(new Map());
});
