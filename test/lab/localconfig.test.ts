/** `localconfig` on real files of a real user: as root looks and the owner writes. */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { localconfig } from '../../src/actions/localconfig.ts';
import type { WritePorts } from '../../src/engine/ports.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { type LocalPorts, localPorts } from '../actions/local-ports.ts';
import { localconfigOf } from '../localconfig/hosts-with-localconfig.ts';

type Params = Parameters<typeof localconfig.diff>[0];

/** A user that every Debian has. */
const OWNER = 'games';

let folder: string;
let file: string;
let ports: LocalPorts;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o755);
  folder = join(home, 'conf');
  mkdirSync(folder);
  file = join(folder, 'localconfig.xml');
  put(localconfigOf({ a: '1', b: '2', ldap_root_password: 'of-root' }));
  ports = localPorts();
});

function put(text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o640);
  execFileSync('chown', ['-R', `${OWNER}:${OWNER}`, folder]);
}

async function make(params: Omit<Params, 'file'>, by: WritePorts = ports) {
  const whole = { ...params, file };
  const changes = localconfig.diff(whole, await localconfig.read(whole, by));
  if (changes.length > 0) await localconfig.write(whole, changes, by);
  return localconfig.diff(whole, await localconfig.read(whole, by));
}

const text = () => readFileSync(file, 'utf8');

test('the file is written by its owner, whole, with the mode and the group that it had', async () => {
  const before = statSync(file);
  const left = await make({
    keys: { a: '9', new: 'ä & <b>', pw: new Secret('pw', 'hidden"one') },
    absent: ['b'],
  });
  expect(left).toEqual([]);
  expect(text()).toBe(
    localconfigOf({ a: '9', ldap_root_password: 'of-root', new: 'ä &amp; &lt;b&gt;', pw: 'hidden&quot;one' }),
  );
  const after = statSync(file);
  expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
  expect(after.uid).not.toBe(0);
  expect(after.ino).not.toBe(before.ino);
  expect(readdirSync(folder)).toEqual(['localconfig.xml']);
});

test('a home that belongs to root is no hindrance: nothing is kept there', async () => {
  expect(statSync(join(folder, '..')).uid).toBe(0);
  expect(await make({ keys: { a: '9' } })).toEqual([]);
  // A lane of the owner would keep its receipts in that home.
  expect(ports.executed.map(({ as }) => as)).toEqual(['root']);
});

test('no secret stands in a command or in its environment', async () => {
  await make({ keys: { pw: new Secret('pw', 'hidden-one') } });
  const [done] = ports.executed;
  expect(`${JSON.stringify(done)}`).not.toMatch(/hidden-one|of-root/);
  expect(done?.stdin).toBeInstanceOf(Secret);
});

test('what is as it should be is not touched', async () => {
  const { ino } = statSync(file);
  expect(await make({ keys: { a: '1' }, absent: ['never'] })).toEqual([]);
  expect([statSync(file).ino, ports.executed]).toEqual([ino, []]);
});

test('a reader finds the old file or the new one, and never half of one or none', {
  timeout: 60_000,
}, async () => {
  const loop = 'while :; do tail -n1 -- "$0" 2>&1 | grep -qx "</localconfig>" || echo torn; done';
  const reader = spawn('sh', ['-c', loop, file], { stdio: ['ignore', 'pipe', 'ignore'] });
  let torn = '';
  reader.stdout.on('data', (chunk: Buffer) => {
    torn += chunk.toString();
  });
  const closed = new Promise((resolve) => reader.once('close', resolve));
  for (let turn = 0; turn < 20; turn++) await make({ keys: { a: 'x'.repeat(20_000 + turn) } });
  reader.kill();
  await closed;
  expect(torn).toBe('');
});

describe('somebody else who writes', () => {
  const changed = (values: Readonly<Record<string, string>>) =>
    put(localconfigOf({ a: '1', b: '2', ldap_root_password: 'of-root', ...values }));

  test('to other keys after the look loses nothing', async () => {
    const params = { keys: { a: '9' }, file };
    const changes = localconfig.diff(params, await localconfig.read(params, ports));
    changed({ b: 'theirs', c: 'new' });
    await localconfig.write(params, changes, ports);
    expect(text()).toBe(localconfigOf({ a: '9', b: 'theirs', ldap_root_password: 'of-root', c: 'new' }));
  });

  test('to the same keys after the look is not written over', async () => {
    const params = { keys: { a: '9' }, file };
    const changes = localconfig.diff(params, await localconfig.read(params, ports));
    changed({ a: 'theirs' });
    await expect(localconfig.write(params, changes, ports)).rejects.toThrow(
      `${file} on ldap1: these keys changed after this step was shown`,
    );
    expect(text()).toContain('<value>theirs</value>');
  });

  test('in the very moment of the write is not written over', async () => {
    const late: WritePorts = {
      ...ports,
      execute: (command) => {
        changed({ b: 'theirs' });
        return ports.execute(command);
      },
    };
    await expect(make({ keys: { a: '9' } }, late)).rejects.toThrow(
      `writing ${file}: somebody else has written it since it was read, so it was left alone`,
    );
    expect(text()).toBe(localconfigOf({ a: '1', b: 'theirs', ldap_root_password: 'of-root' }));
    expect(readdirSync(folder)).toEqual(['localconfig.xml']);
  });

  test('and holds the folder is waited for, and then told', { timeout: 40_000 }, async () => {
    const holder = spawn('flock', [folder, 'sleep', '60'], { stdio: 'ignore' });
    onTestFinished(() => void holder.kill());
    await expect.poll(() => isLocked(folder), { timeout: 5000 }).toBe(true);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow('another lockstep holds its folder');
    execFileSync('pkill', ['-P', String(holder.pid)]);
    expect(await make({ keys: { a: '9' } })).toEqual([]);
  });
});

function isLocked(path: string): boolean {
  try {
    execFileSync('flock', ['-n', path, 'true'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}

test('a disk that is full leaves the file as it was, and nothing beside it', async () => {
  rmSync(file);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0755', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', [folder]));
  const before = localconfigOf({ a: '1' });
  put(before);
  await expect(make({ keys: { a: 'x'.repeat(100_000) } })).rejects.toThrow(/No space left on device/);
  expect([text(), readdirSync(folder)]).toEqual([before, ['localconfig.xml']]);
});

describe('refused is', () => {
  test('a file that belongs to root', async () => {
    execFileSync('chown', ['root:root', file]);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow(`${file} on ldap1 belongs to root`);
  });

  test('a symbolic link', async () => {
    rmSync(file);
    symlinkSync('/etc/hostname', file);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow('it is a symbolic link, or no file');
  });

  test('a host without the file', async () => {
    rmSync(file);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow(`ldap1 has no ${file}`);
  });

  test('a file that is not understood, with its line and no value', async () => {
    put(`${localconfigOf({ a: '1' })}<more>secret</more>`);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow(
      `${file} on ldap1 cannot be understood: line 8: something stands behind </localconfig>`,
    );
  });

  test('a folder that its owner cannot write', async () => {
    execFileSync('chown', ['root:root', folder]);
    await expect(make({ keys: { a: '9' } })).rejects.toThrow(/Permission denied/);
    expect(text()).toContain('<value>1</value>');
  });

  test('on a host with slapd, a first URL whose address is not one of this machine', async () => {
    mkdirSync(join(folder, '../data/ldap/config'), { recursive: true });
    const url = (host: string) => ({ keys: { ldap_url: `ldap://${host}:389`, ldap_is_master: 'true' } });
    await expect(make(url('192.0.2.77'))).rejects.toThrow(
      'slapd of ldap1 would listen on ldap://192.0.2.77:389',
    );
    await expect(make(url('nowhere.invalid'))).rejects.toThrow('would listen on ldap://nowhere.invalid:389');
    expect(await make(url('localhost'))).toEqual([]);
    const [address = ''] = execFileSync('hostname', ['-I']).toString().split(' ');
    expect(await make(url(address.includes(':') ? `[${address}]` : address))).toEqual([]);
  });
});

test('a link to a file of root, put beside it by its owner, is not followed', async () => {
  const target = join(folder, '../of-root');
  writeFileSync(target, 'untouched');
  symlinkSync(target, join(folder, '.localconfig.xml.lockstep-part'));
  expect(await make({ keys: { a: '9' } })).toEqual([]);
  expect(readFileSync(target, 'utf8')).toBe('untouched');
});

test('an undo brings back what was there', async () => {
  const before = text();
  const params = { keys: { a: '9', new: '1' }, absent: ['b'], file };
  const found = await localconfig.read(params, ports);
  const changes = localconfig.diff(params, found);
  await localconfig.write(params, changes, ports);
  const [call] = localconfig.undo?.inverse(params, changes, found).calls ?? [];
  expect(await make(call?.params as Params)).toEqual([]);
  const lines = (one: string) =>
    one
      .split(/(?=<key)/)
      .map((line) => line.trim())
      .sort();
  // The key that had gone stands at the end.
  expect(lines(text().replace('</localconfig>', ''))).toEqual(lines(before.replace('</localconfig>', '')));
});
