import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Stop } from '../../src/cli/exit-code.ts';
import { junitFile } from '../../src/cli/junit-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-junit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const refusal = (path: string): { code: number; message: string; next: string | undefined } => {
  try {
    junitFile(path);
  } catch (error) {
    if (error instanceof Stop) return { code: error.code, message: error.message, next: error.next };
    throw error;
  }
  throw new Error('it was not refused');
};

test('a report is written whole, and nothing else is left in its folder', () => {
  const path = join(folder, 'report.xml');
  const { write } = junitFile(path);
  expect(readdirSync(folder)).toEqual([]);
  write('<?xml 1');
  write('<?xml 2');
  expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['report.xml'], '<?xml 2']);
});

test('the report of an earlier run is gone before this one has anything to tell', () => {
  const path = join(folder, 'report.xml');
  writeFileSync(path, '<?xml version="1.0"?><testsuites/>');
  junitFile(path);
  expect(existsSync(path)).toBe(false);
});

test('a symbolic link is followed', () => {
  const [path, link] = [join(folder, 'report.xml'), join(folder, 'link')];
  writeFileSync(path, '');
  symlinkSync('report.xml', link);
  junitFile(link).write('<?xml');
  expect(readFileSync(path, 'utf8')).toBe('<?xml');
});

describe('is refused before anything is contacted:', () => {
  test.each<[string, () => string, RegExp]>([
    ['a folder that is not there', () => join(folder, 'none', 'report.xml'), /cannot be written: ENOENT/],
    ['a folder in its place', () => folder, /it is not a file$/],
    ['a device', () => '/dev/null', /it is not a file$/],
    ['a file below a file', () => join(existing('a', '<?xml'), 'report.xml'), /ENOTDIR/],
    ['a file that is no report', () => existing('runbook.yaml', 'format: lockstep/1'), /is no XML$/],
  ])('%s', (_, path, message) => {
    const place = path();
    expect(refusal(place)).toEqual({
      code: 1,
      message: expect.stringMatching(message),
      next: 'name a file in a folder that is there and may be written to',
    });
    if (place.endsWith('.yaml')) expect(readFileSync(place, 'utf8')).toBe('format: lockstep/1');
  });
});

test('what goes wrong at the end is told on stderr, and is no error of the run', () => {
  const below = join(folder, 'gone');
  mkdirSync(below);
  const { write } = junitFile(join(below, 'report.xml'));
  rmSync(below, { recursive: true });
  const told: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  write('<?xml');
  expect(told).toEqual([expect.stringMatching(/^lockstep: --junit \S+report\.xml: not written: ENOENT/)]);
});

function existing(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, 0o644);
  return path;
}
