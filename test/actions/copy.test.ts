import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copy } from '../../src/actions/copy.ts';
import { localPorts } from './local-ports.ts';
import { scriptedPorts } from './ports.ts';

const fresh = () => {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-copy-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
};
const from = (path: string) => ({ host: 'ldap2', path });

async function put(params: Parameters<typeof copy.diff>[0], ports = localPorts()) {
  const changes = copy.diff(params, await copy.read(params, ports));
  if (changes.length > 0) await copy.write(params, changes, ports);
  return { changes, left: copy.diff(params, await copy.read(params, ports)) };
}

test('a copy arrives whole with the mode of the source, and is then left alone', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/a`, 'dump\n');
  chmodSync(`${dir}/a`, 0o600);
  const { changes, left } = await put({ from: from(`${dir}/a`), to: `${dir}/b` });
  expect(changes[0]?.what).toBe(`${dir}/b from ldap2:${dir}/a`);
  expect(changes[0]?.lines).toEqual([
    { op: '+', text: expect.stringMatching(/^5 bytes, sha256 [0-9a-f]{64}$/) },
    { op: '+', text: 'mode 0600' },
  ]);
  expect(left).toEqual([]);
  expect(readFileSync(`${dir}/b`, 'utf8')).toBe('dump\n');
  expect((statSync(`${dir}/b`).mode & 0o777).toString(8)).toBe('600');
  expect(readdirSync(dir)).toEqual(['a', 'b']);
});

test('a host can be given as itself', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/a`, 'x');
  const host = { name: 'ldap3', address: '10.0.0.3' };
  const { changes } = await put({ from: { host, path: `${dir}/a` }, to: `${dir}/b` });
  expect(changes[0]?.what).toContain('from ldap3:');
});

test('a source that changes on the way leaves the old file and no part of the new one', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/a`, 'approved');
  writeFileSync(`${dir}/b`, 'old');
  const params = { from: from(`${dir}/a`), to: `${dir}/b` };
  const ports = localPorts();
  const changes = copy.diff(params, await copy.read(params, ports));
  writeFileSync(`${dir}/a`, 'sneaked');
  await expect(copy.write(params, changes, ports)).rejects.toMatchObject({
    message: expect.stringContaining('the copy is not what was read at the source before'),
    next: 'Make sure that nobody writes to the source, then run the step again.',
  });
  expect(readFileSync(`${dir}/b`, 'utf8')).toBe('old');
  expect(readdirSync(dir)).toEqual(['a', 'b']);
});

test('equal content with another mode is no transfer', async () => {
  const dir = fresh();
  for (const name of ['a', 'b']) writeFileSync(`${dir}/${name}`, 'same', { mode: 0o644 });
  const ports = localPorts();
  const transfer = () => Promise.reject(new Error('unexpected transfer'));
  const { changes, left } = await put(
    { from: from(`${dir}/a`), to: `${dir}/b`, mode: '0640' },
    { ...ports, transfer },
  );
  expect(changes[0]?.lines).toEqual([
    { op: '-', text: 'mode 0644' },
    { op: '+', text: 'mode 0640' },
  ]);
  expect(left).toEqual([]);
});

test('a source that is not there yet shows in the plan and fails the write', async () => {
  const dir = fresh();
  const params = { from: from(`${dir}/a`), to: `${dir}/b`, mode: '0600' };
  const changes = copy.diff(params, await copy.read(params, localPorts()));
  expect(changes[0]?.lines[0]).toEqual({ op: ' ', text: 'no file at the source yet (absent)' });
  await expect(copy.write(params, changes, localPorts())).rejects.toThrow('there is no file at the source');
  expect(readdirSync(dir)).toEqual([]);
});

test('each end is read and written as its own user', async () => {
  const sha = 'a'.repeat(64);
  const source = {
    stdout: 'parent=1\nkind=file\nmode=600\nowner=zimbra\nuid=5\ngroup=zimbra\ngid=5\nsize=3\n',
  };
  const params = { from: { host: 'mail1', path: '/a', as: 'zimbra' }, to: '/b', as: 'cyrus', owner: 'cyrus' };
  const ports = scriptedPorts([
    { host: 'mail1', probe: { as: 'zimbra' }, gives: source },
    { host: 'ldap1', probe: { as: 'cyrus' }, gives: { stdout: 'parent=1\nkind=absent\n' } },
    {
      host: 'mail1',
      probe: { as: 'zimbra', env: { LOCKSTEP_PATH: '/a' } },
      gives: { stdout: `${sha}  -\n` },
    },
    {
      transfer: [
        'mail1',
        { argv: ['cat', '--', '/a'], as: 'zimbra' },
        'ldap1',
        { as: 'cyrus', env: { LOCKSTEP_PATH: '/b' } },
      ],
    },
    {
      execute: { as: 'cyrus', env: { LOCKSTEP_SHA256: sha, LOCKSTEP_OWNER: 'cyrus', LOCKSTEP_MODE: '600' } },
    },
  ]);
  await copy.write(params, copy.diff(params, await copy.read(params, ports)), ports);
  ports.done();
});

test('a transfer that fails is not followed by a move', async () => {
  const data = {
    act: 'copy',
    host: 'h',
    path: '/a',
    sourceAs: '',
    sha256: 'x',
    to: '/b',
    mode: '',
    owner: '',
    group: '',
    as: '',
    kept: '',
  };
  const ports = scriptedPorts([{ transfer: ['h', {}, 'ldap1', {}], fails: new Error('link lost') }]);
  await expect(
    copy.write({ from: { host: 'h', path: '/a' }, to: '/b' }, [{ what: '', lines: [], data }], ports),
  ).rejects.toThrow('link lost');
  ports.done();
});
