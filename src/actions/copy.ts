import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import type { CommandResult, ReadPorts, WritePorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { fileEnv, refuse } from './file.ts';
import { fileInverse } from './file-inverse.ts';
import { acceptPart, receivePart, setOwnership } from './file-scripts.ts';
import { type FileState, readFileState } from './file-state.ts';
import { fourDigits, ownershipFields, ownershipLines } from './ownership.ts';
import { pathParam } from './path-param.ts';
import { openText } from './text-param.ts';

const params = z.strictObject({
  from: z
    .strictObject({
      host: z
        .union([openText.min(1), z.looseObject({ name: z.string() })])
        .describe('Host of the run that has the file: its name, or the host itself.'),
      path: pathParam.describe('Absolute path there.'),
      as: openText.optional().describe('User who reads it there.'),
    })
    .describe('The source.'),
  to: pathParam.describe('Absolute path on the host of the step.'),
  ...ownershipFields,
  as: openText.optional().describe('User who writes it.'),
});

type Params = z.input<typeof params>;

interface Facts {
  readonly source: FileState;
  readonly target: FileState;
  /** Empty when there is no file. */
  readonly sourceSha: string;
  readonly targetSha: string;
}

const approved = z.strictObject({
  act: z.enum(['copy', 'ownership']),
  host: z.string(),
  path: z.string(),
  sourceAs: z.string(),
  sha256: z.string(),
  to: z.string(),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  as: z.string(),
  kept: z.string(),
});
type Approved = z.infer<typeof approved>;

export const copy: ChangeAction<Params, Facts> = {
  kind: 'change',
  proof: 'readback',
  name: 'copy',
  about:
    'Copies a file from one host of the run to another, through the controller, and compares both by SHA-256. The file ' +
    'gets its name only when it is whole. A new one takes the mode of the source unless `mode` says otherwise.',
  params,
  reads: (host, params) => [filesAt(hostOf(params), params.from.path), filesAt(host, params.to)],
  touches: (host, params) => [filesAt(host, params?.to ?? '/')],
  read: async (params, ports) => {
    const there = ports.on(hostOf(params));
    const source = await readFileState(params.from, there);
    const target = await readFileState({ path: params.to, as: params.as }, ports);
    return {
      source,
      target,
      sourceSha: source.kind === 'file' ? await digest(params.from.path, params.from.as, there) : '',
      targetSha: target.kind === 'file' ? await digest(params.to, params.as, ports) : '',
    };
  },
  diff,
  write: async (_params, changes, ports) => {
    const [change] = changes;
    return change === undefined ? {} : apply(approved.parse(change.data), ports);
  },
  // A dump is carried and then removed, and reading both whole again may take an hour.
  lasts: () => false,
  result: (params, facts) => ({ path: params.to, sha256: facts.targetSha, bytes: facts.target.size }),
  undo: {
    about: 'A new file is removed; one that was replaced comes back whole, with mode and owner.',
    inverse: (params, changes, { target }) =>
      fileInverse({ path: params.to, as: params.as }, changes, target),
  },
};

function hostOf({ from }: Params): string {
  return typeof from.host === 'string' ? from.host : from.host.name;
}

async function digest(path: string, as: string | undefined, ports: ReadPorts): Promise<string> {
  const result = await ports.probe({
    script: 'sha256sum <"$LOCKSTEP_PATH"\n',
    env: { LC_ALL: 'C', LOCKSTEP_PATH: path },
    // A dump of many gigabytes is read whole.
    timeoutMs: 600_000,
    ...(as === undefined ? {} : { as }),
  });
  const sha = /^([0-9a-f]{64}) /.exec(result.stdout)?.[1];
  if (!exitedWith(result.exit, [0]) || sha === undefined) {
    throw commandFailed(`sha256sum of ${ports.host.name}:${path}`, result);
  }
  return sha;
}

function diff(params: Params, facts: Facts): readonly Change[] {
  const { source, target } = facts;
  if (target.kind === 'file' && facts.sourceSha !== '' && facts.sourceSha === facts.targetSha) {
    const lines = ownershipLines(params, target);
    return lines.length === 0 ? [] : [changeOf(params, facts, 'ownership', lines)];
  }
  const lines: DiffLine[] = [];
  if (target.kind === 'file') lines.push({ op: '-', text: contentText(target.size, facts.targetSha) });
  else if (target.kind !== 'absent')
    lines.push({ op: ' ', text: `it will be refused: ${params.to} is a ${target.kind}` });
  if (source.kind === 'file') lines.push({ op: '+', text: contentText(source.size, facts.sourceSha) });
  else lines.push({ op: ' ', text: `no file at the source yet (${source.kind})` });
  if (target.kind === 'file') lines.push(...ownershipLines(params, target));
  else lines.push({ op: '+', text: `mode ${fourDigits(params.mode ?? source.mode)}` });
  if (!target.hasParent) lines.push({ op: ' ', text: 'its parent directory is not there yet' });
  return [changeOf(params, facts, 'copy', lines)];
}

function contentText(bytes: number, sha: string): string {
  return `${bytes} bytes, sha256 ${sha}`;
}

function changeOf(params: Params, facts: Facts, act: Approved['act'], lines: readonly DiffLine[]): Change {
  const replaced = act === 'copy' && facts.target.kind === 'file' ? facts.target : undefined;
  const host = hostOf(params);
  return {
    what: `${params.to} from ${host}:${params.from.path}`,
    lines,
    data: {
      act,
      host,
      path: params.from.path,
      sourceAs: params.from.as ?? '',
      sha256: facts.sourceSha,
      to: params.to,
      mode: params.mode ?? replaced?.mode ?? (act === 'copy' ? facts.source.mode : ''),
      owner: params.owner ?? replaced?.uid ?? '',
      group: params.group ?? replaced?.gid ?? '',
      as: params.as ?? '',
      kept: replaced?.kept ?? '',
    },
  };
}

async function apply(data: Approved, ports: WritePorts): Promise<{ command: CommandResult }> {
  const env = fileEnv({ ...data, path: data.to });
  const as = data.as === '' ? {} : { as: data.as };
  const subject = `copying ${data.host}:${data.path} to ${data.to}`;
  if (data.act === 'copy') {
    if (data.sha256 === '') {
      throw new ActionError(`${subject}: there is no file at the source`, {
        next: `Make sure that the step which writes ${data.path} on ${data.host} has run.`,
      });
    }
    await ports.transfer(
      {
        host: data.host,
        command: { argv: ['cat', '--', data.path], ...(data.sourceAs === '' ? {} : { as: data.sourceAs }) },
      },
      { host: ports.host.name, command: { script: receivePart, env, ...as } },
    );
  }
  const done = await ports.execute({
    script: data.act === 'copy' ? acceptPart : setOwnership,
    env: { ...env, LOCKSTEP_SHA256: data.sha256 },
    ...as,
  });
  refuse(subject, done);
  return { command: done };
}
