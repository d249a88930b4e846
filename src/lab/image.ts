import { spawn } from 'node:child_process';
import { access, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { buildPhase, type ImageRecipe, imageKey } from './image-recipe.ts';
import { LabError } from './lab-error.ts';
import { imagesRoot, locksRoot } from './lab-paths.ts';
import { machineAptSettings, readMirror, sourceLines } from './mirror.ts';
import type { Progress } from './progress.ts';
import { plainEnvironment } from './run-program.ts';
import { withLock } from './with-lock.ts';

/**
 * The directory of the image for a recipe: `root/` and, beside it, what the recipe put there. Built if it is not in the
 * cache; two callers build it once. Rejects with LabError.
 */
export async function ensureImage(
  recipe: ImageRecipe,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const directory = `${imagesRoot}/${imageKey(recipe)}`;
  if (await exists(directory)) return directory;
  await mkdir(imagesRoot, { recursive: true, mode: 0o700 });
  const wait = () => progress.phase(`image ${recipe.name}: waiting for another lockstep to build it`);
  await withLock(`${locksRoot}/image-${imageKey(recipe)}.lock`, wait, async () => {
    if (!(await exists(directory))) await build(recipe, directory, progress, signal);
  });
  return directory;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Builds beside the final place and renames, so that a directory with the final name is always whole. */
async function build(recipe: ImageRecipe, directory: string, progress: Progress, signal: AbortSignal) {
  for (const stale of await readdir(imagesRoot)) {
    if (stale.startsWith(`${imageKey(recipe)}.part-`)) await remove(`${imagesRoot}/${stale}`);
  }
  const part = `${directory}.part-${process.pid}`;
  await mkdir(`${part}/tmp`, { recursive: true, mode: 0o755 });
  const files = {
    'sources.list': sourceLines(await readMirror(), recipe.suite),
    'apt.conf': `${await machineAptSettings()}Acquire::Languages "none";\nAPT::Install-Recommends "false";\n`,
    debconf: recipe.debconf.map((line) => `${line}\n`).join(''),
    customise: recipe.customise,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(`${part}/${name}`, text, { mode: 0o600 });
  try {
    await debootstrap(recipe, part, `${directory}.log`, progress, signal);
    for (const name of [...Object.keys(files), 'tmp']) await remove(`${part}/${name}`);
    await writeFile(`${part}/recipe.json`, `${JSON.stringify(recipe, null, 2)}\n`);
    await rename(part, directory);
  } catch (error) {
    await remove(part);
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  // Retries: the last processes of a killed build may still be ending.
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** mmdebstrap's own argv. Mirror and proxy travel in files: a URI may carry a password. */
export function mmdebstrapArgv(recipe: ImageRecipe, part: string): readonly string[] {
  const excluded = ['man', 'locale', 'doc', 'info'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  );
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    `--aptopt=${part}/apt.conf`,
    '--dpkgopt=force-unsafe-io',
    ...excluded,
    `--include=${recipe.packages.join(',')}`,
    `--essential-hook=chroot "$1" debconf-set-selections < ${part}/debconf`,
    `--customize-hook=sh ${part}/customise "$1"`,
    recipe.suite,
    `${part}/root`,
    `${part}/sources.list`,
  ];
}

/**
 * The build has mounts and pids of its own: when we die, setpriv has `unshare` killed, that kills pid 1 of the build, and
 * the kernel all the rest. What a killed build leaves is files.
 */
const confined = [
  ...['setpriv', '--pdeathsig', 'KILL', '--'],
  ...[
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    '--pid',
    '--fork',
    '--kill-child=KILL',
    '--mount-proc',
    '--',
  ],
];

async function debootstrap(
  recipe: ImageRecipe,
  part: string,
  logFile: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const log = await open(logFile, 'w', 0o600);
  progress.phase(`image ${recipe.name}: starting`);
  const [program = '', ...argv] = [...confined, ...mmdebstrapArgv(recipe, part)];
  const child = spawn(program, argv, {
    env: { ...proxies(), ...plainEnvironment, TMPDIR: `${part}/tmp` },
    stdio: ['ignore', log.fd, log.fd],
    // Its own process group: Ctrl-C reaches it through `signal` only.
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  const timer = setInterval(() => void showPhase(recipe, logFile, progress), 250);
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (status, killedBy) => resolve(status ?? killedBy));
    });
    signal.throwIfAborted();
    if (code !== 0) throw new LabError(await buildFailure(recipe, code, logFile));
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', kill);
    await log.close();
  }
}

/** The proxies of the machine's environment, which apt honours too. */
function proxies(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => /^(https?|ftp|all|no)_proxy$/i.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

async function showPhase(recipe: ImageRecipe, logFile: string, progress: Progress): Promise<void> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const phase = text
    .split('\n')
    .map(buildPhase)
    .findLast((found) => found !== undefined);
  if (phase) progress.phase(`image ${recipe.name}: ${phase}`);
}

async function buildFailure(
  recipe: ImageRecipe,
  code: number | string | null,
  logFile: string,
): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const errors = text.split('\n').filter((line) => /^(E|W|Err):/.test(line) || line.includes('dpkg: error'));
  const lines = (errors.length > 0 ? errors : text.trim().split('\n')).slice(-6).join('\n  ');
  return `image ${recipe.name}: mmdebstrap ended with ${code}; all of it in ${logFile}\n  ${lines}`;
}
