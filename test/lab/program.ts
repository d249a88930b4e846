/** The program under test, and its build. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '..', '..');
/** The launcher; LOCKSTEP_PROGRAM takes an installed one, and nothing is built then. */
export const program = process.env.LOCKSTEP_PROGRAM ?? join(repository, 'lockstep');

/** Makes `dist` anew if a source is younger than it. */
export function buildIfStale(): void {
  if (process.env.LOCKSTEP_PROGRAM !== undefined) return;
  const built = join(repository, 'dist', 'cli.js');
  const born = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = globSync('src/**/*.ts', { cwd: repository });
  if (sources.every((file) => statSync(join(repository, file)).mtimeMs < born)) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'pipe' });
}
