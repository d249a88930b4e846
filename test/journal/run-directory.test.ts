import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepOutput } from '../../src/journal/output.ts';
import {
  createRunDirectory,
  findRun,
  listRuns,
  newRunId,
  runsRoot,
} from '../../src/journal/run-directory.ts';
import { scratch } from './sample.ts';

const result = (stdout: string, stderr = '') => ({
  exit: { kind: 'exited' as const, code: 0 },
  stdout,
  stderr,
  truncated: false,
  durationMs: 1,
});
const asIs = (text: string) => text;

function runs(...ids: readonly string[]): string {
  const root = scratch();
  for (const id of ids) writeFileSync(join(createRunDirectory(root, id), 'journal.ndjson'), '');
  return root;
}

describe('a run', () => {
  test('is named by its start in UTC and four letters', () => {
    expect(newRunId(new Date('2026-11-22T01:53:12.345Z'))).toMatch(/^20261122-015312-[0-9a-f]{4}$/);
  });

  test('is kept below $LOCKSTEP_STATE, else below XDG, else below the home', () => {
    expect(runsRoot({ LOCKSTEP_STATE: '/s', XDG_STATE_HOME: '/x' })).toBe('/s/runs');
    expect(runsRoot({ XDG_STATE_HOME: '/x' })).toBe('/x/lockstep/runs');
    expect(runsRoot({})).toMatch(/\/\.local\/state\/lockstep\/runs$/);
  });

  test('has directories and files that only its owner can read', () => {
    const root = join(scratch(), 'state', 'runs');
    const directory = createRunDirectory(root, 'r1');
    keepOutput(directory, 'one', result('x'), asIs);
    const modes = [root, directory, join(directory, 'output'), join(directory, 'output/one.log')];
    expect(modes.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o700, 0o600]);
  });

  test('whose directory cannot be made says so before anything begins', () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    expect(() => createRunDirectory(join(file, 'runs'), 'r1')).toThrow(
      expect.objectContaining({ name: 'JournalError', next: expect.stringContaining('LOCKSTEP_STATE') }),
    );
  });
});

describe('finding a run', () => {
  const ids = ['20261121-100000-aaaa', '20261122-100000-bbbb', '20261122-090000-7f3a'];

  test('lists the newest first, and no directory without a journal', () => {
    const root = runs(...ids);
    mkdirSync(join(root, '20261123-000000-cccc'));
    expect(listRuns(root)).toEqual(['20261122-100000-bbbb', '20261122-090000-7f3a', '20261121-100000-aaaa']);
    expect(listRuns(join(root, 'none'))).toEqual([]);
  });

  test.each([
    ['its id', '20261122-090000-7f3a', '20261122-090000-7f3a'],
    ['its last four letters', '7f3a', '20261122-090000-7f3a'],
    ['its time and letters', '090000-7f3a', '20261122-090000-7f3a'],
    ['last', 'last', '20261122-100000-bbbb'],
  ])('takes %s', (_what, word, run) => {
    const root = runs(...ids);
    expect(findRun(root, word)).toEqual({ run, directory: join(root, run) });
  });

  test.each(['7f3', '', '../x', 'f3a'])('does not take %o', (word) => {
    expect(() => findRun(runs(...ids), word)).toThrow('the newest is 20261122-100000-bbbb');
  });

  test('names all that letters could mean', () => {
    expect(() => findRun(runs('20261121-100000-aaaa', '20261122-100000-aaaa'), 'aaaa')).toThrow(
      'aaaa names 2 runs: 20261122-100000-aaaa, 20261121-100000-aaaa',
    );
  });

  test('says that there are none', () => {
    const root = join(scratch(), 'runs');
    expect(() => findRun(root, 'last')).toThrow(`no run last: there are no runs in ${root}`);
  });
});

describe('an output', () => {
  test('is kept with stderr behind stdout, secrets replaced', () => {
    const directory = createRunDirectory(scratch(), 'r1');
    const kept = keepOutput(directory, '01-a@h1.1', result('pw=s3cret\n', 'warn\n'), (text) =>
      text.replaceAll('s3cret', '[pw]'),
    );
    expect(kept).toEqual({ file: 'output/01-a@h1.1.log', stdout: 10, stderr: 5, truncated: false });
    expect(readFileSync(join(directory, kept?.file ?? ''), 'utf8')).toBe('pw=[pw]\n--- stderr ---\nwarn\n');
  });

  test('of nothing makes no file', () => {
    expect(keepOutput(scratch(), 'x', result(''), asIs)).toBeUndefined();
  });

  test('of items that look alike goes to files of their own, below the directory', () => {
    const directory = createRunDirectory(scratch(), 'r1');
    const names = ['01-a[x:y]@h1.1', '01-a[x,y]@h1.1', '01-a[../../x]@h1.1', `01-a[${'x'.repeat(300)}]@h1.1`];
    const files = names.map((name) => keepOutput(directory, name, result('x'), asIs)?.file ?? '');
    expect(new Set(files).size).toBe(4);
    for (const file of files) expect(file).toMatch(/^output\/[\w.@-]{1,200}\.log$/);
  });

  test('that cannot be kept is an error of the journal, so that the act is not called failed', () => {
    const directory = createRunDirectory(scratch(), 'r1');
    mkdirSync(join(directory, 'output/x.log'));
    chmodSync(join(directory, 'output'), 0o500);
    expect(() => keepOutput(directory, 'x', result('y'), asIs)).toThrow(
      expect.objectContaining({ name: 'JournalError' }),
    );
  });
});
