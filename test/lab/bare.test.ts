/** `lab up --bare`: hosts on which slapd never was, that can get it without a network. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { down } from '../../src/lab/down.ts';
import { inflict } from '../../src/lab/fault.ts';
import { labInventoryPath } from '../../src/lab/lab-paths.ts';
import type { LabRecord } from '../../src/lab/lab-record.ts';
import { execArgv } from '../../src/lab/lab-shell.ts';
import { mastersAndBare } from '../../src/lab/nodes.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';
import { silentProgress } from '../../src/lab/progress.ts';
import { labStatus } from '../../src/lab/status.ts';
import { type LabRequest, up } from '../../src/lab/up.ts';
import { buildIfStale, program } from './program.ts';

const run = promisify(execFile);
const name = `t-bare-${process.pid}`;
const request: LabRequest = { name, platform: openldap, debian: 12, nodes: mastersAndBare(2, 1) };
const { signal } = new AbortController();
let lab: LabRecord;

async function inside(host: string, script: string): Promise<string> {
  const [first = '', ...rest] = await execArgv(lab, host, ['sh', '-ec', script]);
  return (await run(first, rest)).stdout;
}

beforeAll(async () => {
  buildIfStale();
  lab = (await up(request, silentProgress, signal)).lab;
});
afterAll(async () => void (await down(name, silentProgress)));

test('the last hosts are bare, in a group of their own, and nothing is wrong with them', async () => {
  expect(lab.hosts.map(({ kind }) => kind)).toEqual(['master', 'bare']);
  const { groups } = parse(await readFile(labInventoryPath(name), 'utf8'));
  expect(groups).toEqual({ masters: { hosts: ['ldap1'] }, bare: { hosts: ['ldap2'] } });
  const { hosts } = await labStatus(name);
  expect(hosts.map(({ ports, faults }) => [ports[22], ports[389], faults])).toEqual([
    [true, true, []],
    [true, false, []],
  ]);
  expect(await inflict(name, 'ldap2', { kind: 'heal' })).toBe('ldap2: nothing was wrong with it');
  await expect(inflict(name, 'ldap2', { kind: 'kill-slapd' })).rejects.toThrow(
    'ldap2: has no slapd; its packages are in /srv/packages',
  );
});

test('it is the same lab only if as many are bare', async () => {
  expect((await up(request, silentProgress, signal)).already).toBe(true);
  await expect(up({ ...request, nodes: mastersAndBare(2) }, silentProgress, signal)).rejects.toThrow(
    `lab ${name}: is up with openldap on Debian 12, 2 hosts (master=1, bare=1), not openldap on Debian 12, 2 hosts (master=2); `,
  );
});

test('a bare host has nothing of slapd, and installs it without a network', async () => {
  const gone =
    'ls -d /etc/ldap/slapd.d /var/lib/ldap /usr/sbin/slapd /usr/bin/ldapsearch 2>/dev/null || :; getent passwd openldap || :';
  expect(await inside('ldap2', gone)).not.toMatch(/slapd|\/var\/lib\/ldap|ldapsearch/);
  await inside('ldap2', 'DEBIAN_FRONTEND=noninteractive apt-get -y -q install slapd ldap-utils >&2');
  const { hosts } = await labStatus(name);
  expect(hosts[1]?.ports[389]).toBe(true);
  await inflict(name, 'ldap2', { kind: 'kill-slapd' });
  expect((await labStatus(name)).hosts[1]?.faults).toEqual([{ kind: 'slapd-gone' }]);
  expect(await inflict(name, 'ldap2', { kind: 'heal' })).toBe('ldap2: healed: slapd started');
});

test('more bare hosts than hosts are refused by the name of the option, before anything is made', async () => {
  const ask = (bare: string) => run(program, ['lab', 'up', `${name}-x`, '--hosts', '2', '--bare', bare]);
  for (const bare of ['3', '-1', 'one']) {
    const failed = await ask(bare).catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stderr).toContain(`--bare ${bare}: must be a whole number from 0 to 2`);
  }
});
