/** Writes docs/runbooks.md from the runbooks: what each is for, its inputs, its steps, and where there is no way back. */
import { writeFileSync } from 'node:fs';
import { actions } from '../src/actions/index.ts';
import { loadRunbook, nameOf, packageRoot, runbookFiles } from '../src/runbook/load.ts';
import type { InputSpec, Runbook, SecretSpec, Step } from '../src/runbook/model.ts';

const HEAD = `# Runbooks

Made by \`npm run docs\` from the files in \`runbooks/\`; do not edit.

Each is planned first (\`lockstep plan NAME -i hosts.yaml --set …\`), run, and may be run again: a second run changes nothing.
What is held or killed goes on with \`lockstep resume\`; what has been done is taken back with \`lockstep undo\`, as far as
[docs/undo.md](undo.md) says. \`▲\` stops something for some seconds, \`●\` is a point of no return, whose host's name must be typed.
`;

const MARKS: Readonly<Record<Step['risk'], string>> = {
  read: '',
  change: '',
  disrupt: ' ▲',
  irreversible: ' ●',
};

export async function runbooksPage(root = packageRoot()): Promise<string> {
  const files = await runbookFiles(root);
  const loaded = await Promise.all(files.map((file) => loadRunbook(file, actions, root)));
  const runbooks = loaded.map(({ runbook }, at) => {
    if (!runbook) throw new Error(`${nameOf(files[at] ?? '', root)} does not load`);
    return runbook;
  });
  const index = runbooks.map(({ name, title }) => `- [${name}](#${anchorOf(name)}): ${title}`).join('\n');
  return [HEAD, index, ...runbooks.map(section)].join('\n').trimEnd().concat('\n');
}

/** As GitHub makes it of a heading. */
function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9 -]/g, '');
}

function section({ name, version, title, about, inputs, secrets, steps }: Runbook): string {
  const wanted = Object.entries(inputs)
    .filter(([, input]) => input.default === undefined)
    .map(([input]) => ` --set ${input}=…`);
  return `
## ${name}

${title} (${version}).

${about.trim()}

\`\`\`
lockstep run ${name} -i hosts.yaml${wanted.join('')}
\`\`\`

| input | |
|---|---|
${Object.entries(inputs).map(inputRow).concat(Object.entries(secrets).map(secretRow)).join('\n')}

${steps.map(stepLine).join('\n')}`;
}

function inputRow([name, { type, about, default: initial, oneOf }]: [string, InputSpec]): string {
  const notes = [
    type,
    oneOf?.join(' or '),
    initial === undefined ? 'wanted' : `default \`${JSON.stringify(initial)}\``,
  ];
  return `| \`${name}\` | ${cell(about)} (${notes.filter(Boolean).join(', ')}) |`;
}

function secretRow([name, { from, about }]: [string, SecretSpec]): string {
  return `| secret \`${name}\` | ${cell(about)} (${from.map((one) => `\`${one}\``).join(', then ')}) |`;
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|');
}

function stepLine({ id, title, call, risk }: Step, at: number): string {
  return `${at + 1}. ${title}${MARKS[risk]} (\`${id}\`, ${call.action})`;
}

if (import.meta.main) writeFileSync(new URL('../docs/runbooks.md', import.meta.url), await runbooksPage());
