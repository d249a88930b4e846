/** Reads runbooks and their parts; the only file of this folder that touches the disk. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ActionTable } from '../engine/action.ts';
import type { Problem, Runbook } from './model.ts';
import { parseYaml } from './parse.ts';
import { parseRunbook } from './parse-runbook.ts';
import { keyPosition } from './position.ts';
import { didYouMean } from './suggestion.ts';
import { partCandidates, pinTexts, type RunbookTexts, type SourceText, sizeLimit } from './texts.ts';
import { asList, asMap, asText } from './to-model.ts';

export { parsePinned, parseRunbook } from './parse-runbook.ts';

export interface LoadedRunbook {
  /** Absent when any problem is an error. */
  readonly runbook?: Runbook;
  readonly problems: readonly Problem[];
  /** Runbook and parts in one text: what a run pins. `parsePinned` reads it again without files. */
  readonly text: string;
  /** sha256 of `text`, in hex. */
  readonly digest: string;
}

/**
 * A runbook by name (`openldap/add-master`) below the root, or by the path of a .yaml file. The root is the package's
 * own `runbooks/` folder unless given. Never rejects for what a file says, nor for a file that is not there.
 */
export async function loadRunbook(
  pathOrName: string,
  actions: ActionTable,
  root = packageRoot(),
): Promise<LoadedRunbook> {
  const file = await locate(pathOrName, root);
  if (typeof file !== 'string') return { problems: [file], text: '', digest: '' };
  const texts = await readTexts(file, root);
  if ('message' in texts) return { problems: [texts], text: '', digest: '' };
  const text = pinTexts(texts);
  const parsed = parseRunbook(texts, actions);
  const problems = [...parsed.problems, ...misnamed(parsed.runbook, texts)];
  return { ...parsed, problems, text, digest: digestOf(text) };
}

/** A runbook is asked for by its path below the root, and reported by its name: they should agree. */
function misnamed(runbook: Runbook | undefined, { main, path }: RunbookTexts): Problem[] {
  const expected = path.replace(/\.ya?ml$/, '');
  if (runbook === undefined || runbook.name === expected || !path.includes('/')) return [];
  const place = keyPosition(parseYaml(main), ['name']);
  const message = `is ${runbook.name}, but the file is found as ${expected}`;
  const hint = `set name: ${expected}, or move the file`;
  return [{ file: main.file, ...place, path: 'name', message, hint, severity: 'warning' }];
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The `runbooks/` folder beside the nearest package.json above this file. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'runbooks');
}

/** Every .yaml file below the root that is no part, in order; [] when there is no such folder. */
export async function runbookFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(root, file).split(sep).includes('parts'))
    .sort();
}

async function locate(pathOrName: string, root: string): Promise<string | Problem> {
  if (/\.ya?ml$/.test(pathOrName)) {
    return existsSync(pathOrName)
      ? pathOrName
      : missing(pathOrName, 'there is no such file', 'check the path');
  }
  for (const end of ['.yaml', '.yml']) {
    const file = join(root, pathOrName + end);
    if (!pathOrName.includes('..') && existsSync(file)) return file;
  }
  const names = (await runbookFiles(root)).map((file) => nameOf(file, root));
  const hint = didYouMean(
    pathOrName,
    names,
    'lockstep list shows the runbooks there are; a path must end in .yaml',
  );
  return missing(pathOrName, `there is no runbook of that name below ${root}`, hint);
}

/** `openldap/add-master` for the file below the root. */
export function nameOf(file: string, root: string): string {
  return slashes(relative(root, file)).replace(/\.ya?ml$/, '');
}

async function readTexts(file: string, root: string): Promise<RunbookTexts | Problem> {
  const main = await readText(file);
  if ('message' in main) return main;
  const inside = !relative(resolve(root), resolve(file)).startsWith('..');
  const base = inside ? root : dirname(file);
  const path = slashes(relative(base, file));
  const parts: Record<string, SourceText> = {};
  await readParts(main, path, [base, root], parts);
  return { main, path, parts };
}

/** Parts, and their parts. What cannot be read is left out: lint names it at its place. */
async function readParts(
  text: SourceText,
  from: string,
  roots: readonly string[],
  parts: Record<string, SourceText>,
): Promise<void> {
  for (const step of asList(asMap(parseYaml(text).value).steps)) {
    for (const path of partCandidates(from, asText(asMap(step).use))) {
      if (Object.hasOwn(parts, path) || Object.keys(parts).length >= 100) break;
      const found = roots.map((root) => join(root, path)).find((each) => existsSync(each));
      const part = found === undefined ? undefined : await readText(found);
      if (part === undefined || 'message' in part) continue;
      parts[path] = part;
      await readParts(part, path, roots, parts);
      break;
    }
  }
}

async function readText(file: string): Promise<SourceText | Problem> {
  try {
    const { size } = await stat(file);
    if (size > sizeLimit)
      return missing(file, 'is larger than 1 MiB', 'a runbook is read by people: move steps into parts');
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return missing(file, `cannot be read: ${reason}`, 'check the path and its permissions');
  }
}

function missing(file: string, message: string, hint: string): Problem {
  return { file, line: 1, column: 1, path: '', message, hint, severity: 'error' };
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
