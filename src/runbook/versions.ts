/** `versions.lock`: one line a version, `name@version sha256:…`. Content under a locked version never changes. */
import type { Problem, Runbook } from './model.ts';

/** `name@version` → digest in hex. */
export type Lock = ReadonlyMap<string, string>;

/** A runbook with where it stands, as lint saw it. */
export interface Versioned {
  readonly runbook: Pick<Runbook, 'name' | 'version'>;
  readonly file: string;
  readonly digest: string;
}

/** Throws an Error that names the line for what is not a lock file. */
export function parseLock(text: string): Lock {
  const lock = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, key, digest] = /^(\S+@\S+) sha256:([0-9a-f]{64})$/.exec(line.trim()) ?? [];
    if (key === undefined || digest === undefined) {
      throw new Error(
        `versions.lock:${index + 1}: expected "name@version sha256:…"; restore it from version control`,
      );
    }
    lock.set(key, digest);
  }
  return lock;
}

export function formatLock(lock: Lock): string {
  const lines = [...lock]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, digest]) => `${key} sha256:${digest}`);
  return `# Written by lockstep lint --lock. A version's content never changes: bump the version instead.\n${lines.join('\n')}\n`;
}

/** Changed content under a locked version, or undefined. `line` and `column` are those of the version. */
export function checkLock(
  { runbook, file, digest }: Versioned,
  lock: Lock,
  place: { readonly line: number; readonly column: number },
): Problem | undefined {
  const key = `${runbook.name}@${runbook.version}`;
  const locked = lock.get(key);
  if (locked === undefined || locked === digest) return undefined;
  return {
    file,
    line: place.line,
    column: place.column,
    path: 'version',
    message: `${key} is locked with sha256:${locked.slice(0, 12)}…, this content (parts included) is sha256:${digest.slice(0, 12)}…`,
    hint: `a version never changes: set version: ${next(runbook.version)}`,
    severity: 'error',
  };
}

/** The lock with versions it did not know yet; what it knows stays. */
export function addToLock(lock: Lock, found: readonly Versioned[]): Lock {
  const grown = new Map(lock);
  for (const { runbook, digest } of found) {
    const key = `${runbook.name}@${runbook.version}`;
    if (!grown.has(key)) grown.set(key, digest);
  }
  return grown;
}

function next(version: string): string {
  const [core = ''] = version.split(/[-+]/);
  const [major = '0', minor = '0', patch = '0'] = core.split('.');
  return core === version ? `${major}.${minor}.${Number(patch) + 1}` : core;
}
