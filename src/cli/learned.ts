/** What tasks took in earlier runs, in a small file a runbook beside the runs. Losing it costs nothing but precision. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runsRoot } from '../journal/run-directory.ts';
import { type Learned, learnFrom, type Took } from '../plan/estimate.ts';
import { isUndo } from '../undo/is-undo.ts';

/** Nothing where there is no file, or none that can be read. */
export function loadLearned(runbookName: string, env: NodeJS.ProcessEnv = process.env): Learned {
  try {
    return readLearned(JSON.parse(readFileSync(fileOf(runbookName, env), 'utf8')));
  } catch {
    return {};
  }
}

/** Puts what was taken to what is there by now; another run may have ended meanwhile. Never fails a run. */
export function keepLearned(
  runbookName: string,
  took: readonly Took[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  // An undo is composed for one run, and never run again.
  if (took.length === 0 || isUndo(runbookName)) return;
  const file = fileOf(runbookName, env);
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const learned = learnFrom(loadLearned(runbookName, env), took);
    writeFileSync(draft, `${JSON.stringify(learned)}\n`, { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    drop(draft);
  }
}

function drop(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // A disk that took half of it and lets go of none.
  }
}

/** No name of a runbook has an underscore, so each has its own file. */
function fileOf(runbookName: string, env: NodeJS.ProcessEnv): string {
  return join(dirname(runsRoot(env)), 'estimates', `${runbookName.replaceAll('/', '_')}.json`);
}

/** The durations in a JSON value; what is none is left out. */
function readLearned(value: unknown): Learned {
  return mapOf(value, (platforms) =>
    mapOf(platforms, (seen) => (Array.isArray(seen) ? seen.filter(isDuration) : [])),
  );
}

function mapOf<T>(value: unknown, read: (member: unknown) => T): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, read(member)]));
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
