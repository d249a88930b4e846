import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import type { Command, CommandResult, WritePorts } from '../engine/ports.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { fileInverse } from './file-inverse.ts';
import { makeDirectory, refusals, removePath, setOwnership, writeContent } from './file-scripts.ts';
import { type FileState, readFileState } from './file-state.ts';
import { lineDiff } from './line-diff.ts';
import { fourDigits, ownershipFields, ownershipLines } from './ownership.ts';
import { pathParam } from './path-param.ts';
import { openText, textParam } from './text-param.ts';

const params = z
  .strictObject({
    path: pathParam.describe('Absolute path; its parent directory must be there.'),
    state: z
      .enum(['present', 'absent', 'directory'])
      .default('present')
      .describe(
        '`present` is a file, `directory` a directory. `absent` removes a file or an empty directory.',
      ),
    content: textParam
      .optional()
      .describe('The whole content. Without it a file keeps its own, or is made empty.'),
    ...ownershipFields,
    as: openText.optional().describe('User who reads and writes it.'),
    backup: z.boolean().optional().describe('Keeps the old file beside the new one, as PATH.TIME.bak.'),
  })
  .refine((params) => params.content === undefined || (params.state ?? 'present') === 'present', {
    error: 'belongs to state "present"',
    path: ['content'],
  });

type Params = z.input<typeof params>;

const approved = z.strictObject({
  act: z.enum(['write', 'ownership', 'mkdir', 'remove']),
  path: z.string(),
  content: textParam,
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  as: z.string(),
  backup: z.boolean(),
  kept: z.string(),
});
type Approved = z.infer<typeof approved>;

export const file: ChangeAction<Params, FileState> = {
  kind: 'change',
  proof: 'readback',
  name: 'file',
  about:
    'Puts a file in place whole, or makes a directory, or removes either, with owner and mode. A new file without `mode` ' +
    'gets 0644, or 0600 when its content is a secret, a directory 0755; a file that is replaced keeps its own.',
  params,
  reads: (host, { path }) => [filesAt(host, path)],
  touches: (host, params) => [filesAt(host, params?.path ?? '/')],
  read: (params, ports) => readFileState(params, ports),
  diff,
  write: async (_params, changes, ports) => {
    const [change] = changes;
    return change === undefined ? {} : apply(approved.parse(change.data), ports);
  },
  result: ({ path }, state) => ({ path, kind: state.kind }),
  undo: {
    about:
      'What was created is removed; a file that was changed or removed comes back whole, with mode and owner: the old one ' +
      'is kept on the host before it is touched. A back-up that `backup` made stays.',
    inverse: (params, changes, state) => fileInverse(params, changes, state),
  },
};

function diff(params: Params, state: FileState): readonly Change[] {
  if (params.state === 'absent') {
    const { kept } = state;
    return state.kind === 'absent'
      ? []
      : [changeOf(params, 'remove', [{ op: '-', text: described(state) }], { kept })];
  }
  const directory = params.state === 'directory';
  if (state.kind !== 'absent' && state.kind !== (directory ? 'directory' : 'file')) {
    const lines: DiffLine[] = [
      { op: '-', text: described(state) },
      { op: '+', text: directory ? 'directory' : 'file' },
      { op: ' ', text: 'it will be refused: what is there is never replaced by something of another kind' },
    ];
    return [changeOf(params, directory ? 'mkdir' : 'write', lines)];
  }
  if (state.kind === 'absent') return [created(params, directory, state)];
  const owners = ownershipLines(params, state);
  if (state.same === false) {
    const kept = { mode: state.mode, owner: state.uid, group: state.gid, kept: state.kept };
    return [changeOf(params, 'write', [...contentLines(params.content ?? '', state), ...owners], kept)];
  }
  return owners.length === 0 ? [] : [changeOf(params, 'ownership', owners)];
}

function created(params: Params, directory: boolean, state: FileState): Change {
  const content = params.content ?? '';
  const mode = params.mode ?? (directory ? '0755' : content instanceof Secret ? '0600' : '0644');
  const lines: DiffLine[] = [
    { op: '+', text: `${directory ? 'directory' : 'file'}, mode ${fourDigits(mode)}` },
  ];
  if (params.owner !== undefined) lines.push({ op: '+', text: `owner ${params.owner}` });
  if (params.group !== undefined) lines.push({ op: '+', text: `group ${params.group}` });
  if (!directory) lines.push(...contentLines(content, state));
  if (!state.hasParent) lines.push({ op: ' ', text: 'its parent directory is not there yet' });
  return changeOf(params, directory ? 'mkdir' : 'write', lines, { mode });
}

/** What is not asked for is kept as it was (`defaults`), or left to the host when there was nothing. */
function changeOf(
  params: Params,
  act: Approved['act'],
  lines: readonly DiffLine[],
  defaults: { mode?: string; owner?: string; group?: string; kept?: string } = {},
): Change {
  return {
    what: params.path,
    lines,
    data: {
      act,
      path: params.path,
      content: params.content ?? '',
      mode: params.mode ?? defaults.mode ?? '',
      owner: params.owner ?? defaults.owner ?? '',
      group: params.group ?? defaults.group ?? '',
      as: params.as ?? '',
      backup: params.backup ?? false,
      kept: defaults.kept ?? '',
    },
  };
}

function contentLines(content: Text, state: FileState): readonly DiffLine[] {
  const there = state.kind === 'file';
  if (content instanceof Secret || (there && state.content === undefined)) {
    const now = content instanceof Secret ? content.toString() : `${byteLength(content)} bytes`;
    return [
      ...(there ? [{ op: '-' as const, text: `content, ${state.size} bytes` }] : []),
      { op: '+', text: `content ${now}` },
    ];
  }
  return lineDiff(state.content ?? '', content);
}

function described(state: FileState): string {
  if (state.kind === 'symlink') return `symbolic link to ${state.target}`;
  const kind = state.kind === 'other' ? 'neither file nor directory' : state.kind;
  return `${kind}, mode ${fourDigits(state.mode)}, ${state.owner}:${state.group}, ${state.size} bytes`;
}

async function apply(
  data: Approved,
  ports: WritePorts,
): Promise<{ result: { path: string; backup: string | null } }> {
  const { path, content } = data;
  const backup = data.backup && data.act !== 'ownership' ? `${path}.${timeName(ports.now())}.bak` : '';
  const script = { write: writeContent, ownership: setOwnership, mkdir: makeDirectory, remove: removePath }[
    data.act
  ];
  const done = await ports.execute({
    script,
    env: {
      ...fileEnv(data),
      LOCKSTEP_BACKUP: backup,
      // A secret too, since its length tells something of it.
      LOCKSTEP_SIZE: content instanceof Secret ? content.map(byteLength) : byteLength(content),
    },
    ...(data.act === 'write' ? { stdin: content } : {}),
    ...(data.as === '' ? {} : { as: data.as }),
  });
  refuse(`${data.act} ${path}`, done);
  return { result: { path, backup: backup === '' ? null : backup } };
}

export function fileEnv(data: {
  path: string;
  mode: string;
  owner: string;
  group: string;
  kept: string;
}): NonNullable<Command['env']> {
  return {
    LC_ALL: 'C',
    LOCKSTEP_PATH: data.path,
    LOCKSTEP_MODE: data.mode,
    LOCKSTEP_OWNER: data.owner,
    LOCKSTEP_GROUP: data.group,
    LOCKSTEP_BACKUP: '',
    LOCKSTEP_KEPT: data.kept,
  };
}

/** Throws unless a script of `file-scripts.ts` exited 0. */
export function refuse(subject: string, done: CommandResult): void {
  if (exitedWith(done.exit, [0])) return;
  const refusal = done.exit.kind === 'exited' ? refusals[done.exit.code] : undefined;
  if (refusal === undefined) throw commandFailed(subject, done);
  throw new ActionError(`${subject}: ${refusal.fact}`, { next: refusal.next, command: done });
}

function byteLength(text: string): string {
  return String(new TextEncoder().encode(text).length);
}

/** 20261122T020550Z */
function timeName(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
