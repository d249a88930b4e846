import { describe, expect, it } from 'vitest';
import { type CheckPorts, checkHosts, type HostCheck } from '../../src/cli/inventory-check.ts';
import { checkText } from '../../src/cli/inventory-run.ts';
import { inventoryJson, inventoryTable } from '../../src/cli/inventory-show.ts';
import { type CommandResult, TransportError } from '../../src/engine/ports.ts';
import type { InventoryHost } from '../../src/inventory/model.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { Target } from '../../src/transport/transport.ts';

const host = (name: string): InventoryHost => ({
  name,
  address: `${name}.example.com`,
  platform: 'openldap',
  groups: ['masters'],
  vars: {},
  access: {},
});
const target = (name: string, more: Partial<Target> = {}): Target => ({
  name,
  address: `${name}.example.com`,
  port: 22,
  user: 'root',
  transport: 'ssh2',
  identityFiles: [],
  knownHostsFiles: [],
  ...more,
});
const answer = (stdout: string): CommandResult => ({
  exit: { kind: 'exited', code: 0 },
  stdout,
  stderr: '',
  truncated: false,
  durationMs: 1,
});
const GOOD =
  'clock=1000010000000\nuser=root\nos=Debian GNU/Linux 12\ndisk=40% 9000000 /\nversion=openldap 2.5.13\n';

/** The controller's clock goes on by 20 ms with each look at it, from 1,000,000 ms. */
function ports(stdout: string | Error, more: Partial<Target> = {}): CheckPorts {
  let now = 1_000_000 - 20;
  return {
    targetOf: async (each) => target(each.name, more),
    connect: () => ({
      identity: async () => {
        if (stdout instanceof Error) throw stdout;
        return { hostname: 'h', machineId: '', bootId: '', hostKey: 'SHA256:x', uid: 0 };
      },
      probe: async () => answer(String(stdout)),
    }),
    now: () => {
      now += 20;
      return now;
    },
  };
}

async function check(stdout: string | Error, more: Partial<Target> = {}): Promise<HostCheck> {
  const [first] = await checkHosts([host('ldap1')], ports(stdout, more));
  if (!first) throw new Error('no result');
  return first;
}

describe('inventory check', () => {
  it('finds nothing wrong with a host that is well', async () => {
    expect(await check(GOOD)).toEqual({
      host: 'ldap1',
      target: 'root@ldap1.example.com:22',
      hostKey: 'SHA256:x',
      user: 'root',
      os: 'Debian GNU/Linux 12',
      skewMs: 0,
      uncertaintyMs: 10,
      disk: { mount: '/', usedPercent: 40, freeKiB: 9_000_000 },
      versions: ['openldap 2.5.13'],
      findings: [],
    });
  });

  it('says why a host cannot be reached, and what to do', async () => {
    const refused = new TransportError(
      'refused',
      'ldap1',
      'ldap1: the host key has changed',
      'Ask who changed it.',
    );
    expect((await check(refused)).findings).toEqual([
      {
        severity: 'error',
        what: 'reach',
        cause: 'ldap1: the host key has changed',
        next: 'Ask who changed it.',
      },
    ]);
  });

  it('ends with a result for a host even when something unforeseen happens', async () => {
    const [finding] = (await check(new Error('out of wool'))).findings;
    expect(finding).toMatchObject({ severity: 'error', what: 'reach', cause: 'out of wool' });
  });

  it.each([
    ['a clock an hour behind', GOOD.replace('1000010000000', '1000000000'), 'clock', 'error'],
    ['commands that run as another user', GOOD.replace('user=root', 'user=maint'), 'become', 'error'],
    ['a full disk', GOOD.replace('40% 9000000', '97% 9000000'), 'disk', 'error'],
    ['a disk with no room', GOOD.replace('40% 9000000', '40% 90000'), 'disk', 'error'],
    ['a disk that fills', GOOD.replace('40% 9000000', '91% 9000000'), 'disk', 'warning'],
    ['no clock', GOOD.replace(/clock=.*\n/, ''), 'clock', 'error'],
  ])('sees %s', async (_, stdout, what, severity) => {
    expect((await check(stdout)).findings.map((finding) => [finding.what, finding.severity])).toEqual([
      [what, severity],
    ]);
  });

  it('expects the become user, when there is one', async () => {
    expect((await check(GOOD, { user: 'maint', become: { method: 'sudo', user: 'root' } })).findings).toEqual(
      [],
    );
    expect((await check(GOOD, { become: { method: 'su', user: 'zimbra' } })).findings[0]?.what).toBe(
      'become',
    );
  });

  it('lists each failure with cause and next move below the table', async () => {
    const text = checkText([
      await check(GOOD),
      { ...(await check(GOOD.replace('40%', '97%'))), host: 'ldap2' },
    ]);
    expect(text).toMatch(/^HOST +STATE +LOGIN/);
    expect(text).toMatch(
      /\nldap1 +ok +root@ldap1\.example\.com:22 +root +0 ms ±10 +40 % \/ +openldap 2\.5\.13 +Debian/,
    );
    expect(text).toMatch(/\nldap2 +FAILED /);
    expect(text).toContain(
      'ldap2 · disk: / is 97 % full, 8789 MiB are left\n    make room on / before a change',
    );
    expect(text).toMatch(/\n1 of 2 hosts failed$/);
  });
});

describe('inventory show', () => {
  const secret = { ...host('ldap1'), vars: { admin_password: new Secret('var admin_password', 'hunter2') } };
  const inventory = {
    source: 'x',
    hosts: {
      ldap1: {
        ...secret,
        access: {
          user: 'maint',
          port: 2201,
          jump: ['gate'],
          become: { method: 'sudo' as const, user: 'root' },
        },
      },
      ldap2: host('ldap2'),
    },
    groups: { all: ['ldap1', 'ldap2'], masters: ['ldap1', 'ldap2'] },
    vars: {},
    files: [],
  };

  it('shows who is reached how', () => {
    expect(inventoryTable(inventory, ['ldap1', 'ldap2']).split('\n')).toEqual([
      'HOST   ADDRESS            PLATFORM  GROUPS   REACHED AS',
      'ldap1  ldap1.example.com  openldap  masters  maint@ldap1.example.com:2201; via gate; sudo root',
      'ldap2  ldap2.example.com  openldap  masters  ldap2.example.com',
    ]);
  });

  it('shows the chosen hosts as JSON, without a secret', () => {
    const json = inventoryJson(inventory, ['ldap1']);
    expect(Object.keys((JSON.parse(json) as { hosts: object }).hosts)).toEqual(['ldap1']);
    expect(json).not.toContain('hunter2');
  });
});
