import {
  chmodSync,
  existsSync,
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
import { expect, onTestFinished, test } from 'vitest';
import { file } from '../../src/actions/file.ts';
import { parseFileState } from '../../src/actions/file-state.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { localPorts } from './local-ports.ts';
import { scriptedPorts } from './ports.ts';

type Params = Parameters<typeof file.diff>[0];
const fresh = () => {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-file-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
};
const [uid, gid] = [String(process.getuid?.()), String(process.getgid?.())];
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

/** Looks, applies, and looks again: what a step does. */
async function put(params: Params, ports = localPorts()) {
  const changes = file.diff(params, await file.read(params, ports));
  const shown = changes.flatMap(({ lines }) => lines.map(({ op, text }) => `${op}${text}`));
  const written = changes.length === 0 ? undefined : await file.write(params, changes, ports);
  const left = file.diff(params, await file.read(params, ports));
  return { changes, shown, written, left, ports };
}

test('a new file is made whole, with mode, and nothing is left to do or lying about', async () => {
  const dir = fresh();
  const { shown, left } = await put({ path: `${dir}/new.conf`, content: 'a\nb\n', mode: '0640' });
  expect(shown).toEqual(['+file, mode 0640', '+a', '+b']);
  expect(left).toEqual([]);
  expect(readFileSync(`${dir}/new.conf`, 'utf8')).toBe('a\nb\n');
  expect(modeOf(`${dir}/new.conf`)).toBe('640');
  expect(readdirSync(dir)).toEqual(['new.conf']);
});

test('a replaced file shows its difference and keeps the mode it had', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/c`, 'a\nold\n');
  chmodSync(`${dir}/c`, 0o604);
  const { shown, left } = await put({ path: `${dir}/c`, content: 'a\nnew\n' });
  expect(shown).toEqual([' a', '-old', '+new']);
  expect(left).toEqual([]);
  expect(modeOf(`${dir}/c`)).toBe('604');
});

test('a file that is as it should be is not touched', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/c`, 'ünïcode\n', { mode: 0o644 });
  const { changes, ports } = await put({
    path: `${dir}/c`,
    content: 'ünïcode\n',
    mode: '644',
    owner: uid,
    group: gid,
  });
  expect(changes).toEqual([]);
  expect(ports.executed).toEqual([]);
});

test('only the mode differs, so only the mode is set', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/c`, 'keep', { mode: 0o644 });
  const { shown, left } = await put({ path: `${dir}/c`, mode: '4750' });
  expect(shown).toEqual(['-mode 0644', '+mode 4750']);
  expect(left).toEqual([]);
  expect(readFileSync(`${dir}/c`, 'utf8')).toBe('keep');
});

test('a secret is written, compared, and shown nowhere; nor is what it replaces', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/pw`, 'old-secret');
  const content = new Secret('replicator', 'hunter2-ü');
  const { shown, changes, left, ports } = await put({ path: `${dir}/pw`, content, mode: '0600' });
  expect(shown).toEqual(['-content, 10 bytes', '+content [replicator]', '-mode 0644', '+mode 0600']);
  expect(JSON.stringify([changes, ports.executed, ports.probed])).not.toMatch(/hunter2|old-secret/);
  expect(left).toEqual([]);
  expect(readFileSync(`${dir}/pw`, 'utf8')).toBe('hunter2-ü');
  expect(modeOf(`${dir}/pw`)).toBe('600');
});

test('where a secret belongs, what is there now is not even fetched', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/pw`, 'old-secret');
  const params = { path: `${dir}/pw`, content: new Secret('pw', 'new') };
  expect(await file.read(params, localPorts())).toMatchObject({ same: false, content: undefined });
  expect(await file.read({ ...params, content: 'new' }, localPorts())).toMatchObject({
    content: 'old-secret',
  });
});

test('a new file with a secret is for its owner only', async () => {
  const dir = fresh();
  await put({ path: `${dir}/pw`, content: new Secret('pw', 'x') });
  expect(modeOf(`${dir}/pw`)).toBe('600');
});

test('content that arrives cut short does not replace the file', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/c`, 'old');
  const ports = localPorts();
  const cut = {
    ...ports,
    execute: (command: Parameters<typeof ports.execute>[0]) => ports.execute({ ...command, stdin: 'ne' }),
  };
  await expect(put({ path: `${dir}/c`, content: 'new' }, cut)).rejects.toThrow(
    'the content did not arrive whole',
  );
  expect(readFileSync(`${dir}/c`, 'utf8')).toBe('old');
  expect(readdirSync(dir)).toEqual(['c']);
});

test('a backup keeps the old file under a name with its time', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/c`, 'old', { mode: 0o600 });
  const { written } = await put({ path: `${dir}/c`, content: 'new', backup: true });
  expect(written).toEqual({ result: { path: `${dir}/c`, backup: `${dir}/c.20261122T020000Z.bak` } });
  expect(readFileSync(`${dir}/c.20261122T020000Z.bak`, 'utf8')).toBe('old');
});

test('names with spaces, quotes and a leading dash go through as they are', async () => {
  const dir = fresh();
  const path = `${dir}/-a b'$(touch x)".conf`;
  expect((await put({ path, content: 'x', backup: true })).left).toEqual([]);
  expect(readdirSync(dir)).toEqual([`-a b'$(touch x)".conf`]);
});

test('a directory is made, owned and then left alone', async () => {
  const dir = fresh();
  const { shown, left } = await put({ path: `${dir}/d`, state: 'directory', mode: '2750', group: gid });
  expect(shown).toEqual(['+directory, mode 2750', `+group ${gid}`]);
  expect(left).toEqual([]);
  expect(modeOf(`${dir}/d`)).toBe('2750');
});

test('absent removes a file, a link but not its target, and an empty directory', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/f`, 'x');
  symlinkSync(`${dir}/f`, `${dir}/l`);
  mkdirSync(`${dir}/d`);
  expect((await put({ path: `${dir}/l`, state: 'absent' })).shown).toEqual([`-symbolic link to ${dir}/f`]);
  expect(existsSync(`${dir}/f`)).toBe(true);
  for (const name of ['f', 'd', 'never'])
    expect((await put({ path: `${dir}/${name}`, state: 'absent' })).left).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});

test.each<[string, Partial<Params>, string]>([
  ['d', { state: 'absent' }, 'the directory is not empty'],
  ['d', { content: 'x' }, 'something of another kind is there'],
  ['l', { content: 'x' }, 'it is a symbolic link'],
  ['f', { state: 'directory' }, 'something of another kind is there'],
  ['no/f', { content: 'x' }, 'its parent directory is missing'],
  ['no/d', { state: 'directory' }, 'its parent directory is missing'],
  ['f', { owner: 'nobody-has-this-name' }, 'exited 1; stderr: chown: invalid user'],
])('%s with %j is refused, and nothing is changed', async (name, params, message) => {
  const dir = fresh();
  mkdirSync(`${dir}/d`);
  writeFileSync(`${dir}/d/in`, '');
  writeFileSync(`${dir}/f`, 'x');
  symlinkSync(`${dir}/f`, `${dir}/l`);
  await expect(put({ path: `${dir}/${name}`, ...params })).rejects.toThrow(message);
  expect(readdirSync(dir)).toEqual(['d', 'f', 'l']);
  expect(readFileSync(`${dir}/f`, 'utf8')).toBe('x');
});

test('in a plan a parent that is missing is told, since an earlier step may make it', async () => {
  const params: Params = { path: `${fresh()}/no/f`, content: 'x\n' };
  const [change] = file.diff(params, await file.read(params, localPorts()));
  expect(change?.lines.at(-1)).toEqual({ op: ' ', text: 'its parent directory is not there yet' });
});

test('bytes that are no text are compared but not shown', async () => {
  const dir = fresh();
  writeFileSync(`${dir}/b`, Buffer.from([0xff, 0x00, 0x01]));
  expect((await put({ path: `${dir}/b`, content: 'text\n' })).shown).toEqual([
    '-content, 3 bytes',
    '+content 5 bytes',
  ]);
});

test.each([
  [4, '/root/x: cannot tell whether it is there, zimbra may not search a folder above it'],
  [6, '/root/x: zimbra may not read it, so it cannot be compared'],
  [5, 'looking at /root/x exited 5; stderr: stat: no'],
])('a look that ends with %d is an error', async (code, message) => {
  const ports = scriptedPorts([{ probe: { as: 'zimbra' }, gives: { code, stderr: 'stat: no\n' } }]);
  await expect(file.read({ path: '/root/x', content: 'x', as: 'zimbra' }, ports)).rejects.toThrow(message);
});

test('an answer that is none is an error', () => {
  expect(() => parseFileState('')).toThrow('answered nothing that can be read');
});

test.each([
  [{ path: 'etc/x' }, 'must be an absolute path'],
  [{ path: '/etc/' }, 'must be an absolute path'],
  [{ path: '/etc/x', mode: 640 }, 'must be octal digits in quotes'],
  [{ path: '/etc/x', mode: '0980' }, 'must be octal digits'],
  [{ path: '/etc/x', state: 'absent', content: '' }, 'belongs to state'],
])('params %j are refused: %s', (params, message) => {
  expect(JSON.stringify(file.params.safeParse(params).error?.issues)).toContain(message);
});
