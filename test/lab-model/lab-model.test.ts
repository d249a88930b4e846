import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemdHierarchies } from '../../src/lab/cgroup.ts';
import { hostFiles, knownHostsLine } from '../../src/lab/host-files.ts';
import { imageRecipe } from '../../src/lab/image-recipe.ts';
import { inTurns } from '../../src/lab/in-turns.ts';
import { inventoryText } from '../../src/lab/inventory-text.ts';
import { checkLabName, controllerLink, labInventoryPath } from '../../src/lab/lab-paths.ts';
import type { LabHost, LabRecord } from '../../src/lab/lab-record.ts';
import { sshArgv } from '../../src/lab/lab-shell.ts';
import { mountsBelow } from '../../src/lab/mounts.ts';
import { controllerBatch, hostBatch, switchBatch } from '../../src/lab/network.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';
import { parseIdentity, parseStat } from '../../src/lab/process-identity.ts';
import { showProgress } from '../../src/lab/progress.ts';
import { installCommand, missingPackages } from '../../src/lab/requirements.ts';
import { statusText } from '../../src/lab/status-text.ts';

const hosts: readonly LabHost[] = [
  { name: 'ldap1', fqdn: 'ldap1.lab.example', address: '10.77.1.11', kind: 'master' },
  { name: 'ldap2', fqdn: 'ldap2.lab.example', address: '10.77.1.12', kind: 'master' },
];
const [ldap1 = { name: '', fqdn: '', address: '', kind: 'master' as const }] = hosts;
const lab: LabRecord = {
  format: 'lockstep-lab/2',
  name: 'demo',
  platform: 'openldap',
  debian: 12,
  image: '/image',
  subnet: '10.77.1',
  phase: 'up',
  createdAt: '2026-01-01T00:00:00.000Z',
  hosts,
};

test('a lab name that could leave its directory is refused', () => {
  for (const name of ['../x', 'a/b', '', 'A', '.lock', 'a b', 'x'.repeat(25)]) {
    expect(() => checkLabName(name)).toThrow(/must be 1 to 24/);
  }
  expect(labInventoryPath('demo')).toBe('/var/lib/lockstep/labs/demo/inventory.yaml');
});

test("the controller's link has a name the kernel takes (15 characters), and each lab its own", () => {
  expect(controllerLink('demo').length).toBeLessThanOrEqual(15);
  expect(controllerLink('demo')).not.toBe(controllerLink('demo2'));
});

test('the inventory is in the native format and dials addresses while peers use names', () => {
  expect(parse(inventoryText('demo', openldap, hosts))).toMatchObject({
    format: 'lockstep-inventory/1',
    vars: { suffix: 'dc=example,dc=com' },
    access: { user: 'root', identity: 'id_ed25519', 'known-hosts': 'known_hosts' },
    groups: { masters: { hosts: ['ldap1', 'ldap2'] } },
    hosts: { ldap2: { address: 'ldap2.lab.example', connect: '10.77.1.12', platform: 'openldap' } },
  });
});

test('a bare host is in a group of its own, and has what the others have but the product', () => {
  const [first, second] = [ldap1, { ...ldap1, name: 'ldap2', kind: 'bare' as const }];
  const groups = (all: readonly LabHost[]) => parse(inventoryText('demo', openldap, all)).groups;
  expect(groups([first, second])).toEqual({ masters: { hosts: ['ldap1'] }, bare: { hosts: ['ldap2'] } });
  expect(groups([first])).toEqual({ masters: { hosts: ['ldap1'] } });
  expect(groups([second])).toEqual({ bare: { hosts: ['ldap2'] } });
  const { hosts: written } = parse(inventoryText('demo', openldap, [first, second]));
  expect(Object.keys(written.ldap2)).toEqual(Object.keys(written.ldap1));
  expect([openldap.describe(second), openldap.describe({ ...second, kind: 'master' })]).toEqual([
    'bare: no slapd, packages in /srv/packages',
    'dc=example,dc=com, only the suffix entry',
  ]);
});

test('a bare host says so in the status of its lab', () => {
  const host = { ...ldap1, power: 'on', link: 'up', ports: { 389: false }, faults: [] } as const;
  const lines = (bare: boolean) =>
    statusText({ ...lab, inventory: '/i', hosts: [bare ? { ...host, kind: 'bare' } : host] }).split('\n');
  expect(lines(true)[1]).toMatch(/^ {2}ldap1 .*389 closed {2}bare$/);
  expect(lines(false)[1]).toMatch(/389 closed$/);
});

test('the image brings packages for bare hosts before it leaves the network behind', () => {
  const { customise } = imageRecipe(openldap, 12);
  const fetched = customise.indexOf('apt-get -q download slapd ldap-utils');
  expect(fetched).toBeGreaterThan(0);
  expect(customise.slice(0, fetched)).not.toMatch(/sources\.list(?!\.d\/lab)/);
});

test("a host's own name resolves to its address in the lab, not to loopback", () => {
  const files = hostFiles(ldap1, hosts, 'id', { private: 'p', public: 'ssh-ed25519 K' }, 'login');
  const text = files.find((file) => file.path === '/etc/hosts')?.text;
  expect(text).toContain('10.77.1.11 ldap1.lab.example ldap1\n');
  expect(text).not.toMatch(/^127.*ldap1/m);
});

test('private keys and authorized_keys are readable by their owner only', () => {
  const files = hostFiles(ldap1, hosts, 'id', { private: 'p', public: 'ssh-ed25519 K' }, 'login');
  const open = files.filter(
    (file) => /host_ed25519_key$|authorized_keys$/.test(file.path) && file.mode !== 0o600,
  );
  expect(open).toEqual([]);
  expect(files.filter((file) => file.path.endsWith('authorized_keys'))).toHaveLength(4);
});

test('known_hosts knows a host by address and by both names, without the comment of its key', () => {
  expect(knownHostsLine(ldap1, 'ssh-ed25519 AAAA ldap1')).toBe(
    '10.77.1.11,ldap1.lab.example,ldap1 ssh-ed25519 AAAA\n',
  );
});

test('the network is made of one veth on the machine, and all else inside namespaces of the lab', () => {
  const link = controllerLink('demo');
  expect(controllerBatch('demo', '10.77.1').split('\n')[0]).toBe(
    `link add ${link} type veth peer name uplink netns /var/lib/lockstep/labs/demo/net/switch`,
  );
  expect(switchBatch('demo', ['ldap1'])).toContain(
    'peer name eth0 netns /var/lib/lockstep/labs/demo/net/ldap1\n',
  );
  expect(hostBatch('10.77.1.11')).not.toContain('default');
});

test('ssh asks nothing, reads no configuration of the operator and takes any login', () => {
  const argv = sshArgv(lab, 'admin@ldap2', ['id', '-u']);
  expect(argv.slice(0, 3)).toEqual(['ssh', '-F', 'none']);
  expect(argv).toContain('StrictHostKeyChecking=yes');
  expect(argv.slice(-6)).toEqual(['-l', 'admin', '--', '10.77.1.12', 'id', '-u']);
  expect(() => sshArgv(lab, 'ldap9', [])).toThrow(
    'lab demo: has no host "ldap9"; its hosts are ldap1, ldap2',
  );
});

test('mounts come innermost first, and those of a lab whose name only begins alike are left alone', () => {
  const line = (point: string) => `22 1 0:21 / ${point} rw - overlay x rw`;
  const points = ['/', '/labs/a', '/labs/a/h/root', '/labs/ab/h', '/labs/a/h/root/with\\040space'];
  expect(mountsBelow(points.map(line).join('\n'), '/labs/a')).toEqual([
    '/labs/a/h/root/with space',
    '/labs/a/h/root',
    '/labs/a',
  ]);
});

test('cgroup2 and the systemd hierarchy of cgroup v1 are found, other controllers are not', () => {
  const mounts = [
    'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0',
    'cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
  ];
  expect(systemdHierarchies(mounts.join('\n'))).toEqual(['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified']);
});

test('a process record that was cut off names no process', () => {
  expect(parseIdentity('123 456\n')).toEqual({ pid: 123, startTime: '456' });
  for (const text of ['', '123', '123 45', '123 \n']) expect(parseIdentity(text)).toBeUndefined();
});

test('the start time is found behind a command name with spaces and parentheses', () => {
  const fields = Array.from({ length: 20 }, (_, index) => `${index + 4}`).join(' ');
  expect(parseStat(`7 (a) b (c)) S ${fields}`)).toEqual({ state: 'S', startTime: '22' });
});

test('missing programs are told as packages, each once, with one command', () => {
  expect(missingPackages(() => true)).toEqual([]);
  const packages = missingPackages((path) => !/nsenter|flock|systemd-nspawn/.test(path));
  expect(packages).toEqual(['systemd-container', 'util-linux']);
  expect(installCommand(packages)).toBe(
    'apt-get install -y --no-install-recommends systemd-container util-linux',
  );
});

test('without a terminal the progress is a line a phase, and the same phase is no news', () => {
  const written: string[] = [];
  let now = 0;
  const progress = showProgress({ write: (text) => written.push(text) }, () => now);
  progress.phase('one');
  now = 12_400;
  progress.phase('one');
  progress.phase('two');
  progress.end();
  expect(written).toEqual(['  0 s  one\n', ' 12 s  two\n']);
});

test('at a terminal the progress stays on one line and leaves it empty', () => {
  const written: string[] = [];
  const progress = showProgress({ isTTY: true, write: (text) => written.push(text) }, () => 0);
  progress.phase('one');
  progress.end();
  expect(written).toEqual(['\r  0 s  one\u001b[K', '\r\u001b[K']);
});

test('work in turns keeps the order, and after a failure begins nothing more', async () => {
  expect(await inTurns([1, 2, 3], async (item) => item * 2)).toEqual([2, 4, 6]);
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 0) throw new Error('first');
  };
  await expect(inTurns([...Array(20).keys()], work)).rejects.toThrow('first');
  expect(begun.length).toBeLessThan(20);
});
