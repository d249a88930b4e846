/** Reads an inventory from disk; the one file here that touches it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Problem } from '../runbook/model.ts';
import { readAnsibleYaml, readVariablesFile } from './ansible-yaml.ts';
import { type Draft, emptyDraft, groupOf, hostOf, report, type Variables } from './draft.ts';
import { parseHostPattern } from './host-pattern.ts';
import { readIni } from './ini.ts';
import type { Inventory } from './model.ts';
import { isNative, readNative } from './native.ts';
import { resolvePath } from './path.ts';
import { resolveDraft } from './resolve.ts';
import { looksLikeYaml } from './sniff.ts';

/** The inventory is there unless a problem is an error. Problems are sorted by file and line. */
export interface Loaded {
  readonly inventory?: Inventory;
  readonly problems: readonly Problem[];
}

/** Files beyond this many bytes are no inventory. */
const LIMIT = 4 * 1024 * 1024;
/** What Ansible skips in a directory: its DEFAULT INVENTORY_IGNORE_EXTS, hidden files and the folders of variables. */
const SKIPPED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

/** `source`: a file, a directory, `lab:NAME` (found by `labPath`), or a list such as `host1,host2,`. */
export async function loadInventory(source: string, labPath?: (name: string) => string): Promise<Loaded> {
  const draft = emptyDraft();
  const fromHere = (path: string): string => resolvePath(path, process.cwd(), homedir());
  if (source.startsWith('lab:') && labPath) await readSource(draft, labPath(source.slice(4)), source);
  else if (source.includes(',')) readList(draft, source);
  else await readSource(draft, source, source);
  const inventory = resolveDraft(draft, source, fromHere);
  const problems = sorted(draft.problems);
  return problems.some((problem) => problem.severity === 'error') ? { problems } : { inventory, problems };
}

function readList(draft: Draft, source: string): void {
  const place = { file: '-i', line: 1, column: 1 };
  for (const piece of source
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')) {
    const parsed = parseHostPattern(piece);
    if ('problem' in parsed) {
      report(
        draft,
        'error',
        place,
        piece,
        parsed.problem,
        'a list is host1,host2, with a comma even after a single one',
      );
      continue;
    }
    for (const name of parsed.names) {
      const host = hostOf(draft, name, place);
      if (parsed.port !== undefined) host.access = { port: parsed.port };
    }
  }
}

async function readSource(draft: Draft, path: string, source: string): Promise<void> {
  const place = { file: path, line: 1, column: 1 };
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const why =
      found.code === 'ENOENT' ? 'there is no such file or directory' : (found.code ?? found.message);
    const hint = source.startsWith('lab:')
      ? 'start that lab first: lockstep lab up'
      : 'give -i a file, a directory, lab:NAME, or a list such as host1,host2,';
    report(draft, 'error', place, '', `the inventory ${source} cannot be read: ${why}`, hint);
    return;
  }
  if (found.isDirectory()) await readDirectory(draft, path);
  else await readInventoryFile(draft, path);
  if (draft.ansible) await readVariables(draft, found.isDirectory() ? path : dirname(path));
  if (draft.hosts.size === 0 && !draft.problems.some((problem) => problem.severity === 'error')) {
    report(
      draft,
      'error',
      place,
      '',
      'the inventory holds no hosts',
      'add a host, or check that -i names the right file',
    );
  }
}

async function readDirectory(draft: Draft, path: string): Promise<void> {
  for (const name of (await readdir(path)).sort()) {
    if (SKIPPED.test(name)) continue;
    const inside = join(path, name);
    if ((await stat(inside)).isDirectory()) await readDirectory(draft, inside);
    else await readInventoryFile(draft, inside);
  }
}

async function readInventoryFile(draft: Draft, path: string): Promise<void> {
  const text = await readText(draft, path);
  if (text === undefined) return;
  const place = { file: path, line: 1, column: 1 };
  if (text.startsWith('#!')) {
    report(
      draft,
      'error',
      place,
      '',
      'this is a script; inventory scripts are not run',
      'save its result: ansible-inventory -i FILE --list --yaml --export > hosts.yaml',
    );
  } else if (/^\s*\$ANSIBLE_VAULT;/.test(text)) {
    report(
      draft,
      'error',
      place,
      '',
      'the inventory is encrypted with ansible-vault',
      'decrypt it: ansible-vault view FILE > hosts',
    );
  } else if (extname(path) === '.toml') {
    report(draft, 'error', place, '', 'TOML inventories are not read', 'write it as YAML or INI');
  } else if (!looksLikeYaml(path, text)) readIni(draft, path, text);
  else if (isNative(text)) {
    readNative(draft, path, text, (each) => resolvePath(each, resolve(dirname(path)), homedir()));
  } else readAnsibleYaml(draft, path, text);
}

async function readVariables(draft: Draft, folder: string): Promise<void> {
  // group_vars/all and group_vars/ungrouped count without being named in the inventory.
  for (const name of ['all', 'ungrouped']) groupOf(draft, name, { file: folder, line: 1, column: 1 });
  for (const group of draft.groups.values()) {
    await readVariablesOf(draft, join(folder, 'group_vars'), group.name, group.filed);
  }
  for (const host of draft.hosts.values())
    await readVariablesOf(draft, join(folder, 'host_vars'), host.name, host.filed);
}

/** The first of NAME, NAME.yml, NAME.yaml, NAME.json that is there counts, as in Ansible; a folder counts whole. */
async function readVariablesOf(draft: Draft, folder: string, name: string, into: Variables): Promise<void> {
  if (name.startsWith('/')) return;
  for (const extension of ['', '.yml', '.yaml', '.json']) {
    const path = join(folder, name + extension);
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    for (const file of found.isDirectory() ? await variablesFiles(path) : [path]) {
      const text = await readText(draft, file);
      if (text !== undefined) readVariablesFile(draft, file, text, into);
    }
    return;
  }
}

async function variablesFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const path = join(folder, name);
    const extension = extname(basename(path));
    if ((await stat(path)).isDirectory()) {
      if (extension === '') files.push(...(await variablesFiles(path)));
    } else if (['', '.yml', '.yaml', '.json'].includes(extension)) files.push(path);
  }
  return files;
}

async function readText(draft: Draft, path: string): Promise<string | undefined> {
  const place = { file: path, line: 1, column: 1 };
  try {
    const bytes = await readFile(path);
    if (bytes.length > LIMIT) throw new Error(`it is ${bytes.length} bytes, the limit is ${LIMIT}`);
    draft.files.push(resolve(path));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    report(
      draft,
      'error',
      place,
      '',
      `the file cannot be read: ${why}`,
      'it must be UTF-8 text that you may read',
    );
    return undefined;
  }
}

/** By file and place; what several hosts inherit is said once. */
function sorted(problems: readonly Problem[]): Problem[] {
  const once = new Map(
    problems.map((problem) => [
      `${problem.file}:${problem.line}:${problem.column}:${problem.message}`,
      problem,
    ]),
  );
  return [...once.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}
