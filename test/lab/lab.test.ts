import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down } from '../../src/lab/down.ts';
import { hostPower, rebootHost, startHost, stopHost } from '../../src/lab/host-power.ts';
import { controllerLink, labDir, labInventoryPath } from '../../src/lab/lab-paths.ts';
import { type LabRecord, readLab } from '../../src/lab/lab-record.ts';
import { execArgv, sshArgv } from '../../src/lab/lab-shell.ts';
import { setLink } from '../../src/lab/network.ts';
import { mastersAndBare } from '../../src/lab/nodes.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';
import { treeSize } from '../../src/lab/platforms/people-tree.ts';
import { silentProgress } from '../../src/lab/progress.ts';
import { labStatus } from '../../src/lab/status.ts';
import { type LabRequest, up } from '../../src/lab/up.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const names = { two: `t-two-${process.pid}`, old: `t-old-${process.pid}`, crash: `t-crash-${process.pid}` };
const request = (name: string, rest: Partial<LabRequest> = {}): LabRequest => ({
  name,
  platform: openldap,
  debian: 12,
  nodes: mastersAndBare(2),
  ...rest,
});

let two: LabRecord;
let old: LabRecord;
let overlay: string;
let before: string;

/** What a lab could have changed outside its own directory. */
async function machine(): Promise<string> {
  const ours = (line: string) =>
    Object.values(names).some((name) => line.includes(name) || line.includes(controllerLink(name)));
  const [links, routes, processes] = await Promise.all([
    run('ip', ['-br', 'link']),
    run('ip', ['route']),
    run('ps', ['-eo', 'args']),
  ]);
  const files = ['/proc/self/mounts', '/proc/self/cgroup'];
  const mounts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const lines = [...mounts, links.stdout, routes.stdout, processes.stdout]
    .join('\n')
    .split('\n')
    .filter(ours);
  const fixed = ['/etc/hosts', '/etc/resolv.conf', '/proc/sys/net/ipv4/ip_forward'];
  return [...lines, ...(await Promise.all(fixed.map((file) => readFile(file, 'utf8'))))].join('\n');
}

async function call(
  argv: readonly string[],
  stdin = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  return { code, stdout, stderr };
}

const ssh = (lab: LabRecord, login: string, command: string, stdin = '') =>
  call(sshArgv(lab, login, [command]), stdin);
const inside = async (lab: LabRecord, host: string, argv: readonly string[], stdin = '') =>
  call(await execArgv(lab, host, argv), stdin);
const secret = async (lab: LabRecord, name: string) =>
  (await readFile(`${labDir(lab.name)}/secrets/${name}`, 'utf8')).trim();

beforeAll(async () => {
  before = await machine();
  overlay = await mkdtemp(`${tmpdir()}/lab-overlay-`);
  await mkdir(`${overlay}/usr/local/bin`, { recursive: true });
  await mkdir(`${overlay}/bin`);
  await writeFile(`${overlay}/bin/vendor-tool`, '#!/bin/sh\necho vendor says "$1"\n', { mode: 0o755 });
  for (const folder of ['', '/usr', '/usr/local', '/bin']) await chmod(`${overlay}${folder}`, 0o700);
  const results = await Promise.all([
    up(request(names.two, { overlay }), silentProgress, signal),
    up(request(names.old, { debian: 11, nodes: mastersAndBare(1) }), silentProgress, signal),
  ]);
  [two, old] = [results[0].lab, results[1].lab];
});

afterAll(async () => {
  for (const name of Object.values(names)) await down(name, silentProgress);
  await rm(overlay, { recursive: true, force: true });
});

test('two labs at once have networks and releases of their own', async () => {
  expect(two.subnet).not.toBe(old.subnet);
  const release = 'cat /etc/debian_version';
  expect((await ssh(two, 'ldap1', release)).stdout).toMatch(/^12/);
  expect((await ssh(old, 'ldap1', release)).stdout).toMatch(/^11/);
  const elsewhere = await inside(two, 'ldap1', ['ping', '-c1', '-W1', `${old.subnet}.11`]);
  expect(elsewhere.code).not.toBe(0);
});

test('every host runs systemd without a failed unit, and slapd with it', async () => {
  for (const host of two.hosts) {
    const { stdout } = await ssh(
      two,
      host.name,
      'systemctl is-system-running; systemctl is-active slapd ssh',
    );
    expect(stdout).toBe('running\nactive\nactive\n');
  }
});

test('the first host serves the whole tree to the rootDN, the second its own suffix entry', async () => {
  const password = await secret(two, 'rootdn-password');
  const script =
    'umask 077; cat > /root/pw; exec ldapsearch -x -LLL -D cn=admin,dc=example,dc=com -y /root/pw "$@"';
  const search = ['sh', '-c', script, 'sh'];
  const base = ['-b', 'dc=example,dc=com'];
  const count = async (host: string) =>
    (await inside(two, host, [...search, ...base, 'dn'], password)).stdout.match(/^dn:/gm)?.length;
  expect(await count('ldap1')).toBe(treeSize);
  expect(await count('ldap2')).toBe(1);
  const uuid = async (host: string) =>
    (await inside(two, host, [...search, '-s', 'base', ...base, 'entryUUID'], password)).stdout;
  expect(await uuid('ldap1')).toMatch(/entryUUID: \S+/);
  expect(await uuid('ldap1')).not.toBe(await uuid('ldap2'));
});

test('a person of the tree can bind with the password that is documented', async () => {
  const bind = ['-D', 'uid=user0042,ou=people,dc=example,dc=com', '-w', 'password-user0042'];
  const { stdout } = await inside(two, 'ldap2', [
    'ldapwhoami',
    '-x',
    '-H',
    'ldap://ldap1.lab.example',
    ...bind,
  ]);
  expect(stdout).toBe('dn:uid=user0042,ou=people,dc=example,dc=com\n');
});

test('root reads cn=config over ldapi with no password', async () => {
  const search =
    'ldapsearch -Q -LLL -Y EXTERNAL -H ldapi:/// -s base -b olcDatabase={1}mdb,cn=config olcSuffix';
  expect((await ssh(two, 'ldap2', search)).stdout).toContain('olcSuffix: dc=example,dc=com');
});

test('admin has sudo, operator has sudo with a password, nosudo has none', async () => {
  expect((await ssh(two, 'admin@ldap1', 'sudo -n id -un')).stdout).toBe('root\n');
  expect((await ssh(two, 'operator@ldap1', 'sudo -n id -un')).code).not.toBe(0);
  const password = `${await secret(two, 'operator-password')}\n`;
  expect((await ssh(two, 'operator@ldap1', 'sudo -S -p "" id -un', password)).stdout).toBe('root\n');
  expect((await ssh(two, 'nosudo@ldap1', 'id -un')).stdout).toBe('nosudo\n');
  expect((await ssh(two, 'nosudo@ldap1', 'sudo -n id -un')).code).not.toBe(0);
});

test("nobody but the owner can read the lab's keys and secrets", async () => {
  const files = ['id_ed25519', 'known_hosts', 'inventory.yaml', 'lab.json', 'secrets/rootdn-password'];
  for (const file of files) expect((await stat(`${labDir(two.name)}/${file}`)).mode & 0o777).toBe(0o600);
  for (const folder of ['', '/secrets'])
    expect((await stat(`${labDir(two.name)}${folder}`)).mode & 0o777).toBe(0o700);
});

test('an overlay adds its files without closing the directories it passes through', async () => {
  expect((await ssh(two, 'nosudo@ldap1', 'vendor-tool hello')).stdout).toBe('vendor says hello\n');
  expect((await ssh(two, 'nosudo@ldap1', 'readlink /bin; stat -c %a / /usr')).stdout).toBe(
    'usr/bin\n755\n755\n',
  );
});

test('a lab that is up is left alone when asked for again, and refused when asked for otherwise', async () => {
  expect(await up(request(names.two), silentProgress, signal)).toMatchObject({ already: true });
  await expect(up(request(names.two, { debian: 13 }), silentProgress, signal)).rejects.toThrow(
    /is up with .*Debian 12/,
  );
});

test('a plug can be pulled and put back; what was written before is still there', async () => {
  await inside(two, 'ldap2', ['touch', '/root/kept']);
  await stopHost(two, 'ldap2', 'kill');
  expect(await hostPower(two.name, 'ldap2')).toBe('off');
  expect((await labStatus(two.name)).hosts.map((host) => host.power)).toEqual(['on', 'off']);
  await expect(execArgv(two, 'ldap2', ['true'])).rejects.toThrow('ldap2: is switched off');
  expect(await startHost(two, 'ldap2')).toEqual([]);
  expect((await ssh(two, 'ldap2', 'ls /root/kept; systemctl is-active slapd')).stdout).toBe(
    '/root/kept\nactive\n',
  );
  expect((await ssh(two, 'ldap1', 'systemctl is-active slapd')).stdout).toBe('active\n');
});

test('each boot has a boot id of its own, whoever asked for it', async () => {
  const bootId = async () => (await inside(two, 'ldap2', ['cat', '/proc/sys/kernel/random/boot_id'])).stdout;
  const ids = [await bootId()];
  await rebootHost(two, 'ldap2');
  ids.push(await bootId());
  await inside(two, 'ldap2', ['systemctl', 'reboot']);
  // systemd-shutdown hears no end of a process that was entered from outside, and may look again only after 10 s.
  for (let attempt = 0; attempt < 400; attempt += 1) {
    await sleep(100);
    const id = await bootId().catch(() => '');
    if (id !== '' && !ids.includes(id)) {
      ids.push(id);
      break;
    }
  }
  expect(ids.filter((id) => /^[0-9a-f-]{36}\n$/.test(id))).toHaveLength(3);
  expect(new Set(ids).size).toBe(3);
  await startHost(two, 'ldap2');
});

test('a host that shuts down in order goes down beside a program that was started in it', async () => {
  const lasting = inside(two, 'ldap2', ['sleep', '600']);
  await sleep(200);
  await stopHost(two, 'ldap2', 'orderly');
  expect((await lasting).code).toBe(128 + 15);
  expect(await startHost(two, 'ldap2')).toEqual([]);
});

test('a cut link stops all traffic of the host and a healed one brings it back', async () => {
  await setLink(two.name, 'ldap2', 'down');
  const cut = (await labStatus(two.name)).hosts[1];
  expect(cut).toMatchObject({ power: 'on', link: 'cut', ports: { 22: false, 389: false } });
  await setLink(two.name, 'ldap2', 'up');
  expect((await ssh(two, 'ldap2', 'echo back')).stdout).toBe('back\n');
});

test('after an `up` that was killed half-way `down` leaves nothing, twice', async () => {
  const source = `
    import { up } from '${process.cwd()}/src/lab/up.ts';
    import { openldap } from '${process.cwd()}/src/lab/platforms/openldap.ts';
    const quiet = { phase(text) { if (text.includes('booting')) process.stdout.write('booting'); }, end() {} };
    await up({ name: '${names.crash}', platform: openldap, debian: 12, nodes: ['master', 'master'] }, quiet, new AbortController().signal);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await sleep(100);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  expect(await readLab(names.crash)).toMatchObject({ phase: 'building' });
  expect(await machine()).toContain(controllerLink(names.crash));
  expect(await down(names.crash, silentProgress)).toBe(true);
  expect(await down(names.crash, silentProgress)).toBe(false);
  expect(await machine()).not.toMatch(new RegExp(`${names.crash}|${controllerLink(names.crash)}`));
});

test('an `up` that is interrupted takes away what it had made', async () => {
  const controller = new AbortController();
  const progress = {
    ...silentProgress,
    phase: (text: string) => text.includes('booting') && controller.abort(),
  };
  const interrupted = up(
    request(names.crash),
    { ...progress, phase: (text) => void progress.phase(text) },
    controller.signal,
  );
  await expect(interrupted).rejects.toThrow(/abort/i);
  await expect(stat(labDir(names.crash))).rejects.toThrow('ENOENT');
});

test('after `down` the machine is as it was', async () => {
  for (const lab of [two, old]) expect(await down(lab.name, silentProgress)).toBe(true);
  expect(await machine()).toBe(before);
  await expect(stat(labInventoryPath(two.name))).rejects.toThrow('ENOENT');
});
