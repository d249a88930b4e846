import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { actions } from '../actions/index.ts';
import { loadRunbook, packageRoot, runbookFiles } from '../runbook/load.ts';
import type { Problem } from '../runbook/model.ts';
import { parseYaml } from '../runbook/parse.ts';
import { keyPosition } from '../runbook/position.ts';
import { unpinTexts } from '../runbook/texts.ts';
import {
  addToLock,
  checkLock,
  formatLock,
  type Lock,
  parseLock,
  type Versioned,
} from '../runbook/versions.ts';
import { EXIT } from './exit-code.ts';
import { problemLines } from './problem-lines.ts';

export interface LintOptions {
  readonly root?: string;
  readonly lock?: boolean;
  readonly json?: boolean;
}

/** Lints and reports; the exit code. A lock is written only when nothing is wrong. */
export async function lintFiles(
  files: readonly string[],
  options: LintOptions,
  write: (text: string) => void,
): Promise<number> {
  const root = relative('', options.root ?? packageRoot()) || '.';
  const targets = files.length > 0 ? files : await runbookFiles(root);
  const lockFile = join(root, 'versions.lock');
  const lock = await readLock(lockFile);
  const problems: Problem[] = [];
  const found: Versioned[] = [];
  for (const target of targets) {
    const loaded = await loadRunbook(target, actions, root);
    problems.push(...loaded.problems);
    if (!loaded.runbook) continue;
    const { path, main } = unpinTexts(loaded.text);
    const file = files.length > 0 && /\.ya?ml$/.test(target) ? target : join(root, path);
    const versioned: Versioned = { runbook: loaded.runbook, file, digest: loaded.digest };
    const changed = checkLock(versioned, lock, keyPosition(parseYaml(main), ['version']));
    if (changed) problems.push(changed);
    found.push(versioned);
  }
  write(
    options.json
      ? problems.map((problem) => `${JSON.stringify(problem)}\n`).join('')
      : problemLines(problems),
  );
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  if (!options.json) write(summary(targets.length, errors, problems.length - errors));
  if (errors > 0) return EXIT.usage;
  if (options.lock) {
    await writeFile(lockFile, formatLock(addToLock(lock, found)));
    if (!options.json) write(`${lockFile} holds ${found.length} of them\n`);
  }
  return EXIT.done;
}

async function readLock(file: string): Promise<Lock> {
  try {
    return parseLock(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw error;
  }
}

function summary(files: number, errors: number, warnings: number): string {
  const runbooks = `${files} ${files === 1 ? 'runbook' : 'runbooks'}`;
  if (errors + warnings === 0) return `${runbooks}: nothing wrong\n`;
  return `${runbooks}: ${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}\n`;
}
