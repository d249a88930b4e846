import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import type { ReadPorts } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { cannotSee } from './cannot-see.ts';
import {
  type CommandParams,
  commandFields,
  commandName,
  commandOf,
  isOneCommand,
  oneCommand,
  resultOf,
  successOf,
} from './command-fields.ts';
import { commandLine } from './command-line.ts';
import { commandFailed, exitedWith, linesOf } from './exit-text.ts';
import { seesFunction } from './look-script.ts';
import { pathParam } from './path-param.ts';

const approved = z.strictObject(commandFields);
const params = z
  .strictObject({
    ...commandFields,
    creates: pathParam.optional().describe('Already done when this path exists on the host.'),
    shows: z
      .string()
      .min(1)
      .optional()
      .describe('What it does, in words; stands above the command line in the plan.'),
  })
  .refine(isOneCommand, oneCommand);

type Params = z.input<typeof params>;

export const command: ChangeAction<Params, { readonly exists: boolean }> = {
  kind: 'change',
  proof: 'command',
  name: 'command',
  about:
    'Runs a command that changes something, once, in the envelope: it outlives a lost link and never starts twice. ' +
    'Takes exactly one of `argv` and `script`. It cannot be read back, so the step says how to `check` or `verify` it.',
  params,
  reads: (host, { creates }) => (creates === undefined ? [] : [filesAt(host, creates)]),
  read: async (params, ports) => ({
    exists: params.creates !== undefined && (await pathExists(params.creates, params.as, ports)),
  }),
  diff: (params, facts) => (facts.exists ? [] : [changeOf(params)]),
  write: async (_params, changes, ports) => {
    const [change] = changes;
    if (change === undefined) return {};
    const data = approved.parse(change.data);
    const result = await ports.execute(commandOf(data));
    if (!exitedWith(result.exit, successOf(data))) throw commandFailed(commandName(data), result);
    return { command: result, result: resultOf(result) };
  },
};

function changeOf({ creates: _creates, shows, ...fields }: Params): Change {
  const lines: DiffLine[] = [];
  if (fields.argv !== undefined) lines.push({ op: '+', text: commandLine(fields.argv) });
  for (const text of linesOf(fields.script ?? '')) lines.push({ op: '+', text });
  for (const [name, value] of Object.entries(fields.env ?? {})) note(lines, `with ${name}=`, value);
  if (fields.stdin !== undefined) note(lines, 'reads ', fields.stdin);
  if (fields.cwd !== undefined) note(lines, 'in ', fields.cwd);
  if (fields.as !== undefined) note(lines, 'as ', fields.as);
  return { what: shows ?? commandName(fields), lines, data: given(fields) };
}

/** The fields that were given, as a `Value`. */
function given(fields: CommandParams): Value {
  const data: Record<string, Value> = {};
  for (const [name, value] of Object.entries(fields) as [string, Value | undefined][]) {
    if (value !== undefined) data[name] = value;
  }
  return data;
}

function note(lines: DiffLine[], before: string, value: Text): void {
  const [first, ...more] = value instanceof Secret ? [value.toString()] : linesOf(value);
  lines.push({ op: ' ', text: `${before}${first ?? ''}` });
  for (const text of more) lines.push({ op: ' ', text: `${' '.repeat(before.length)}${text}` });
}

async function pathExists(path: string, as: string | undefined, ports: ReadPorts): Promise<boolean> {
  const result = await ports.probe({
    script: `${seesFunction}p=$LOCKSTEP_PATH
if [ -e "$p" ] || [ -L "$p" ]; then exit 0; fi
if sees "$p"; then exit 1; fi
exit 4
`,
    env: { LC_ALL: 'C', LOCKSTEP_PATH: path },
    ...(as === undefined ? {} : { as }),
  });
  if (exitedWith(result.exit, [0])) return true;
  if (exitedWith(result.exit, [1])) return false;
  if (exitedWith(result.exit, [4])) throw cannotSee(path, as);
  throw commandFailed(`looking for ${path}`, result);
}
