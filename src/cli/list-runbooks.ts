import { actions } from '../actions/index.ts';
import { loadRunbook, nameOf, packageRoot, runbookFiles } from '../runbook/load.ts';
import type { Runbook } from '../runbook/model.ts';

export interface ListOptions {
  readonly root?: string;
  readonly json?: boolean;
}

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly file: string;
  readonly inputs: Runbook['inputs'];
  /** Errors that lint finds; such a runbook does not run. */
  readonly errors: number;
}

/** The list as text. A runbook with errors is listed too, by its file. */
export async function listRunbooks(options: ListOptions): Promise<string> {
  const root = options.root ?? packageRoot();
  const listed = await Promise.all((await runbookFiles(root)).map((file) => read(file, root)));
  return options.json ? `${JSON.stringify(listed, null, 2)}\n` : listed.map(show).join('');
}

async function read(file: string, root: string): Promise<Listed> {
  const { runbook, problems } = await loadRunbook(file, actions, root);
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const { name = nameOf(file, root), version = '', title = '', inputs = {} } = runbook ?? {};
  return { name, version, title, file, inputs, errors };
}

function show({ name, version, title, inputs, errors, file }: Listed): string {
  if (errors > 0) {
    return `${name}\n    does not run: ${errors} ${errors === 1 ? 'error' : 'errors'}; lockstep lint ${file}\n`;
  }
  const lines = Object.entries(inputs).map(([input, { type, about, default: initial, oneOf }]) => {
    const extra = [
      oneOf?.join('|'),
      initial === undefined ? undefined : `default ${JSON.stringify(initial)}`,
    ];
    const notes = extra.filter((note) => note !== undefined).join(', ');
    return `    ${input}: ${type}${notes === '' ? '' : ` (${notes})`}${about === '' ? '' : `  ${about.trim()}`}\n`;
  });
  return `${name} ${version}  ${title}\n${lines.join('')}`;
}
