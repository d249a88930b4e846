/** What files, services and packages were, their inverses bring back. Files really are written. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { copy } from '../../src/actions/copy.ts';
import { file } from '../../src/actions/file.ts';
import { fileRestore } from '../../src/actions/file-restore.ts';
import { packageAction } from '../../src/actions/package.ts';
import { service } from '../../src/actions/service.ts';
import { parseUnit } from '../../src/actions/unit-state.ts';
import type { ChangeAction, Inverse } from '../../src/engine/action.ts';
import { keptIn, localPorts } from './local-ports.ts';
import { native257, native257Stopped, sysv252Dead } from './units.ts';

const ports = localPorts();

function fresh(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-inverse-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

async function apply<P, F>(action: ChangeAction<P, F>, params: P): Promise<Inverse> {
  const facts = await action.read(params, ports);
  const changes = action.diff(params, facts);
  if (changes.length === 0) return { calls: [], cannot: [] };
  const inverse = action.undo?.inverse(params, changes, facts);
  await action.write(params, changes, ports);
  expect(action.diff(params, await action.read(params, ports)), 'nothing is left to do').toEqual([]);
  if (!inverse) throw new Error(`${action.name} has no inverse`);
  return inverse;
}

async function carryOut({ calls }: Inverse): Promise<readonly Inverse[]> {
  const inverses: Inverse[] = [];
  for (const { action, params } of calls) {
    const found = action === 'file' ? file : fileRestore;
    inverses.unshift(await apply(found as ChangeAction, found.params.parse(params)));
  }
  return inverses;
}

/** Everything below a directory: kind, mode, owner, content. */
function seen(dir: string): unknown {
  return readdirSync(dir, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const { mode, uid, gid } = lstatSync(path);
      const link = lstatSync(path).isSymbolicLink();
      const content = link ? readlinkSync(path) : statSync(path).isFile() ? readFileSync(path, 'latin1') : '';
      return [name, mode, uid, gid, content];
    });
}

describe('a path is as before after the inverse, and as written after the inverse of that', () => {
  const acts: readonly (readonly [string, (dir: string) => Promise<Inverse>])[] = [
    ['a new file', (dir) => apply(file, { path: `${dir}/new`, content: 'x\n' })],
    ['a new directory', (dir) => apply(file, { path: `${dir}/made`, state: 'directory', mode: '0700' })],
    [
      'a file that was replaced',
      (dir) => apply(file, { path: `${dir}/old`, content: 'new\n', mode: '0600' }),
    ],
    ['a file of bytes that are no text', (dir) => apply(file, { path: `${dir}/bytes`, content: 'text\n' })],
    ['a mode', (dir) => apply(file, { path: `${dir}/old`, mode: '0400' })],
    [
      'the mode of a directory',
      (dir) => apply(file, { path: `${dir}/empty`, state: 'directory', mode: '0700' }),
    ],
    ['a file that was removed', (dir) => apply(file, { path: `${dir}/old`, state: 'absent' })],
    ['a directory that was removed', (dir) => apply(file, { path: `${dir}/empty`, state: 'absent' })],
    ['a link that was removed', (dir) => apply(file, { path: `${dir}/link`, state: 'absent' })],
    [
      'a file copied over another',
      (dir) => apply(copy, { from: { host: 'h', path: `${dir}/other` }, to: `${dir}/old` }),
    ],
    [
      'a file copied to a new place',
      (dir) => apply(copy, { from: { host: 'h', path: `${dir}/old` }, to: `${dir}/new` }),
    ],
  ];

  test.each(acts)('%s', async (_what, act) => {
    const dir = fresh();
    writeFileSync(`${dir}/old`, 'old\nlines\n');
    chmodSync(`${dir}/old`, 0o604);
    writeFileSync(`${dir}/bytes`, Buffer.from([0, 255, 254, 10]));
    writeFileSync(`${dir}/other`, 'another\n');
    mkdirSync(`${dir}/empty`, { mode: 0o750 });
    symlinkSync('/nowhere', `${dir}/link`);
    const before = seen(dir);

    const inverse = await act(dir);
    const done = seen(dir);
    expect(done).not.toEqual(before);
    expect(inverse.cannot).toEqual([]);

    const redo = await carryOut(inverse);
    expect(seen(dir)).toEqual(before);
    for (const one of redo) await carryOut(one);
    expect(seen(dir)).toEqual(done);
  });
});

function keptBy({ calls }: Inverse): string {
  const { kept } = z.looseObject({ kept: z.string() }).parse(calls[0]?.params);
  return kept;
}

describe('the old file', () => {
  test('is kept where only its user may look, and the journal has no word of it', async () => {
    const path = `${fresh()}/old`;
    writeFileSync(path, 'a password\n');
    const inverse = await apply(file, { path, content: 'x\n' });
    const kept = keptBy(inverse);
    expect(readFileSync(join(keptIn, kept), 'utf8')).toBe('a password\n');
    expect(statSync(keptIn).mode & 0o777).toBe(0o700);
    expect(JSON.stringify(inverse)).not.toContain('password');
  });

  test('that cannot be kept is not replaced', async () => {
    const dir = fresh();
    writeFileSync(`${dir}/old`, 'old\n');
    writeFileSync(`${dir}/in-the-way`, '');
    const params = { path: `${dir}/old`, content: 'new\n' };
    const changes = file.diff(params, await file.read(params, ports));
    const elsewhere = {
      ...ports,
      execute: (command: Parameters<typeof ports.execute>[0]) =>
        ports.execute({ ...command, env: { ...command.env, LOCKSTEP_RECEIPTS: `${dir}/in-the-way` } }),
    };
    await expect(file.write(params, changes, elsewhere)).rejects.toThrow('could not be kept for undo');
    expect(readFileSync(`${dir}/old`, 'utf8')).toBe('old\n');
    expect(readdirSync(dir).sort()).toEqual(['in-the-way', 'old']);
  });

  test('that is kept no longer is an error, and what is there now stays', async () => {
    const path = `${fresh()}/old`;
    writeFileSync(path, 'old\n');
    const inverse = await apply(file, { path, content: 'new\n' });
    rmSync(join(keptIn, keptBy(inverse)));
    await expect(carryOut(inverse)).rejects.toThrow('is not kept on this host any more');
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(existsSync(`${path}.lockstep-part`)).toBe(false);
  });
});

describe('a service', () => {
  const call = (params: object) => [{ action: 'service', params: { name: 'slapd', ...params } }];
  const restarted = call({ state: 'restarted' });

  test.each([
    ['started', native257Stopped, { state: 'started' }, call({ state: 'stopped' }), undefined],
    ['stopped', native257, { state: 'stopped' }, call({ state: 'started' }), undefined],
    [
      'enabled',
      native257.replace('=enabled', '=disabled'),
      { enabled: true },
      call({ enabled: false }),
      undefined,
    ],
    ['disabled', native257, { enabled: false }, call({ enabled: true }), undefined],
    [
      'stopped and disabled',
      native257,
      { state: 'stopped', enabled: false },
      call({ state: 'started', enabled: true }),
      undefined,
    ],
    ['restarted', native257, { state: 'restarted' }, [], restarted],
    ['reloaded', native257, { state: 'reloaded' }, [], restarted],
    [
      'restarted though it was down',
      native257Stopped,
      { state: 'restarted' },
      call({ state: 'stopped' }),
      undefined,
    ],
    [
      'restarted though it was dead to all but systemd',
      sysv252Dead,
      { state: 'started' },
      call({ state: 'stopped' }),
      undefined,
    ],
  ] as const)('that was %s', (_what, stdout, wanted, calls, afterwards) => {
    const params = { name: 'slapd', ...wanted };
    const unit = parseUnit('slapd', { stdout });
    const inverse = service.undo?.inverse(params, service.diff(params, unit), unit);
    expect(inverse).toEqual({ calls, cannot: [], ...(afterwards && { afterwards }) });
  });
});

describe('a package', () => {
  const facts = (versions: Readonly<Record<string, string>>) =>
    ({ tool: 'apt', versions, wanted: ['x'], told: undefined }) as const;
  const inverse = (params: object, versions: Readonly<Record<string, string>>) =>
    packageAction.undo?.inverse(params, [], facts(versions));
  const call = (names: readonly string[], state: string) => [{ action: 'package', params: { names, state } }];

  test('that was installed goes, that was removed comes back, and what was there is left', () => {
    expect(inverse({ names: ['a', 'b'] }, { b: '1' })).toEqual({ calls: call(['a'], 'absent'), cannot: [] });
    expect(inverse({ names: ['a', 'b'], state: 'absent' }, { b: '1' })).toEqual({
      calls: call(['b'], 'present'),
      cannot: [],
    });
  });

  test('that got another version keeps it, and that is said', () => {
    expect(inverse({ name: 'a', version: '2' }, { a: '1' })).toEqual({
      calls: [],
      cannot: [expect.stringContaining('a was 1 before')],
    });
  });
});
