/** Faults as they look from outside: over ssh and LDAP, from another host, and on the machine itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { inflict } from '../../src/lab/fault.ts';
import { parseFault } from '../../src/lab/fault-kinds.ts';
import type { FaultInForce } from '../../src/lab/faults-in-force.ts';
import { labDir } from '../../src/lab/lab-paths.ts';
import { labHost } from '../../src/lab/lab-record.ts';
import { sshArgv } from '../../src/lab/lab-shell.ts';
import { labStatus } from '../../src/lab/status.ts';
import { sharedLab } from './shared-lab.ts';

const lab = sharedLab('fault');
const fault = (...words: string[]) => inflict(lab.name, 'ldap1', parseFault(words));
afterEach(() => fault('heal'));

async function inForce(host = 'ldap1'): Promise<readonly FaultInForce[] | undefined> {
  return (await labStatus(lab.name)).hosts.find(({ name }) => name === host)?.faults;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

function ssh(login: string, command: string): Promise<Ended> {
  const [file = '', ...argv] = sshArgv(lab.record(), login, [command]);
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

/** How a connection to a port ends: `open`, an errno, or `silence` for two seconds without an answer. */
function dial(port: number): Promise<string> {
  const socket = createConnection({ host: labHost(lab.record(), 'ldap1').address, port, timeout: 2000 });
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('open'));
    socket.once('timeout', () => resolve('silence'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  }).finally(() => socket.destroy());
}

/** Milliseconds of the fastest of three pings from the other host. */
async function roundTrip(): Promise<number> {
  const said = await lab.inside('ldap2', 'ping -q -c 3 -i 0.2 ldap1');
  return Number(/= ([\d.]+)\//.exec(said)?.[1]);
}

test('a host without a fault has none in its status, and healing it says so', async () => {
  expect(await inForce()).toEqual([]);
  expect(await fault('heal')).toBe('ldap1: nothing was wrong with it');
});

test('cut: nothing of the host answers any more, the other host does; healed it answers', async () => {
  expect(await dial(22)).toBe('open');
  expect(await fault('cut')).toBe(
    `ldap1: its cable is pulled; heal it with \`lockstep lab fault ldap1 heal --lab ${lab.name}\``,
  );
  expect(await dial(22)).toMatch(/^(silence|EHOSTUNREACH)$/);
  expect(await inForce()).toEqual([{ kind: 'cut' }]);
  expect(await inForce('ldap2')).toEqual([]);
  expect(await fault('cut')).toContain('pulled already');
  expect(await fault('heal')).toBe('ldap1: healed: cable in');
  expect((await ssh('ldap1', 'echo back')).stdout).toBe('back\n');
});

test('slow: a round trip takes twice the delay, and what goes over the link is whole', async () => {
  expect(await roundTrip()).toBeLessThan(100);
  await fault('slow', '150ms');
  expect(await roundTrip()).toBeGreaterThanOrEqual(300);
  expect(await inForce()).toEqual([{ kind: 'slow', delayMs: 150 }]);
  await fault('slow', '50ms');
  const trip = await roundTrip();
  expect(trip).toBeGreaterThanOrEqual(100);
  expect(trip).toBeLessThan(300);
  // Two megabytes: frames of 64 KiB with checksums yet to be made, which a careless wire would spoil.
  const sent = await ssh('ldap1', 'seq 300000');
  expect(sent.stdout).toBe(Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join(''));
  expect(await fault('heal')).toBe('ldap1: healed: delay gone');
  expect(await roundTrip()).toBeLessThan(100);
});

test('slow and cut add up: a link that was cut when it was made slow stays cut', async () => {
  await fault('cut');
  await fault('slow', '50ms');
  expect(await inForce()).toEqual([{ kind: 'cut' }, { kind: 'slow', delayMs: 50 }]);
  expect(await dial(22)).toMatch(/^(silence|EHOSTUNREACH)$/);
  expect(await fault('heal')).toBe('ldap1: healed: cable in, delay gone');
  expect(await dial(22)).toBe('open');
});

test('kill-slapd: port 389 is refused while ssh works; a second time there is none to kill', async () => {
  expect(await dial(389)).toBe('open');
  await fault('kill-slapd');
  expect(await dial(389)).toBe('ECONNREFUSED');
  expect(await ssh('ldap1', 'pidof slapd')).toMatchObject({ code: 1, stdout: '' });
  expect(await inForce()).toEqual([{ kind: 'slapd-gone' }]);
  await expect(fault('kill-slapd')).rejects.toThrow(
    `lab ${lab.name}: kill-slapd: ldap1: runs no slapd; start it with`,
  );
  expect(await fault('heal')).toBe('ldap1: healed: slapd started');
  expect(await dial(389)).toBe('open');
});

test('stop: the plug is out with no good-bye to services or connections; what needs a running host is refused', async () => {
  // An orderly shutdown would run its ExecStop.
  await lab.inside('ldap1', "systemd-run --quiet --property 'ExecStop=touch /root/said-good-bye' sleep 1000");
  await lab.inside('ldap1', 'echo kept > /root/kept');
  const { address } = labHost(lab.record(), 'ldap1');
  const socket = createConnection({ host: address, port: 389 });
  await once(socket, 'connect');
  await fault('stop');
  expect(socket.readyState).toBe('open');
  socket.destroy();
  expect(await dial(22)).toMatch(/^(silence|EHOSTUNREACH)$/);
  expect(await inForce()).toEqual([{ kind: 'stopped' }]);
  expect(await fault('stop')).toContain('pulled already');
  await expect(fault('kill-slapd')).rejects.toThrow('ldap1: is switched off; switch it on with');
  expect(await fault('heal')).toContain('healed: switched on');
  expect((await ssh('ldap1', 'ls /root; pidof slapd >/dev/null && echo slapd')).stdout).toBe('kept\nslapd\n');
});

test('reboot: the host has a new boot id and its old faults', async () => {
  const bootId = async () => (await ssh('ldap1', 'cat /proc/sys/kernel/random/boot_id')).stdout;
  const before = await bootId();
  await fault('slow', '20ms');
  expect(await fault('reboot')).toContain('its plug was pulled and put back; it has booted');
  expect(await bootId()).not.toBe(before);
  expect(await inForce()).toEqual([{ kind: 'slow', delayMs: 20 }]);
});

test('fill-disk: root gets ENOSPC, the disk of the machine keeps its room, and healed there is room again', async () => {
  const write = `sh -c 'echo x >/var/lib/x' 2>&1; echo x | LC_ALL=C tee /var/lib/y 2>&1; df --output=avail / | tail -1`;
  await fault('fill-disk');
  expect((await ssh('ldap1', write)).stdout).toMatch(/error.*No space left on device.*\n *0\n$/s);
  expect((await ssh('ldap1', 'cat /var/lib/x /var/lib/y')).stdout).toBe('');
  expect(await inForce()).toEqual([{ kind: 'disk-full' }]);
  const disk = await stat(`${labDir(lab.name)}/ldap1/disk.img`);
  expect(disk.size).toBe(8 * 1024 ** 3);
  expect(disk.blocks * 512).toBeLessThan(disk.size / 16);
  expect((await ssh('ldap2', 'echo x > /var/lib/x && cat /var/lib/x')).stdout).toBe('x\n');
  await fault('fill-disk');
  await expect(fault('clock', '+1h')).rejects.toThrow('its disk is full and takes no settings');
  expect(await fault('heal')).toBe('ldap1: healed: disk freed');
  expect((await ssh('ldap1', 'echo x > /var/lib/x && cat /var/lib/x')).stdout).toBe('x\n');
});

/** Whole seconds by which a time of the host is ahead of ours. */
const ahead = (time: string | number) => Math.round(Number(time) - Date.now() / 1000);
const near = (seconds: number, offset: number) => Math.abs(seconds - offset) < 120;

/** What slapd itself thinks: the time it puts on a new entry. */
async function slapdIsAhead(name: string): Promise<number> {
  const dn = `ou=${name},dc=example,dc=com`;
  const ldif = `dn: ${dn}\nobjectClass: organizationalUnit\nou: ${name}\n`;
  await lab.inside('ldap1', 'cat > /root/entry.ldif', ldif);
  const add = 'cat | ldapadd -x -D cn=admin,dc=example,dc=com -y /dev/stdin -f /root/entry.ldif';
  await lab.inside('ldap1', add, await lab.secret('rootdn-password'));
  const found = await lab.inside('ldap1', `ldapsearch -LLL -x -b ${dn} -s base createTimestamp`);
  const digits = /createTimestamp: (\d{14})Z/.exec(found)?.[1] ?? '';
  const iso = digits.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z');
  return ahead(Date.parse(iso) / 1000);
}

const clocks = ['date +%s.%N', 'sudo -n date +%s.%N', 'sudo -n su -s /bin/sh -c "exec date +%s.%N" nosudo'];

test.each([
  ['+1h', 3600],
  ['-5m', -300],
])(
  'clock %s: sessions, sudo, su and slapd see it, the machine and its other host do not',
  async (word, offset) => {
    await fault('clock', word);
    expect(await inForce()).toEqual([{ kind: 'clock', offsetS: offset }]);
    for (const login of ['root@ldap1', 'admin@ldap1']) {
      const said = (await ssh(login, clocks.join('; '))).stdout.trim().split('\n');
      expect(said.map((time) => near(ahead(time), offset))).toEqual([true, true, true]);
    }
    expect(near(await slapdIsAhead(`during${offset}`), offset)).toBe(true);
    expect(near(ahead((await ssh('ldap2', 'date +%s')).stdout), 0)).toBe(true);
    expect(await fault('heal')).toBe('ldap1: healed: clock right');
    const after = (await ssh('admin@ldap1', clocks.join('; '))).stdout.trim().split('\n');
    expect(after.map((time) => near(ahead(time), 0))).toEqual([true, true, true]);
    expect(near(await slapdIsAhead(`after${offset}`), 0)).toBe(true);
  },
);

test('clock: it is wrong after a boot too, and the tools of slapd run with it', async () => {
  await fault('clock', '+1h');
  await fault('reboot');
  const said = (await ssh('ldap1', 'date +%s; slapcat -n 0 | grep -c olcSuffix')).stdout.trim().split('\n');
  expect(near(ahead(said[0] ?? ''), 3600)).toBe(true);
  expect(said[1]).toBe('1');
  expect(near(await slapdIsAhead('booted'), 3600)).toBe(true);
});

test('what is no fault of a lab is told with lab, host and next move', async () => {
  await expect(inflict('nowhere', 'ldap1', { kind: 'cut' })).rejects.toThrow('lab nowhere: is not up');
  await expect(inflict(lab.name, 'ldap9', { kind: 'cut' })).rejects.toThrow(
    `lab ${lab.name}: has no host "ldap9"; its hosts are ldap1, ldap2`,
  );
});
