/** A short torture: ten rounds, with three zeros. The long one is `npm run torture`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockstepFor } from './lockstep.ts';

// Builds lockstep anew if its sources are younger.
lockstepFor();
const directory = mkdtempSync(join(tmpdir(), 'torture-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('ten rounds execute nothing twice, lose no outcome and end as undisturbed ones do', () => {
  const json = join(directory, 'figures.json');
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'torture', 'torture.ts');
  const words = ['--seed', '1', '--rounds', '10', '--pairs', '5', '--json', json];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
  const figures = JSON.parse(readFileSync(json, 'utf8'));
  expect(figures).toMatchObject({ rounds: 10, executedTwice: 0, outcomesLost: 0, wrongEnds: 0 });
  const faults = Object.values(figures.faults as Record<string, number>);
  expect(faults.reduce((all, one) => all + one, 0)).toBeGreaterThan(4);
  expect(figures.resumes).toBeGreaterThan(9);
  expect(stdout).toMatch(/^executions beyond one +0 {2}must be 0$/m);
});
