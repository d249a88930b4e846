/** Each way in which a host can refuse, and that a run which met it is finished by `resume` once it is mended. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { controllerLink, labDir } from '../../src/lab/lab-paths.ts';
import { setLink } from '../../src/lab/network.ts';
import { lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, state } = lockstepFor();
const lab = sharedLab('trouble', { hosts: 1 });
const inventory = join(state, 'inventory.yaml');
const known = join(state, 'known_hosts');
const password = join(state, 'password');
const labFile = (name: string) => join(labDir(lab.name), name);
const mends: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const mend of mends.splice(0)) await mend();
});

interface Case {
  readonly what: string;
  /** More of `access`, on top of the lab's key (`key: false` leaves it out). */
  readonly access: string;
  readonly key?: false;
  readonly folder: string;
  readonly breaks: () => Promise<unknown> | unknown;
  readonly mends: () => Promise<unknown> | unknown;
  /** What the operator is told: fact and cause, and the next move. */
  readonly fact: RegExp;
  readonly next: RegExp;
  readonly outcome: 'failed' | 'unreachable';
}

const inside = (script: string) => () => lab.inside('ldap1', script);
const rightPassword = () => copyFileSync(labFile('secrets/operator-password'), password);
const wrongPassword = () => writeFileSync(password, 'not-the-password\n', { mode: 0o600 });

const cases: readonly Case[] = [
  {
    what: 'a host key that has changed',
    access: 'user: root',
    folder: '/srv',
    breaks: () => {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(state, 'other')]);
      const [, key = ''] = readFileSync(join(state, 'other.pub'), 'utf8').split(' ');
      writeFileSync(known, readFileSync(labFile('known_hosts'), 'utf8').replaceAll(/ \S+$/gm, ` ${key}`));
    },
    mends: () => copyFileSync(labFile('known_hosts'), known),
    fact: /the host key of ldap1 \([\d.]+\) has changed: it shows ssh-ed25519 SHA256:\S+, but \S+known_hosts:1 has SHA256:/,
    next: /Someone may be in between.*ssh-keygen -R/,
    outcome: 'failed',
  },
  {
    what: 'a host key that nobody knows, and no terminal to ask at',
    access: 'user: root',
    folder: '/opt',
    breaks: () => writeFileSync(known, ''),
    mends: () => copyFileSync(labFile('known_hosts'), known),
    fact: /the host key of ldap1 \([\d.]+\) is in no known_hosts file: ssh-ed25519 SHA256:/,
    next: /Compare it .* add it to known_hosts/,
    outcome: 'failed',
  },
  {
    what: 'a wrong password',
    access: `user: operator, password: 'file:${password}'`,
    key: false,
    folder: '/home/operator',
    breaks: wrongPassword,
    mends: rightPassword,
    fact: /ldap1 refused the login of operator: tried (\S+, )*password; the server takes publickey, password/,
    next: /Check user and keys with: ssh -p 22 operator@/,
    outcome: 'failed',
  },
  {
    what: 'a closed port',
    access: 'user: root',
    folder: '/mnt',
    breaks: inside('systemctl stop ssh'),
    mends: inside('systemctl start ssh'),
    fact: /ldap1 \([\d.]+:22\) refused the connection/,
    next: /Check that sshd runs and listens on port 22/,
    outcome: 'unreachable',
  },
  {
    what: 'a host behind a cut link',
    access: 'user: root',
    folder: '/media',
    breaks: async () => {
      await setLink(lab.name, 'ldap1', 'down');
      // Without its old ARP entry the kernel knows in 3 s that nobody answers; with it, lockstep waits its full 30 s.
      execFileSync('ip', ['neigh', 'flush', 'dev', controllerLink(lab.name)]);
    },
    mends: () => setLink(lab.name, 'ldap1', 'up'),
    fact: /there is no way to ldap1 \([\d.]+:22\): EHOSTUNREACH|ldap1 \([\d.]+:22\) does not answer/,
    next: /Check the network and the address|Check the host, the network and the firewall/,
    outcome: 'unreachable',
  },
  {
    what: 'a login without the right to sudo',
    access: 'user: nosudo, become: { method: sudo, user: root }',
    folder: '/root',
    breaks: () => undefined,
    mends: inside(
      "echo 'nosudo ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/nosudo && chmod 0440 /etc/sudoers.d/nosudo",
    ),
    fact: /sudo asks for a password to become root, and none was given/,
    next: /Give become.password in the inventory, or allow this user NOPASSWD/,
    outcome: 'failed',
  },
  {
    what: 'a wrong password for sudo',
    access: `user: operator, become: { method: sudo, user: root, password: 'file:${password}' }`,
    folder: '/var/local',
    breaks: wrongPassword,
    mends: rightPassword,
    fact: /sudo refused to become root: wrong password/,
    next: /Correct become.password/,
    outcome: 'failed',
  },
  {
    what: 'a read-only disk under what is written',
    access: 'user: root',
    folder: '/srv/read-only',
    breaks: inside('mkdir /srv/read-only && mount -t tmpfs -o ro tmpfs /srv/read-only'),
    mends: inside('mount -o remount,rw /srv/read-only'),
    fact: /script .* exited 2; stderr: .*\/srv\/read-only\/lines: Read-only file system/,
    next: /Look at \/srv\/read-only on ldap1\./,
    outcome: 'failed',
  },
  {
    what: 'a read-only disk under the receipts',
    access: 'user: root',
    folder: '/srv/plain',
    breaks: inside('mkdir /srv/plain && mount -t tmpfs -o ro tmpfs /var/lib/lockstep'),
    mends: inside('umount /var/lib/lockstep'),
    fact: /the lease of ldap1 cannot be kept there: .*Read-only file system/,
    next: /Make the receipts directory writable and free some space/,
    outcome: 'unreachable',
  },
  {
    what: 'a full disk under what is written',
    access: 'user: root',
    folder: '/srv/full',
    breaks: inside(
      'mkdir /srv/full && mount -t tmpfs -o size=4k tmpfs /srv/full && head -c 4096 /dev/zero >/srv/full/fill',
    ),
    mends: inside('rm /srv/full/fill'),
    // What dash says of ENOSPC.
    fact: /script .* exited 1; stderr: .*echo: I\/O error/,
    next: /Look at \/srv\/full on ldap1\./,
    outcome: 'failed',
  },
  {
    what: 'a full disk under the receipts',
    access: 'user: root',
    folder: '/srv/plenty',
    breaks: inside(
      'mkdir /srv/plenty && mount -t tmpfs -o size=4k tmpfs /var/lib/lockstep && head -c 4096 /dev/zero >/var/lib/lockstep/fill',
    ),
    mends: inside('umount /var/lib/lockstep'),
    fact: /the lease of ldap1 cannot be kept there: .*(No space left on device|the disk is full)/,
    next: /Make the receipts directory writable and free some space/,
    outcome: 'unreachable',
  },
];

beforeAll(() => lab.inside('ldap1', 'mkdir -p /var/lib/lockstep'));

describe.each(cases)('$what', (trouble) => {
  test(`is told with host, step, cause and next move, changes nothing, and resume ends the run`, async () => {
    const [host] = lab.record().hosts;
    copyFileSync(labFile('known_hosts'), known);
    const key = trouble.key === false ? '' : `identity: ${labFile('id_ed25519')}, `;
    const access = `{ ${key}known-hosts: ${known}, ${trouble.access} }`;
    writeFileSync(
      inventory,
      `format: lockstep-inventory/1\naccess: ${access}\ngroups: { masters: { hosts: [ldap1] } }\n` +
        `hosts: { ldap1: { address: ldap1.lab.example, connect: ${host?.address} } }\n`,
    );
    const runbook = join(import.meta.dirname, 'runbooks', 'two-lines.yaml');
    const lines = `${trouble.folder}/lines`;

    await trouble.breaks();
    let mended = false;
    const mend = async () => {
      if (!mended) await trouble.mends();
      mended = true;
    };
    mends.push(mend);
    const first = await run(['run', runbook, '-i', inventory, '--yes', '--set', `folder=${trouble.folder}`]);
    expect(first.code, first.stdout + first.stderr).toBe(2);
    const [, head = '', rest = ''] = /^(ldap1 · 01 first: .*)\n([\s\S]*)$/m.exec(first.stdout) ?? [];
    expect(head).toContain(`ldap1 · 01 first: ${trouble.outcome}: `);
    expect(head).toMatch(trouble.fact);
    expect(/^ {4}next: (.*)$/m.exec(rest)?.[1]).toMatch(trouble.next);
    expect(first.stdout).toMatch(/^held at 01 first: first@ldap1 /m);
    expect(first.stdout).toMatch(/^go on with: lockstep resume \S+$/m);
    expect(await lab.inside('ldap1', `cat ${lines} 2>/dev/null || :`)).toBe('');

    await mend();
    const second = await run(['resume', 'last', '--yes']);
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(second.stdout).toMatch(/^done: 2 changed$/m);
    expect(await lab.inside('ldap1', `cat ${lines}`)).toBe('first\nsecond\n');
    expect((await run(['verify-journal', 'last'])).code).toBe(0);
  });
});
