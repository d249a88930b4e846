import type { Command } from 'commander';

/** What may stand for the last of `words`, given those before it. */
export async function candidates(program: Command, words: readonly string[]): Promise<readonly string[]> {
  const assigned = assignment(words);
  if (assigned) {
    const { before, flag, value } = assigned;
    const found = await candidates(program, [...before, `${flag}=${value}`]);
    return found.map((word) => word.slice(flag.length + 1));
  }
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  let command = program;
  for (const word of before) command = command.commands.find((sub) => sub.name() === word) ?? command;
  const found = await wordsFor(command, before);
  return found.filter((word) => word.startsWith(last) && !word.startsWith('__'));
}

/** bash takes `--yes=ty` for three words, and completes the last of them alone. */
function assignment(
  words: readonly string[],
): { readonly before: readonly string[]; readonly flag: string; readonly value: string } | undefined {
  const at = words.at(-1) === '=' ? words.length - 1 : words.length - 2;
  const flag = words[at - 1];
  if (words[at] !== '=' || flag?.startsWith('--') !== true) return undefined;
  return { before: words.slice(0, at - 1), flag, value: words[at + 1] ?? '' };
}

/** Their values are names of files, which the shell knows. */
const FILES: readonly string[] = ['--answers', '--junit', '--out', '--plan', '--prometheus', '--svg'];

async function wordsFor(command: Command, before: readonly string[]): Promise<readonly string[]> {
  const previous = before.at(-1) ?? '';
  if (previous === '-i' || previous === '--inventory') return (await labs()).map((name) => `lab:${name}`);
  if (previous === '--lab') return labs();
  if (previous === '--window') return ['none'];
  if (previous === '--limit' || previous === '--seed') return hosts(before, previous === '--limit');
  if (command.name() === 'doctor' && previous === '--only') return codes();
  if (previous === '--accept-drift') return drifts(before);
  if (FILES.includes(previous)) return [];
  if (previous === '--task') return gates(before);
  const choices = command.options.find(({ short, long }) => [short, long].includes(previous))?.argChoices;
  if (choices) return choices;
  const options = command.options.flatMap(({ short, long }) =>
    [long, short].filter((flag) => flag !== undefined),
  );
  const subs = command.commands.map((sub) => sub.name());
  if (subs.length > 0) return [...subs, ...options];
  if (command.name() === 'fault') return [...(await faultWords(before)), ...options];
  const parent = command.parent?.name();
  if (parent === 'lab') return [...(await labs()), ...options];
  switch (command.name()) {
    case 'run':
      return [...(await runbooks()), ...options];
    case 'resume':
    case 'show':
    case 'attach':
    case 'undo':
    case 'verify-journal':
      return ['last', ...(await runs()), ...options];
    case 'note':
      return before.at(-1) === 'note' ? ['last', ...(await runs()), ...options] : options;
    case 'resolve':
      return [...(await runOrDoubt(before)), ...options];
    default:
      return options;
  }
}

/** Of the run that `resume` names, else of the newest. */
async function drifts(before: readonly string[]): Promise<readonly string[]> {
  const run = before[before.indexOf('resume') + 1];
  const { driftsOf } = await import('./open-run.ts');
  return driftsOf(run === undefined || run.startsWith('-') ? 'last' : run);
}

/** What the plan asks that `approve` names. */
async function gates(before: readonly string[]): Promise<readonly string[]> {
  const { gateTasksIn } = await import('./sealed-plan.ts');
  return gateTasksIn(before[before.indexOf('approve') + 1] ?? '');
}

/** The first word of `resolve` names a run, the second a task of it that is in doubt. */
async function runOrDoubt(before: readonly string[]): Promise<readonly string[]> {
  const run = before[before.indexOf('resolve') + 1];
  if (run === undefined || run.startsWith('-')) return ['last', ...(await runs())];
  const { doubtsOf } = await import('./open-run.ts');
  return doubtsOf(run);
}

/** After `lab fault`: a host of the lab that is named so far, then a kind. */
async function faultWords(before: readonly string[]): Promise<readonly string[]> {
  const words = before.slice(before.indexOf('fault') + 1);
  const at = words.indexOf('--lab');
  const given = words.filter((word, index) => !word.startsWith('-') && (at < 0 || index !== at + 1));
  if (given.length > 1) return [];
  if (given.length === 1) return (await import('../lab/fault-kinds.ts')).faultKinds.map(({ kind }) => kind);
  const { readLab } = await import('../lab/lab-record.ts');
  const lab = await readLab(at < 0 ? 'default' : (words[at + 1] ?? '')).catch(() => undefined);
  return lab?.hosts.map((host) => host.name) ?? [];
}

async function runbooks(): Promise<readonly string[]> {
  const { nameOf, packageRoot, runbookFiles } = await import('../runbook/load.ts');
  const root = packageRoot();
  return (await runbookFiles(root)).map((file) => nameOf(file, root));
}

/** Of the inventory that was named so far; with their groups where these may stand. */
async function hosts(before: readonly string[], groups: boolean): Promise<readonly string[]> {
  const at = before.findLastIndex((word) => word === '-i' || word === '--inventory');
  const source = at < 0 ? process.env['LOCKSTEP_INVENTORY'] : before[at + 1];
  if (source === undefined) return [];
  const { loadInventory } = await import('../inventory/load.ts');
  const { labInventoryPath } = await import('../lab/lab-paths.ts');
  const { inventory } = await loadInventory(source, labInventoryPath);
  return [...(groups ? Object.keys(inventory?.groups ?? {}) : []), ...Object.keys(inventory?.hosts ?? {})];
}

async function codes(): Promise<readonly string[]> {
  return (await import('../health/rules/index.ts')).RULES.map(({ code }) => code);
}

async function runs(): Promise<readonly string[]> {
  const { listRuns, runsRoot } = await import('../journal/run-directory.ts');
  return listRuns(runsRoot(process.env));
}

async function labs(): Promise<readonly string[]> {
  const { labNames } = await import('../lab/lab-record.ts');
  return labNames().catch(() => []);
}
