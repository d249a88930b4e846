import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { lintFiles } from '../../src/cli/lint-files.ts';
import { loadRunbook, parsePinned } from '../../src/runbook/load.ts';
import { runbookWith } from './sample.ts';

let root = '';
const file = () => join(root, 'test/sample.yaml');
const steps = '- id: a\n  use: parts/look.yaml';
const part =
  'format: lockstep-part/1\ntitle: Look\nsteps:\n  - { id: look, on: all, wait.port: { port: 389 } }\n';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockstep-load-'));
  await mkdir(join(root, 'test/parts'), { recursive: true });
  await writeFile(file(), runbookWith(steps));
  await writeFile(join(root, 'test/parts/look.yaml'), part);
});
afterEach(() => rm(root, { recursive: true }));

async function lint(
  options: { lock?: boolean; json?: boolean } = {},
): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await lintFiles([], { root, ...options }, (piece) => {
    text += piece;
  });
  return { code, text };
}

it('loads by name and by path, with the same digest wherever the folder is', async () => {
  const byName = await loadRunbook('test/sample', actions, root);
  expect(byName.problems).toEqual([]);
  expect(byName.runbook?.steps.map((step) => step.id)).toEqual(['a.look']);
  expect((await loadRunbook(file(), actions, root)).digest).toBe(byName.digest);
  expect(byName.text).not.toContain(root);
  expect(parsePinned(byName.text, actions).runbook?.steps).toMatchObject([{ id: 'a.look' }]);
});

it('says what it may have been when there is none of that name', async () => {
  const { runbook, problems } = await loadRunbook('test/sampel', actions, root);
  expect(runbook).toBeUndefined();
  expect(problems).toMatchObject([{ hint: 'did you mean "test/sample"?' }]);
  expect((await loadRunbook('no/such.yaml', actions, root)).problems).toMatchObject([
    { message: 'there is no such file' },
  ]);
});

it('warns of a name that is not the path', async () => {
  await writeFile(file(), runbookWith(steps).replace('test/sample', 'test/other'));
  const { runbook, problems } = await loadRunbook('test/sample', actions, root);
  expect(runbook?.name).toBe('test/other');
  expect(problems).toMatchObject([
    { line: 2, column: 1, severity: 'warning', hint: 'set name: test/sample, or move the file' },
  ]);
});

it('lints all runbooks of a folder but not its parts', async () => {
  expect(await lint()).toEqual({ code: 0, text: '1 runbook: nothing wrong\n' });
});

it('locks versions, and refuses changed content under a locked one: of the runbook or of its part', async () => {
  expect((await lint({ lock: true })).code).toBe(0);
  const locked = await readFile(join(root, 'versions.lock'), 'utf8');
  expect(locked).toMatch(/^test\/sample@1\.0\.0 sha256:[0-9a-f]{64}$/m);

  await writeFile(join(root, 'test/parts/look.yaml'), part.replace('389', '636'));
  const { code, text } = await lint({ lock: true });
  expect(code).toBe(1);
  expect(text).toContain('sample.yaml:3:1  version: test/sample@1.0.0 is locked with sha256:');
  expect(text).toContain('a version never changes: set version: 1.0.1');
  expect(await readFile(join(root, 'versions.lock'), 'utf8')).toBe(locked);

  await writeFile(file(), runbookWith(steps).replace('version: 1.0.0', 'version: 1.0.1'));
  expect((await lint({ lock: true })).code).toBe(0);
  expect(await readFile(join(root, 'versions.lock'), 'utf8')).toContain('test/sample@1.0.1');
});

it('prints problems as JSON, one a line', async () => {
  await writeFile(file(), runbookWith('- id: a\n  on: all\n  wait.prot: { port: 389 }'));
  const { code, text } = await lint({ json: true });
  expect(code).toBe(1);
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { line: 15, column: 5, path: 'steps[0].wait.prot', severity: 'error', hint: 'did you mean "wait.port"?' },
  ]);
});

it('lists what there is, with inputs, and prints the schema', async () => {
  const { listRunbooks } = await import('../../src/cli/list-runbooks.ts');
  expect(JSON.parse(await listRunbooks({ root, json: true }))).toMatchObject([
    {
      name: 'test/sample',
      version: '1.0.0',
      title: 'A sample',
      errors: 0,
      inputs: { count: { type: 'int', default: 3 } },
    },
  ]);
  expect(await listRunbooks({ root })).toContain(
    'test/sample 1.0.0  A sample\n    pool: hosts (default "masters")\n',
  );
  await writeFile(file(), 'format: lockstep/1\n');
  expect(await listRunbooks({ root })).toContain('does not run: 4 errors');
});
